"""How fast a client may go.

Rule: every rate states whom it is kept for and why it is what it is. `--no-rate-limits` switches all of them off; what guards
passwords is `kibitz.api.throttle`, which stays on.
"""

from typing import Final

from kibitz.domain.limits import Rate

CONNECTION: Final = Rate(per_second=20, burst=100)
"""Commands of one connection. A fast typist in a shared document makes about ten changes a second, and a person may paste a
hundred lines. Discord's gateway takes 2 a second with a burst of 120."""

USER: Final = Rate(per_second=40, burst=200)
"""Commands of one user over all connections and HTTP calls: two busy devices at once."""

ADDRESS: Final = Rate(per_second=400, burst=2000)
"""Commands from one network address: a class of thirty shares one, each with several devices. Mattermost's default is 10 a second
with a burst of 100 for each address, for HTTP calls alone."""

ANONYMOUS: Final = Rate(per_second=50, burst=500)
"""Commands from one network address before anyone is logged in, wrong tokens included. A login costs 5: a class of thirty comes back
at once after a restart, with three devices each; and guessing tokens of 256 bits is hopeless at any rate."""
