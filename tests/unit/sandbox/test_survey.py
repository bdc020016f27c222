"""Which toolchains this machine has."""

import shutil

import pytest
from tests.unit.sandbox.boxes import needs_sandbox
from tests.unit.sandbox.workshops import Room

from kibitz.sandbox import survey
from kibitz.sandbox.jail.arguments import PATH
from kibitz.sandbox.languages import languages


@needs_sandbox
async def test_what_is_here_is_found_with_its_number(room: Room) -> None:
    found = await survey.versions(room.workshop, languages().values())
    here = {
        name
        for name, language in languages().items()
        if all(shutil.which(program, path=PATH) for program in language.programs)
    }
    assert set(found) == here
    assert all(number[0].isdecimal() and "." in number for number in found.values())


def test_what_is_here_is_told_with_its_number() -> None:
    infos = {info.name: info for info in survey.infos(languages().values(), {"c": "12.2.0"})}
    assert (infos["c"].version, infos["c"].missing) == ("GCC 12.2.0", None)


@pytest.mark.parametrize("name", sorted(languages()))
def test_what_is_missing_is_told_with_the_package_to_install(name: str) -> None:
    language = languages()[name]
    (info,) = survey.infos([language], {})
    assert info.version == ""
    assert info.missing is not None
    assert f"apt-get install {language.package}" in info.missing


@pytest.mark.parametrize("answer", ["", "c\n", "garbage", "\n\n"])
def test_an_answer_that_makes_no_sense_finds_nothing(answer: str) -> None:
    assert survey._read(answer) == {}
