"""Give the parser and the interpreter more depth than they have.

area: compilers
ends: exit 0 | signal 11 | memory
naive: the interpreter refuses it
"""

import ast
import sys

from tests.sandbox.attacks.probes.python.prelude import told


def deeper(level: int) -> int:
    return deeper(level + 1) + 1


sys.setrecursionlimit(50_000)
told("nested brackets", lambda: compile("(" * 100_000 + ")" * 100_000, "x", "eval"))
told("nested minus signs", lambda: ast.literal_eval("-" * 200_000 + "1"))
told("nested calls", lambda: deeper(0))
