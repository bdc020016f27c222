"""What a user has read.

Rule: known to that user alone, and the same on all their devices.
"""
