"""Runs: what each of their commands means for the database; the running itself is the sandbox's."""
