"""Java, by OpenJDK.

Rule: one runtime compiles and another runs, each of which starts, and has used what it needs, before it knows the program. In the second
the program's classes lie in the current directory and are found on the class path, as after `javac Main.java && java Main`.
"""

from pathlib import Path
from typing import Final

from kibitz.sandbox.plan import TOOLS, Language, Stage, Tool
from kibitz.sandbox.policy import COMPILE_SECONDS, Limits

MADE: Final = f"{TOOLS}/made"

CONFIGURATION: Final = ("java-*-openjdk",)
"""Debian keeps in /etc what the runtime reads at its start."""

_OPTIONS: Final = "-XX:+UseSerialGC -XX:-UsePerfData -Xshare:auto -XX:ActiveProcessorCount=2 -XX:-CreateCoredumpOnCrash"
"""The collector that starts fastest, no file for monitors, and no threads for cores that a run does not get."""

_COMPILER: Final = f"{_OPTIONS} -XX:TieredStopAtLevel=1 -Xmx256m -cp {MADE}/agent.jar"
"""javac gains nothing from the second, slower compiler of the runtime."""

_LAUNCHER: Final = f"{_OPTIONS} -Xmx320m -cp {MADE}/agent.jar"


def _java(options: str, archive: str, main: str, more: str = "") -> str:
    """Start the runtime, with its archive of classes where it has been made by now."""
    archived = f"{MADE}/{archive}"
    return (
        f"[ -e {archived} ] && archive=-XX:SharedArchiveFile={archived}\njava $archive {options}{more} {main}; exit $?"
    )


def _archive(name: str, options: str, main: str) -> Tool:
    """The classes that a rehearsal loads, in the form in which the runtime can map them."""
    script = f"java -XX:ArchiveClassesAtExit=classes.jsa {options} {main} rehearse >&2 && exec cat classes.jsa"
    return Tool(name=name, script=script)


LANGUAGE: Final = Language(
    name="java",
    title="Java",
    aliases=("jdk",),
    extensions=(".java",),
    package="default-jdk-headless",
    programs=("javac", "java"),
    toolchain="OpenJDK",
    version="""sed -n 's/^JAVA_VERSION="\\(.*\\)"/\\1/p' "$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")/release\"""",
    proof="public class Main { public static void main(String[] args) {"
    'System.out.println("hello, " + new java.util.Scanner(System.in).nextLine()); } }',
    compile=Stage(
        name="javac",
        script=_java(_COMPILER, "compiler.jsa", "kibitz.Compiler"),
        limits=Limits(seconds=COMPILE_SECONDS),
        configuration=CONFIGURATION,
        tools="java",
    ),
    run=Stage(
        name="java",
        script=_java(_LAUNCHER, "launcher.jsa", "kibitz.Launcher", more=":."),
        configuration=CONFIGURATION,
        tools="java",
    ),
    tools=(
        Tool(
            name="agent.jar",
            script='read -r size && head -c "$size" >Agent.java && javac -d classes Agent.java >&2 && jar cf agent.jar -C classes . && exec cat agent.jar',
            source=Path(__file__).with_name("Agent.java").read_bytes(),
            needed=True,
        ),
        _archive("compiler.jsa", _COMPILER, "kibitz.Compiler"),
        _archive("launcher.jsa", _LAUNCHER, "kibitz.Launcher"),
    ),
)
