"""Which toolchains this machine has.

Rule: looked for where programs will find them, inside a sandbox; what is missing is named with the package that brings it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from kibitz.sandbox.jail.arguments import PATH
from kibitz.sandbox.messages import LanguageInfo, Stream
from kibitz.sandbox.plan import Language, Stage
from kibitz.sandbox.policy import Limits
from kibitz.sandbox.workshop import Workshop

SECONDS: Final = 20.0
"""How long it may take on a machine that is busy; it takes about 60 ms."""


async def versions(workshop: Workshop, languages: Iterable[Language]) -> dict[str, str]:
    """The number of each toolchain that is here, by the name of its language."""
    asked = list(languages)
    configuration = tuple({pattern: None for one in asked for pattern in one.run.configuration})
    stage = Stage(
        name="survey",
        script="read -r size\n" + "".join(_question(one) for one in asked),
        limits=Limits(seconds=SECONDS),
        configuration=configuration,
    )
    answer = bytearray()

    def hear(stream: Stream, data: bytes) -> None:
        if stream == "stdout":
            answer.extend(data)

    await workshop.attend(workshop.box(stage), b"", hear)
    return _read(answer.decode(errors="replace"))


def _question(language: Language) -> str:
    have = " && ".join(f"command -v {program} >/dev/null" for program in language.programs)
    return f'if {have}; then echo "{language.name} $({language.version})"; fi\n'


def _read(answer: str) -> dict[str, str]:
    rows = (line.split(None, 1) for line in answer.splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 2}


def infos(languages: Iterable[Language], found: Mapping[str, str]) -> tuple[LanguageInfo, ...]:
    """What is told of each language."""
    return tuple(_info(language, found.get(language.name)) for language in languages)


def _info(language: Language, version: str | None) -> LanguageInfo:
    return LanguageInfo(
        name=language.name,
        title=language.title,
        aliases=language.aliases,
        extensions=language.extensions,
        version=f"{language.toolchain} {version}" if version else "",
        missing=None if version else _missing(language),
    )


def _missing(language: Language) -> str:
    programs = " and ".join(language.programs)
    return (
        f"{language.title} cannot be run here: {programs} is not in {PATH.replace(':', ', ')}. "
        f"Install it, on Debian and Ubuntu with 'apt-get install {language.package}'."
    )
