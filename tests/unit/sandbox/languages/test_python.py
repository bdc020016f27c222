"""Python in a sandbox: it behaves as it does at home, and shows what it writes in time."""

import asyncio

from tests.unit.sandbox.workshops import Room, needs

from kibitz.sandbox.languages.python import LANGUAGE

pytestmark = needs("python")


async def test_its_proof_greets(room: Room) -> None:
    assert (await room.run("python", LANGUAGE.proof, "bob\n")).text() == "hello, bob\n"


async def test_a_traceback_is_pythons_own(room: Room) -> None:
    told = await room.run("python", "def f():\n    return 1 / 0\nf()\n")
    assert told.result.exit_code == 1
    lines = told.text("stderr").splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert '  File "/box/main.py", line 3, in <module>' in lines
    assert "    return 1 / 0" in lines
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert "sitecustomize" not in told.text("stderr")


async def test_the_program_sees_nothing_of_how_it_came(room: Room) -> None:
    source = (
        "import os, sys\nprint(sys.argv, __name__, __file__, sys.path[0], [k for k in os.environ if 'PYTHON' in k])\n"
    )
    source += "print('opt' in ' '.join(sys.path))"
    told = await room.run("python", source)
    assert told.text() == "['main.py'] __main__ /box/main.py /box []\nFalse\n"


async def test_lines_and_prompts_are_seen_at_once(room: Room) -> None:
    source = "import sys\nprint('tick')\nsys.stdin.readline()\nprint('name? ', end='')\nsys.stdin.readline()\ninput('more? ')"
    told = room.a_run("python", source, keep_stdin_open=True)
    task = asyncio.get_running_loop().create_task(told.carry_out(room.workshop))
    seen = ""
    for piece in ("tick\n", "name? ", "more? "):
        seen += piece
        await told.until(seen)
        told.run.give("on\n", eof=False)
    await task
    assert told.result.exit_code == 0


async def test_all_of_standard_input_can_be_read_in_every_way(room: Room) -> None:
    source = "import sys\nprint(sys.stdin.readline().strip(), next(sys.stdin).strip(), repr(sys.stdin.read()))"
    assert (await room.run("python", source, "one\ntwo\nü\n")).text() == "one two 'ü\\n'\n"
    source = "import os, sys\nprint(sys.stdin.buffer.readline(), os.read(0, 10), sys.stdin.encoding)"
    told = await room.run("python", source, "one\n")
    assert told.text() == "b'one\\n' b'' utf-8\n"


async def test_processes_and_threads_work(room: Room) -> None:
    source = (
        "import multiprocessing, threading, subprocess\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))\n"
        "    t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()\n"
        "    print(subprocess.run(['python3', '-c', 'print(5)'], capture_output=True, text=True).stdout)\n"
    )
    assert (await room.run("python", source)).text() == "[1, 2]\nthread\n5\n\n"


async def test_a_program_that_is_not_text_is_refused_by_python_itself(room: Room) -> None:
    told = await room.run("python", "print('\0')")
    assert told.result.exit_code == 1
    assert "SyntaxError" in told.text("stderr") or "ValueError" in told.text("stderr")
