"""C, by GCC.

Rule: the compiler's own defaults, optimised as one would for use; every library of the C standard is linked.
"""

from typing import Final

from kibitz.sandbox.languages.native import COMPILER, LINKER, LIVE, MADE, RUN
from kibitz.sandbox.plan import RECEIVE, Language, Stage

LANGUAGE: Final = Language(
    name="c",
    title="C",
    aliases=(),
    extensions=(".c",),
    package="gcc libc6-dev",
    programs=("gcc",),
    toolchain="GCC",
    version="gcc -dumpfullversion",
    proof='#include <stdio.h>\nint main(void) { char name[80]; scanf("%79s", name); printf("hello, %s\\n", name); }\n',
    compile=Stage(
        name="c",
        script=f"{LINKER}{RECEIVE.format(file='main.c')} &&\n"
        f"gcc -O2 -pipe $linker main.c {MADE}/live.o -o main -lm -pthread >&2 && exec cat main",
        limits=COMPILER,
        tools="c",
    ),
    run=RUN,
    tools=(LIVE,),
)
