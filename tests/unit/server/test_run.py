"""`kibitz run`: a program's input, output and exit status are this command's own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kibitz.domain.coding import MAX_CODE_BYTES
from kibitz.sandbox.messages import Result
from kibitz.server.run import KILLED, NOT_RUN, TIMED_OUT, run, status_of


def kibitz_run(*words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "kibitz", "run", *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=100)


def program(directory: Path, name: str, code: str) -> str:
    path = directory / name
    path.write_text(code)
    return str(path)


def test_input_goes_in_output_comes_out_and_the_status_is_the_program_s(tmp_path: Path) -> None:
    code = "import sys\nprint(input()[::-1])\nprint('well', file=sys.stderr)\nsys.exit(7)\n"
    done = kibitz_run(program(tmp_path, "main.py", code), given="stressed\n")
    assert (done.stdout, done.stderr, done.returncode) == ("desserts\n", "well\n", 7)


def test_json_has_all_of_it_in_one_object(tmp_path: Path) -> None:
    done = kibitz_run("--json", "--language", "py", program(tmp_path, "no-ending", "print(1)"))
    found = json.loads(done.stdout)
    assert found.pop("duration_ms") > 0
    assert found == {
        "stdout": "1\n", "stderr": "", "exit_code": 0, "timed_out": False, "killed_for": None, "language": "python",
    }  # fmt: skip


def test_a_program_that_takes_too_long_is_ended_and_that_is_said(tmp_path: Path) -> None:
    done = kibitz_run("--timeout", "0.5", program(tmp_path, "loop.py", "print('on it', flush=True)\nwhile True: pass"))
    assert (done.stdout, done.returncode) == ("on it\n", TIMED_OUT)
    assert "timeout" in done.stderr


def test_a_file_whose_language_nobody_knows_is_not_run(tmp_path: Path) -> None:
    done = kibitz_run(program(tmp_path, "main.txt", "print(1)"))
    assert (done.stdout, done.returncode) == ("", NOT_RUN)
    assert "--language" in done.stderr


@pytest.mark.parametrize(("code", "said"), [(b"\xff", "UTF-8"), (b"#" * (MAX_CODE_BYTES + 1), "bytes")])
def test_what_is_no_program_is_refused_before_it_goes_anywhere(tmp_path: Path, code: bytes, said: str) -> None:
    path = tmp_path / "main.py"
    path.write_bytes(code)
    refused = CliRunner().invoke(run, [str(path)])
    assert refused.exit_code == NOT_RUN
    assert said in refused.output


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Result(exit_code=3, duration_ms=1), 3),
        (Result(exit_code=None, signal="SIGSEGV", duration_ms=1), 139),
        (Result(exit_code=None, timed_out=True, killed_for="timeout", duration_ms=1), TIMED_OUT),
        (Result(exit_code=None, killed_for="memory", duration_ms=1), KILLED),
    ],
)
def test_the_status_tells_how_it_ended(result: Result, status: int) -> None:
    assert status_of(result) == status
