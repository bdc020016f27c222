"""The sandbox on a real cgroup v2, in a virtual machine: what `make cgroups` runs there.

Rule: a limit counts as the kernel's only where nothing else could have held it, and where the kernel's own counters say so.
"""
