"""Lift every limit of its own as far as it may.

area: descriptors
"""

import resource

from tests.sandbox.attacks.probes.python.prelude import reached, said

MOST = {
    "RLIMIT_NPROC": 1000,
    "RLIMIT_NOFILE": 1024,
    "RLIMIT_FSIZE": 2**30,
    "RLIMIT_CORE": 4096,
    "RLIMIT_MEMLOCK": 2**24,
    "RLIMIT_CPU": 3600,
}
for name, most in MOST.items():
    which = getattr(resource, name)
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (hard, hard))
    reached(name, 2**63 if hard == resource.RLIM_INFINITY else hard, most + 1)
    try:
        resource.setrlimit(which, (hard, resource.RLIM_INFINITY))
    except (ValueError, OSError):
        continue
    if hard != resource.RLIM_INFINITY:
        said(f"BREACH {name} was lifted")
