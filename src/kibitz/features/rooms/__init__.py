"""Rooms and their members: made, opened, changed, joined, left, listed.

Rule: whoever comes or goes hears of it themselves, on all their connections; the rest of the room hears it as an event of the room.
"""
