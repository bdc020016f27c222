"""What C and C++ have in common: how a compiled program runs, and how it comes to show its output in time.

Rule: what a program prints is seen when it would be seen in a terminal. An object that is linked into every program sets its standard
input and output to lines, upon which glibc also shows a prompt before it reads. (`stdbuf` shows no prompt, or is 80 times slower.)
"""

from typing import Final

from kibitz.sandbox.plan import RECEIVE, TOOLS, Stage, Tool
from kibitz.sandbox.policy import COMPILE_SECONDS, MAX_ADDRESS_SPACE, Limits

RUN: Final = Stage(
    name="native",
    script=f"{RECEIVE.format(file='main')} && chmod 0700 main && ./main; exit $?",
    limits=Limits(address_space=MAX_ADDRESS_SPACE),
    warm=2,
)
"""A compiled program is given, and runs."""

COMPILER: Final = Limits(seconds=COMPILE_SECONDS, address_space=MAX_ADDRESS_SPACE)
"""What a compiler may take."""

LINKER: Final = "command -v ld.gold >/dev/null && linker=-fuse-ld=gold\n"
"""Chooses the faster linker where there are two, before the program is there; it links in half the time."""

MADE: Final = f"{TOOLS}/made"

LIVE: Final = Tool(
    name="live.o",
    script=f"{RECEIVE.format(file='live.c')} && gcc -O2 -c live.c -o live.o >&2 && cat live.o",
    source=b"""\
#include <stdio.h>

static void __attribute__((constructor)) show_lines(void)
{
    setvbuf(stdin, NULL, _IOLBF, BUFSIZ);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}
""",
    needed=True,
)
"""The object that every program gets."""
