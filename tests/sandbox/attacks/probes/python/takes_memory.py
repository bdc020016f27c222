"""Take memory until there is none, and go on after each refusal.

area: memory
alone: yes
ends: exit 0 | memory | signal 9
"""

from tests.sandbox.attacks.probes.python.prelude import reached

held: list[bytes] = []
refusals = 0
while len(held) < 96 and refusals < 20:
    try:
        held.append(b"x" * (16 * 1024 * 1024))
    except MemoryError:
        refusals += 1
reached("MiB of heap", len(held) * 16, 1024)
