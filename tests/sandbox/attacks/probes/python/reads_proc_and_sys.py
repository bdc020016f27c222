"""Read what the kernel tells of the host: its disks, devices, mounts, messages, boot line.

area: proc and sys
"""

import os
from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import said, told


def something_in(path: str) -> str:
    if text := Path(path).read_text().strip():
        return text[:40]
    raise LookupError("it is empty")


told("the boot line", something_in, "/proc/cmdline")
told("list devices", lambda: os.listdir("/sys/class/net"))
told("list control groups", lambda: os.listdir("/sys/fs/cgroup"))
told("list disks", lambda: os.listdir("/sys/block"))
told("debugging", lambda: os.listdir("/sys/kernel/debug"))
told("messages of the kernel", lambda: os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK))
mounts = Path("/proc/self/mountinfo").read_text()
said("BREACH mounts name the server's folder" if "@HOST@" in mounts else "TOLD mounts name no folder of the server")
