"""Java in a sandbox: a program behaves as after javac and java, though its runtimes were there before it."""

import asyncio

import pytest
from tests.unit.sandbox.workshops import Room, Told, needs

from kibitz.sandbox.languages.java import LANGUAGE

pytestmark = [needs("java"), pytest.mark.timeout(300)]


async def run(room: Room, body: str, *, rest: str = "", name: str = "Main") -> Told:
    return await room.run(
        "java", f"public class {name} {{ public static void main(String[] args) {{ {body} }} }} {rest}"
    )


async def test_its_proof_greets(room: Room) -> None:
    assert (await room.run("java", LANGUAGE.proof, "bob\n")).text() == "hello, bob\n"


async def test_an_error_of_the_compiler_is_told_as_javac_tells_it(room: Room) -> None:
    told = await run(room, 'int x = "s";')
    assert (told.result.compiled, told.result.exit_code) == (False, 1)
    assert told.text("stderr").startswith("Main.java:1: error: incompatible types")
    assert told.text("stderr").endswith("1 error\n")


async def test_an_exception_is_told_as_java_tells_it(room: Room) -> None:
    told = await run(room, 'throw new IllegalStateException("oh", new RuntimeException("why"));')
    assert told.result.exit_code == 1
    assert told.text("stderr") == (
        'Exception in thread "main" java.lang.IllegalStateException: oh\n'
        "\tat Main.main(Main.java:1)\n"
        "Caused by: java.lang.RuntimeException: why\n"
        "\t... 1 more\n"
    )


async def test_a_public_class_may_have_any_name_and_others_may_stand_beside_it(room: Room) -> None:
    told = await run(
        room, "System.out.print(new Other().get());", rest="class Other { int get() { return 42; } }", name="Greeter"
    )
    assert told.text() == "42"


async def test_a_package_and_inner_classes_are_found(room: Room) -> None:
    source = "package a.b; class Main { record P(int x) {} public static void main(String... a) { System.out.print(new P(1)); } }"
    assert (await room.run("java", source)).text() == "P[x=1]"


async def test_a_program_without_a_beginning_is_told(room: Room) -> None:
    told = await room.run("java", "class Main { }")
    assert told.result.exit_code == 1
    assert "public static void main" in told.text("stderr")


async def test_an_exit_status_and_other_threads_are_kept(room: Room) -> None:
    told = await run(room, 'new Thread(() -> { System.out.print("on"); System.exit(5); }).start();')
    assert (told.text(), told.result.exit_code) == ("on", 5)


async def test_a_prompt_is_seen_before_its_answer(room: Room) -> None:
    body = 'System.out.print("name? "); System.out.println("hello, " + new java.util.Scanner(System.in).nextLine());'
    told = room.a_run(
        "java",
        f"public class Main {{ public static void main(String[] args) {{ {body} }} }}",
        keep_stdin_open=True,
    )
    task = asyncio.get_running_loop().create_task(told.carry_out(room.workshop))
    await told.until("name? ")
    told.run.give("bob\n", eof=False)
    await task
    assert told.text() == "name? hello, bob\n"
