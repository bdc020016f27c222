"""One program, run from a terminal."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from tests.unit.runner.sandboxes import PATIENCE, acting, real_command
from tests.unit.sandbox.workshops import needs

from kibitz.domain.errors import Refusal
from kibitz.runner.once import run_file


class Paper:
    """Where the output goes."""

    def __init__(self) -> None:
        self.text = {"stdout": "", "stderr": ""}

    def __call__(self, stream: str, text: str) -> None:
        self.text[stream] += text


@needs("python")
class TestARealSandbox:
    def test_what_is_typed_goes_in_and_what_is_written_comes_out_as_it_comes(self) -> None:
        reader, writer = os.pipe()
        paper = Paper()

        def write(stream: str, text: str) -> None:
            paper(stream, text)
            if paper.text["stdout"] == "name? ":
                os.write(writer, "böb\n".encode())  # only now: an answer to what was seen
            elif paper.text["stdout"].endswith("böb\n"):
                os.close(writer)

        source = "import sys\nprint('hello,', input('name? '))\nsys.exit(len(sys.stdin.read()) + 3)"
        with real_command() as command:
            once = run_file("a.py", source, write=write, stdin=reader, command=command)
        os.close(reader)
        assert paper.text == {"stdout": "name? hello, böb\n", "stderr": ""}
        assert (once.result.exit_code, once.language) == (3, "python")
        assert once.toolchain.startswith("Python ")

    def test_a_language_may_be_named_and_input_left_out(self) -> None:
        paper = Paper()
        with real_command() as command:
            once = run_file("-", "print(input())", language="py", write=paper, stdin=None, command=command)
        assert once.result.exit_code == 1
        assert "EOFError" in paper.text["stderr"]

    def test_the_first_interrupt_stops_the_program(self) -> None:
        def write(_: str, text: str) -> None:
            if text == "up\n":
                os.kill(os.getpid(), signal.SIGINT)

        with real_command() as command:
            source = "print('up')\nimport time\ntime.sleep(1000)"
            once = run_file("a.py", source, write=write, stdin=None, command=command)
        assert once.result.killed_for == "stopped"

    def test_without_a_place_for_it_output_goes_to_this_process(self) -> None:
        code = "import sys; from kibitz.runner.once import run_file\n"
        code += "once = run_file('a.py', 'import sys; print(1); print(2, file=sys.stderr)', command=sys.argv[1:])"
        with real_command() as command:
            done = subprocess.run(
                [sys.executable, "-c", code, *command],
                check=True,
                capture_output=True,
                text=True,
                input="",
                timeout=PATIENCE,
            )
        assert (done.stdout, done.stderr) == ("1\n", "2\n")


GREETS = "hello()\nhear()"


@pytest.mark.parametrize(
    ("name", "language", "says"),
    [("Makefile", None, "does not say which language"), ("a.py", "cobol", "no language cobol; there are python")],
)
def test_a_language_that_there_is_none_of_is_refused(name: str, language: str | None, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        run_file(name, "", language=language, command=acting(GREETS))


def test_what_the_sandbox_refuses_is_raised() -> None:
    refuses = "hello()\nsay('refused', run=hear()['run'], code='busy', message='Full.')\nhear()"
    with pytest.raises(Refusal, match="Full"):
        run_file("a.py", "", stdin=None, command=acting(refuses))


def test_more_input_than_a_run_may_be_given_is_told_and_ends_there(capsys: pytest.CaptureFixture[str]) -> None:
    waits = (
        "hello()\nrun = hear()['run']\nsay('started', run=run, toolchain='')\n"
        "while not hear().get('eof'): pass\n"
        "say('ended', run=run, result={'exit_code': 0, 'duration_ms': 0})\nhear()"
    )
    reader, writer = os.pipe()

    def feed() -> None:
        with os.fdopen(writer, "wb") as file:
            file.write(b"x" * (1 << 20) + b"too much")

    thread = threading.Thread(target=feed)
    thread.start()
    once = run_file("a.py", "", stdin=reader, command=acting(waits))
    thread.join()
    os.close(reader)
    assert once.result.exit_code == 0
    assert "1048576 bytes of input" in capsys.readouterr().err
