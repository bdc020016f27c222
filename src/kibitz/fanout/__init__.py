"""Fan-out: from one committed change to everyone who is owed it.

Rule: an event is encoded once per codec, never per client, and a connection is written to once per tick of the loop.
"""
