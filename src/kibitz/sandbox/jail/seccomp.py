"""Which system calls a program may make: a filter in the kernel's own byte code.

Rule: what could reach past the namespaces, or what no limit counts, is refused with an error that a program can read; only a call in
another architecture's convention kills. The kernel checks once per call and remembers what is always allowed, so that costs next to
nothing.
"""

import errno
import os
import struct
from collections.abc import Iterator
from typing import Final

from kibitz.sandbox.jail.syscalls import ARCHITECTURES, LAST, numbers

_DENIED: Final = (
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "kcmp",
    "pidfd_getfd",
    "mount",
    "umount2",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "chroot",
    "pivot_root",
    "unshare",
    "setns",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "syslog",
    "acct",
    "quotactl",
    "quotactl_fd",
    "name_to_handle_at",
    "open_by_handle_at",
    "fanotify_init",
    "fanotify_mark",
    "iopl",
    "ioperm",
    "modify_ldt",
    "clock_settime",
    "clock_adjtime",
    "settimeofday",
    "adjtimex",
    "sethostname",
    "setdomainname",
    "vhangup",
    "lookup_dcookie",
    "nfsservctl",
    "shmget",
    "shmat",
    "shmdt",
    "shmctl",
    "msgget",
    "msgsnd",
    "msgrcv",
    "msgctl",
    "semget",
    "semop",
    "semctl",
    "semtimedop",
    "mq_open",
    "mq_unlink",
    "mq_timedsend",
    "mq_timedreceive",
    "mq_notify",
    "mq_getsetattr",
    "mbind",
    "set_mempolicy",
    "get_mempolicy",
    "migrate_pages",
    "move_pages",
    "set_mempolicy_home_node",
    "vmsplice",
    "seccomp",
    "process_madvise",
    "process_mrelease",
)
"""Answered EPERM: other processes and their memory, mounts and namespaces, keyrings, the kernel's own programs, modules and clocks,
System V and POSIX queues and shared memory (no limit counts them), NUMA policy, and filters over this one."""

_ABSENT: Final = (
    "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "memfd_create", "memfd_secret", "clone3",
    "inotify_init", "inotify_init1",
)  # fmt: skip
"""Answered ENOSYS, upon which libraries fall back: io_uring reaches what this filter refuses; io_setup takes from a number the whole
machine shares; memory of memfds is in no limit; clone3 hides its flags behind a pointer; and with inotify a program sees which files of
/usr, the same for everyone, the host and other programs open."""

_FILE_COMMANDS: Final = (1024, 1026, 1031)
"""F_SETLEASE, F_NOTIFY (linux/fcntl.h), the older ways to see that; and F_SETPIPE_SZ, which takes from a number of pages that all
sandboxes share."""

_BUFFER_SIZES: Final = (7, 8, 32, 33)
"""SO_SNDBUF, SO_RCVBUF, and their FORCE (asm-generic/socket.h): what sits in a socket is in nobody's account, so its size stays."""

_NAMESPACES: Final = 0x7E020000
"""Every CLONE_NEW… flag of linux/sched.h that clone can carry."""

_TERMINAL_TRICKS: Final = (0x5412, 0x541C, 0x540E, 0x5423)
"""TIOCSTI, TIOCLINUX, TIOCSCTTY, TIOCSETD (asm-generic/ioctls.h): typing into, or taking over, another's terminal."""

_DEVICES: Final = (0x2000, 0x6000)
"""S_IFCHR and S_IFBLK."""

_FILE_TYPE: Final = 0xF000
"""S_IFMT."""

_AF_UNIX: Final = 1

_NR, _ARCH, _ARGS = 0, 4, 16  # offsets in struct seccomp_data
_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000

Instruction = tuple[int, int, int, int]


def is_known(machine: str) -> bool:
    """Whether there is a filter for this architecture, named as `os.uname` names it."""
    return machine in ARCHITECTURES


def program(machine: str | None = None) -> bytes:
    """The filter as an array of `struct sock_filter`, for this machine or a named one. Raises `KeyError` for an unknown one."""
    return b"".join(struct.pack("<HBBI", *one) for one in _instructions(machine or os.uname().machine))


def _instructions(machine: str) -> Iterator[Instruction]:
    call = numbers(machine)
    yield (_LOAD, 0, 0, _ARCH)
    yield (_EQUAL, 1, 0, ARCHITECTURES[machine][0])
    yield _answer(_KILL)
    yield (_LOAD, 0, 0, _NR)
    yield from _if(_ABOVE, LAST, [_error(errno.ENOSYS)])  # the x32 convention too: its calls have bit 30 set
    for names, error in ((_ABSENT, errno.ENOSYS), (_DENIED, errno.EPERM)):
        for name in names:
            if name in call:
                yield from _if(_EQUAL, call[name], [_error(error)])
    denied, allowed = _error(errno.EPERM), _answer(_ALLOW)
    yield from _inspect(call["clone"], 0, [*_if(_ANY_BIT, _NAMESPACES, [denied])], allowed)
    for name in ("socket", "socketpair"):  # a network namespace does not hold AF_VSOCK
        yield from _inspect(call[name], 0, [*_if(_EQUAL, _AF_UNIX, [allowed])], _error(errno.EAFNOSUPPORT))
    # The kernel reads an ioctl's number as 32 bits: comparing all 64 let tricks through (CVE-2019-10063).
    yield from _inspect(call["ioctl"], 1, [*_among(_TERMINAL_TRICKS, denied)], allowed)
    yield from _inspect(call["fcntl"], 1, [*_among(_FILE_COMMANDS, denied)], allowed)
    # As if done: the kernel takes such a size as a hint, too.
    yield from _inspect(call["setsockopt"], 2, [*_among(_BUFFER_SIZES, _error(0))], allowed)
    yield from _inspect(call["personality"], 0, [*_among((0, 0xFFFFFFFF), allowed)], denied)
    for name, mode in (("mknod", 1), ("mknodat", 2)):
        if name in call:
            yield from _inspect(call[name], mode, [(_AND, 0, 0, _FILE_TYPE), *_among(_DEVICES, denied)], allowed)
    yield allowed


def _if(test: int, value: int, then: list[Instruction]) -> Iterator[Instruction]:
    yield (test, 0, len(then), value)
    yield from then


def _among(values: tuple[int, ...], then: Instruction) -> Iterator[Instruction]:
    for value in values:
        yield from _if(_EQUAL, value, [then])


def _inspect(call: int, argument: int, tests: list[Instruction], otherwise: Instruction) -> Iterator[Instruction]:
    """Decide by the low word of an argument (both architectures are little-endian), and do not come back: the number is lost by it."""
    yield from _if(_EQUAL, call, [(_LOAD, 0, 0, _ARGS + 8 * argument), *tests, otherwise])


def _error(number: int) -> Instruction:
    return _answer(_ERRNO | number)


def _answer(action: int) -> Instruction:
    return (_RETURN, 0, 0, action)
