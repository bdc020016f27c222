"""Accounts, logins and tokens, and the name-only guests.

Rule: no password and no secret comes in here but as a hash, save the fresh secret that goes back to its owner once.
"""
