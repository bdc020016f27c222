"""Saying something, changing it, reading it.

Rule: a text is stored and sent to the letter; what Markdown makes of it is the reader's matter.
"""
