"""JavaScript in a sandbox: it behaves as it does at home, and shows what it writes in time."""

import asyncio

from tests.unit.sandbox.workshops import Room, needs

from kibitz.sandbox.languages.javascript import LANGUAGE

pytestmark = needs("javascript")


async def test_its_proof_greets(room: Room) -> None:
    assert (await room.run("javascript", LANGUAGE.proof, "bob\n")).text() == "hello, bob\n"


async def test_the_program_sees_nothing_of_how_it_came(room: Room) -> None:
    source = "console.log(process.argv[1], process.execArgv, process.env.KIBITZ_RECEIVE, require.main === module)"
    told = await room.run("javascript", source)
    assert told.text() == "/box/main.js [] undefined true\n"


async def test_an_error_names_the_place(room: Room) -> None:
    told = await room.run("javascript", "function f() {\n  throw new Error('oh');\n}\nf();\n")
    assert told.result.exit_code == 1
    assert "/box/main.js:2" in told.text("stderr")
    assert "Error: oh" in told.text("stderr")


async def test_a_prompt_is_seen_before_its_answer(room: Room) -> None:
    source = (
        "const rl = require('readline').createInterface({input: process.stdin, output: process.stdout});"
        "rl.question('name? ', (name) => { console.log('hello ' + name); rl.close(); });"
    )
    told = room.a_run("javascript", source, keep_stdin_open=True)
    task = asyncio.get_running_loop().create_task(told.carry_out(room.workshop))
    await told.until("name? ")
    told.run.give("bob\n", eof=False)
    await task
    assert told.text() == "name? hello bob\n"
    assert told.result.exit_code == 0, "it ends though its input is still open"


async def test_input_can_be_read_to_its_end(room: Room) -> None:
    source = (
        "let all = ''; process.stdin.on('data', (data) => { all += data; }).on('end', () => console.log(all.length));"
    )
    assert (await room.run("javascript", source, "x" * 300_000)).text() == "300000\n"


async def test_workers_and_children_do_not_wait_for_a_program_of_their_own(room: Room) -> None:
    source = (
        "const { Worker, isMainThread, parentPort } = require('worker_threads');\n"
        "if (isMainThread) {\n"
        "  new Worker(__filename).on('message', console.log).on('exit', () => {\n"
        "    console.log(require('child_process').execFileSync('node', ['-p', '1 + 1']).toString());\n"
        "  });\n"
        "} else parentPort.postMessage('worker');\n"
    )
    assert (await room.run("javascript", source)).text() == "worker\n2\n\n"


async def test_running_out_of_memory_ends_it(room: Room) -> None:
    told = await room.run("javascript", "const all = []; for (;;) all.push(Buffer.alloc(10_000_000, 1));")
    assert told.result.exit_code != 0
    assert told.result.killed_for == "memory" or "allocation failed" in told.text("stderr")
