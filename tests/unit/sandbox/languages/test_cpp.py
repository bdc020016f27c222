"""C++ in a sandbox: what is precompiled makes it faster, and changes nothing else."""

import asyncio

import pytest
from tests.unit.sandbox.workshops import Room, needs

from kibitz.sandbox.languages import languages
from kibitz.sandbox.languages.cpp import LANGUAGE

pytestmark = needs("cpp")


async def test_its_proof_greets(room: Room) -> None:
    assert (await room.run("cpp", LANGUAGE.proof, "bob\n")).text() == "hello, bob\n"


async def test_lines_and_prompts_are_seen_at_once(room: Room) -> None:
    source = """
    #include <iostream>
    int main() {
        std::string line;
        std::cout << "tick\\n";
        std::getline(std::cin, line);
        std::cout << "name? ";
        std::getline(std::cin, line);
        std::cout << "hello, " << line << "\\n";
    }
    """
    told = room.a_run("cpp", source, keep_stdin_open=True)
    task = asyncio.get_running_loop().create_task(told.carry_out(room.workshop))
    await told.until("tick\n")
    told.run.give("on\n", eof=False)
    await told.until("tick\nname? ")
    told.run.give("bob\n", eof=False)
    await task
    assert told.text() == "tick\nname? hello, bob\n"


async def test_an_exception_that_nobody_catches_is_told(room: Room) -> None:
    told = await room.run("cpp", '#include <stdexcept>\nint main() { throw std::runtime_error("oh"); }\n')
    assert told.result.signal == "SIGABRT"
    assert "what():  oh" in told.text("stderr")


@pytest.fixture
async def precompiled(room: Room) -> Room:
    """A workshop in which every header that is precompiled is there."""
    assert await room.workshop._toolbox.make(languages()["cpp"], needed=False)
    return room


@pytest.mark.timeout(300)
async def test_a_precompiled_header_is_used_and_brings_nothing_the_program_did_not_ask_for(precompiled: Room) -> None:
    run = precompiled.run
    all_of_it = "#include <bits/stdc++.h>\nint main() { std::map<int, int> m{{1, 2}}; std::cout << m[1]; }\n"
    told = await run("cpp", all_of_it)
    assert (told.text(), told.text("stderr")) == ("2", "")
    told = await run("cpp", "#include <iostream>\nint main() { std::map<int, int> m; }\n")
    assert not told.result.compiled
    assert "map" in told.text("stderr")


@pytest.mark.timeout(300)
async def test_what_a_program_defines_before_a_header_counts(precompiled: Room) -> None:
    source = "#define _GLIBCXX_ASSERTIONS\n#include <iostream>\n#include <vector>\n"
    told = await precompiled.run("cpp", source + "int main() { std::vector<int> v; std::cout << v[1]; }\n")
    assert told.result.signal == "SIGABRT"
    assert "Assertion" in told.text("stderr")
