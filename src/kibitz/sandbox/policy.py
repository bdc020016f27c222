"""How much a program may take.

Rule: every limit stands here, with its unit and where its size comes from. A language may ask for less of something, never for more.
"""

import os
from dataclasses import dataclass
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

RUN_SECONDS: Final = 30.0
"""Longest time a program may run, by the clock: time to answer its questions. Judges allow 3 to 15 s, without anyone to ask."""

COMPILE_SECONDS: Final = 15.0
"""Longest time a compiler may take. Piston and Godbolt allow 10 s; here the machine serves a chat at the same time."""

MAX_MEMORY: Final = 512 * MIB
"""Bytes all processes of a run may hold together, files included: Judge0's upper limit; all five toolchains start with half of it."""

MAX_PROCESSES: Final = 64
"""Processes and threads of a run: Piston's and Godbolt's number. Node and the JVM have 11 to 25 threads of their own."""

MAX_DESCRIPTORS: Final = 128
"""Open files of one process: twice Piston's number."""

MAX_ALL_DESCRIPTORS: Final = 512
"""Open files of all processes of a run. What sits in the buffers of sockets and pipes is in nobody's memory figure; at 208 KB for a
socket (net.core.wmem_default) this bounds it to 104 MB."""

MAX_DISK: Final = 64 * MIB
"""Bytes of a run's files, which are in memory: half of Godbolt's, since they count as memory too."""

MAX_FILES: Final = 10_000
"""Files and directories of a run: each costs about 1 KB of kernel memory that no other limit counts."""

MAX_SHARED_MEMORY: Final = 1 * MIB
"""Bytes of /dev/shm: enough for semaphores, which is what it is used for."""

MAX_OUTPUT: Final = 1 * MIB
"""Bytes a run may write; then it ends. More than anyone reads, and what one run may cost everyone who watches it."""

MAX_PRODUCT: Final = 32 * MIB
"""Bytes of a compiled program. One C++ program with every header of the library and debug information has 3 MB."""

MAX_SOURCE: Final = 256 * KIB
"""UTF-8 bytes of a program: 6,000 lines; Codeforces takes 64 KB."""

MAX_INPUT: Final = 1 * MIB
"""UTF-8 bytes a run may be given on its standard input, all told."""

MAX_WAITING: Final = 200
"""Runs that may wait, of all users: a class of thirty that presses Run six times each. Judge0 has 100."""

MAX_WAITING_PER_USER: Final = 20
"""Runs of one user that may wait: a user who scripts it cannot keep the others out of the queue."""

KEPT_WARM: Final = 900.0
"""Seconds for which sandboxes of a language wait without a program: a pause in a lesson. The JVM's hold 120 MB together."""

MAX_ADDRESS_SPACE: Final = 4096 * MIB
"""Bytes of addresses for programs that need no more: a ceiling for what RLIMIT_DATA does not count, such as shared mappings."""

MACHINE_MEMORY_FLOOR: Final = 0.04
"""Part of the machine's memory that stays free: below it the largest run ends, however little it has. earlyoom waits until 10 %."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one sandbox. Sizes in bytes, `seconds` by the clock, `address_space` None for runtimes that reserve without using."""

    seconds: float = RUN_SECONDS
    memory: int = MAX_MEMORY
    processes: int = MAX_PROCESSES
    descriptors: int = MAX_DESCRIPTORS
    disk: int = MAX_DISK
    files: int = MAX_FILES
    address_space: int | None = None


def cores() -> int:
    """The cores this process may use, which is how many runs go on at once."""
    return max(1, len(os.sched_getaffinity(0)))
