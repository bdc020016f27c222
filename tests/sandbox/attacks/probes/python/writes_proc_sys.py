"""Change settings of the kernel: what runs at a crash, among others.

It writes back what it read, so that nothing changes where it is allowed.

area: proc and sys
naive: the kernel keeps these for root, and it gave up root
"""

from pathlib import Path

from tests.sandbox.attacks.probes.python.prelude import told


def write_back(path: str) -> object:
    setting = Path(path)
    value = setting.read_text()
    with setting.open("w") as file:
        return file.write(value)


for name in (
    "kernel/core_pattern", "kernel/modprobe", "kernel/hostname", "kernel/pid_max", "kernel/sysrq", "kernel/yama/ptrace_scope",
    "vm/overcommit_memory", "vm/drop_caches", "fs/binfmt_misc/register", "net/ipv4/ip_forward", "user/max_user_namespaces",
):  # fmt: skip
    told(name, write_back, f"/proc/sys/{name}")
told("help of the magic key", lambda: Path("/proc/sysrq-trigger").write_text("h"))
told("the score of the one who is killed first", write_back, "/proc/1/oom_score_adj")
