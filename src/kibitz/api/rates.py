"""How fast a client may go.

Rule: every rate states whom it is kept for and why it is what it is. `--no-rate-limits` switches all of them off but `LOGIN`,
which guards passwords.
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

ANONYMOUS: Final = Rate(per_second=20, burst=200)
"""Commands and connections from one network address before anyone is logged in, wrong tokens included: a class that comes back
after a restart fits in, and guessing tokens of 128 bits and more is hopeless at this rate."""

LOGIN: Final = Rate(per_second=0.1, burst=10)
"""Passwords tried for one name from one address. Ten tries are enough for whoever forgot; then it is six a minute, 8,640 a day,
against the 100 failures after which NIST SP 800-63B-4 (3.2.2) has an account disabled: here the address pays and not the owner of
the name, who could otherwise be locked out by anyone."""
