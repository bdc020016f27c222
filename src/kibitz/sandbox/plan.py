"""A run as data: what is to be done in which sandbox, before anything is done.

Rule: plain values, made by `kibitz.sandbox.languages` and carried out by the rest. A sandbox does one `Stage` for one program: a shell
script that waits for the program's text on its standard input, a line with the number of bytes and then the bytes, and that leaves
what follows to the program. So whatever a stage can do before it knows the program, it has done when the program comes.
"""

from dataclasses import dataclass, field
from typing import Final

from kibitz.sandbox.policy import Limits

TOOLS: Final = "/opt/kibitz"
"""Where a sandbox has what Kibitz itself brings along, read-only; what was made for the language is in `made` there."""

RECEIVE: Final = 'read -r size && head -c "$size" >{file}'
"""The shell's way to take the program: `head` reads no byte more than it is asked for."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one sandbox does.

    `script` is for a POSIX shell, which stays and waits, as process 1. `files` are contents by their path inside; `configuration` are
    patterns of files and directories below /etc that the toolchain cannot do without, bound read-only. `warm` is how many such
    sandboxes wait for the next program once the language is in use. `tools` is the language whose tools are at hand in `TOOLS/made`.
    """

    name: str
    script: str
    limits: Limits = field(default_factory=Limits)
    files: tuple[tuple[str, bytes], ...] = ()
    configuration: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    warm: int = 1
    tools: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A file that Kibitz has made once for a toolchain, by a script that writes it to standard output; tools made before are at hand.

    Without a `needed` one there is no run; the others only make it faster, and are made when there is time.
    """

    name: str
    script: str
    source: bytes = b""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """A language. `kibitz.sandbox.languages` finds each module that has one under the name `LANGUAGE`.

    `name` is what goes over the wire; `package` is Debian's package that brings the `programs`; `version` is a shell command that
    prints the toolchain's number, and `toolchain` what stands before it. `proof` is a program that prints `hello, ` and the first line
    of its input. `compile` writes the compiled program to standard output and its complaints to standard error; `run` takes the
    compiled program, or the source where there is no `compile`.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    extensions: tuple[str, ...]
    package: str
    programs: tuple[str, ...]
    toolchain: str
    version: str
    proof: str
    run: Stage
    compile: Stage | None = None
    tools: tuple[Tool, ...] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What it takes to run a program, in order."""
        return (self.run,) if self.compile is None else (self.compile, self.run)
