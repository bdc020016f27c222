"""C in a sandbox: it shows what it writes in time, as in a terminal."""

import asyncio

import pytest
from tests.unit.sandbox.workshops import Room, needs

from kibitz.sandbox.languages.c import LANGUAGE

pytestmark = needs("c")


async def test_its_proof_greets(room: Room) -> None:
    assert (await room.run("c", LANGUAGE.proof, "bob\n")).text() == "hello, bob\n"


async def test_lines_and_prompts_are_seen_at_once(room: Room) -> None:
    source = """
    #include <stdio.h>
    int main(void) {
        char line[80];
        printf("tick\\n");
        fgets(line, sizeof line, stdin);
        printf("name? ");
        fgets(line, sizeof line, stdin);
        printf("hello, %s", line);
    }
    """
    told = room.a_run("c", source, keep_stdin_open=True)
    task = asyncio.get_running_loop().create_task(told.carry_out(room.workshop))
    await told.until("tick\n")
    told.run.give("on\n", eof=False)
    await told.until("tick\nname? ")
    told.run.give("bob\n", eof=False)
    await task
    assert told.text() == "tick\nname? hello, bob\n"


@pytest.mark.parametrize(
    ("body", "signal"),
    [("abort();", "SIGABRT"), ("*(volatile int *)0 = 1;", "SIGSEGV"), ("raise(SIGTERM);", "SIGTERM")],
)
async def test_a_crash_is_told_by_its_signal(room: Room, body: str, signal: str) -> None:
    told = await room.run("c", f"#include <signal.h>\n#include <stdlib.h>\nint main(void) {{ {body} }}\n")
    assert (told.result.exit_code, told.result.signal) == (None, signal)


async def test_mathematics_and_threads_are_linked(room: Room) -> None:
    source = """
    #include <math.h>
    #include <pthread.h>
    #include <stdio.h>
    #include <threads.h>
    static void *work(void *argument) { return argument; }
    int main(int argc, char **argv) {
        pthread_t thread;
        pthread_create(&thread, NULL, work, NULL);
        pthread_join(thread, NULL);
        printf("%.3f\\n", sqrt(argc + 1.0));
    }
    """
    assert (await room.run("c", source)).text() == "1.414\n"


async def test_no_file_of_the_host_gets_into_a_program(room: Room) -> None:
    for line in ('#include "/etc/shadow"', '__asm__(".incbin \\"/etc/shadow\\"");'):
        told = await room.run("c", f"{line}\nint main(void) {{ return 0; }}\n")
        assert not told.result.compiled
        assert "root:" not in told.text("stderr")
