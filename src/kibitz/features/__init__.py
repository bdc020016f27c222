"""Use cases, a folder each: what a command means.

Rule: a feature is a plain function of one transaction. It does not await, does not know who is connected, and does not know the
other features; rights were checked by the table in `kibitz.api.verbs` before it runs, in the same transaction.
"""
