"""The numbers of the system calls."""

import re
from pathlib import Path

import pytest

from kibitz.sandbox.jail.syscalls import ARCHITECTURES, LAST, NUMBERS, numbers

HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")


def test_no_two_calls_of_a_machine_have_the_same_number() -> None:
    for machine in ARCHITECTURES:
        found = list(numbers(machine).values())
        assert len(found) == len(set(found))
        assert max(found) <= LAST


def test_a_call_that_a_machine_does_not_have_is_not_in_its_table() -> None:
    assert "mknod" in numbers("x86_64")
    assert "mknod" not in numbers("aarch64")
    with pytest.raises(KeyError):
        numbers("riscv64")


@pytest.mark.skipif(not HEADER.exists(), reason="the kernel's header for x86-64 is not installed")
def test_the_numbers_are_those_of_the_kernels_header() -> None:
    header = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", HEADER.read_text())}
    assert {name: row[0] for name, row in NUMBERS.items()} == {name: header.get(name) for name in NUMBERS}
