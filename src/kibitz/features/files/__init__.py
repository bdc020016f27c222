"""Sharing files, listing them, taking them back.

Rule: a file is part of one message and lives as long as that does; its bytes never come here.
"""
