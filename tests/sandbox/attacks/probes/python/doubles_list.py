"""Double a list until the allocator gives up, as a beginner's endless loop does.

area: memory
alone: yes
ends: exit 0 | exit 1 | memory | signal 9
"""

from tests.sandbox.attacks.probes.python.prelude import reached

numbers = [0]
try:
    while len(numbers) < 100_000_000:
        numbers += numbers
except MemoryError:
    pass
reached("MiB of list", len(numbers) * 8 // 2**20, 1000)
