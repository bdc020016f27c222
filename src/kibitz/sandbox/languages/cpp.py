"""C++, by GCC.

Rule: a precompiled header is used only where the program itself includes all that is in it, so that a program that compiles here compiles
elsewhere. GCC sees to that: it finds one in place of the first header a program includes, and refuses it where the program has
defined something before.
"""

from typing import Final

from kibitz.sandbox.languages.native import COMPILER, LINKER, LIVE, MADE, RUN
from kibitz.sandbox.plan import RECEIVE, Language, Stage, Tool

FLAGS: Final = "-O2"
"""A precompiled header serves only with the flags it was made with."""


def _precompiled(header: str) -> Tool:
    """The header, so that `#include` finds it below `headers` before it finds the library's."""
    return Tool(
        name=f"headers/{header}.gch",
        script=f"{RECEIVE.format(file='all.h')} && g++ {FLAGS} -pthread -x c++-header all.h -o all.gch >&2 && exec cat all.gch",
        source=f"#include <{header}>\n".encode(),
    )


LANGUAGE: Final = Language(
    name="cpp",
    title="C++",
    aliases=("c++", "cxx", "cc", "g++"),
    extensions=(".cpp", ".cc", ".cxx", ".c++"),
    package="g++",
    programs=("g++",),
    toolchain="GCC",
    version="g++ -dumpfullversion",
    proof='#include <iostream>\nint main() { std::string name; std::cin >> name; std::cout << "hello, " << name << std::endl; }\n',
    compile=Stage(
        name="cpp",
        script=f"{LINKER}{RECEIVE.format(file='main.cpp')} &&\n"
        f"g++ {FLAGS} -pipe -pthread -I {MADE}/headers $linker main.cpp {MADE}/live.o -o main >&2 && exec cat main",
        limits=COMPILER,
        tools="cpp",
    ),
    run=RUN,
    tools=(LIVE, _precompiled("iostream"), _precompiled("bits/stdc++.h")),
)
