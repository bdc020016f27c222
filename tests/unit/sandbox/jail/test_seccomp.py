"""The filter, carried out as the kernel would: by an interpreter of its byte code."""

import ctypes
import errno
import os
import struct
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.sandbox.jail.seccomp import is_known, program
from kibitz.sandbox.jail.syscalls import ARCHITECTURES, LAST, NUMBERS, numbers

MACHINES = sorted(ARCHITECTURES)
ALLOWED = "allowed"
KILLED = "killed"
DONE = "done"


def decide(machine: str, number: int, *arguments: int, arch: int | None = None) -> str:
    """What the filter makes of a call: allowed, killed, done without doing it, or the name of an error."""
    arguments += (0,) * (6 - len(arguments))
    arch = ARCHITECTURES[machine][0] if arch is None else arch
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *(one & 2**64 - 1 for one in arguments))
    code = list(struct.iter_unpack("<HBBI", program(machine)))
    at = accumulator = 0
    while True:
        instruction, if_true, if_false, value = code[at]
        at += 1
        match instruction:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x25:
                at += if_true if accumulator > value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return _answer(value)
            case _:
                raise AssertionError(f"an instruction that the filter should not have: {instruction:#x}")


def _answer(value: int) -> str:
    match value & 0xFFFF0000:
        case 0x7FFF0000:
            return ALLOWED
        case 0x80000000:
            return KILLED
        case 0x00050000:
            return errno.errorcode[value & 0xFFFF] if value & 0xFFFF else DONE
    raise AssertionError(f"an answer that the filter should not give: {value:#x}")


EXAMPLES: Mapping[str, str] = {
    "ptrace": "EPERM",
    "mount": "EPERM",
    "open_tree": "EPERM",
    "unshare": "EPERM",
    "setns": "EPERM",
    "bpf": "EPERM",
    "keyctl": "EPERM",
    "process_vm_writev": "EPERM",
    "shmget": "EPERM",
    "userfaultfd": "EPERM",
    "io_uring_setup": "ENOSYS",
    "memfd_create": "ENOSYS",
    "clone3": "ENOSYS",
    "inotify_init1": "ENOSYS",
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("name", "answer"), EXAMPLES.items())
def test_what_reaches_past_the_walls_is_refused(machine: str, name: str, answer: str) -> None:
    assert decide(machine, numbers(machine)[name]) == answer


@pytest.mark.parametrize("machine", MACHINES)
def test_every_other_call_of_its_time_is_allowed(machine: str) -> None:
    known = set(numbers(machine).values())
    assert {decide(machine, number) for number in range(LAST + 1) if number not in known} == {ALLOWED}


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(LAST + 1, 2**32 - 1))
def test_calls_that_are_newer_or_of_another_convention_are_unknown(machine: str, number: int) -> None:
    assert decide(machine, number) == "ENOSYS"


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("other", [0x40000003, 0x40000028, 0])
def test_a_call_of_another_architecture_kills(machine: str, other: int) -> None:
    assert decide(machine, 1, arch=other) == KILLED


ABOVE = 0xDEADBEEF << 32  # what the kernel does not look at must not change the decision


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("above", [0, ABOVE])
@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("clone", (0x1200011,), ALLOWED),
        ("clone", (0x3D0F00,), ALLOWED),
        *(("clone", (flag | 17,), "EPERM") for flag in (0x20000, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30)),
        ("socket", (1, 1), ALLOWED),
        *(("socket", (family, 1), "EAFNOSUPPORT") for family in (2, 10, 16, 17, 38, 40)),
        ("socketpair", (1, 1), ALLOWED),
        ("socketpair", (40, 1), "EAFNOSUPPORT"),
        ("ioctl", (0, 0x5401), ALLOWED),
        *(("ioctl", (0, trick), "EPERM") for trick in (0x5412, 0x541C, 0x540E, 0x5423)),
        ("fcntl", (0, 3), ALLOWED),
        *(("fcntl", (0, command), "EPERM") for command in (1024, 1026, 1031)),
        ("setsockopt", (0, 1, 2), ALLOWED),
        *(("setsockopt", (0, 1, size), DONE) for size in (7, 8, 32, 33)),
        ("personality", (0,), ALLOWED),
        ("personality", (0xFFFFFFFF,), ALLOWED),
        ("personality", (0x40000,), "EPERM"),
        ("mknodat", (0, 0, 0o010600), ALLOWED),
        ("mknodat", (0, 0, 0o140600), ALLOWED),
        ("mknodat", (0, 0, 0o020600), "EPERM"),
        ("mknodat", (0, 0, 0o060600), "EPERM"),
    ],
)
def test_some_calls_are_decided_by_an_argument(
    machine: str, above: int, name: str, arguments: tuple[int, ...], answer: str
) -> None:
    assert decide(machine, numbers(machine)[name], *(one | above for one in arguments)) == answer


def test_the_older_way_to_make_a_device_is_decided_too() -> None:
    number = numbers("x86_64")["mknod"]
    assert [decide("x86_64", number, 0, mode) for mode in (0o010600, 0o020600)] == [ALLOWED, "EPERM"]


def test_an_architecture_without_a_table_has_no_filter() -> None:
    assert not is_known("riscv64")
    with pytest.raises(KeyError):
        program("riscv64")


@pytest.mark.skipif(not is_known(os.uname().machine), reason="no filter for this machine")
def test_the_table_has_this_machines_numbers() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.syscall(numbers(os.uname().machine)["fcntl"], 0, 1, 0) == libc.fcntl(0, 1, 0)
    assert libc.syscall(numbers(os.uname().machine)["socket"], -1, 0, 0) == -1
    assert ctypes.get_errno() == errno.EAFNOSUPPORT


def test_every_call_has_a_number_somewhere() -> None:
    assert all(any(number is not None for number in row) for row in NUMBERS.values())
