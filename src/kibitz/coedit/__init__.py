"""Texts that several people edit at once.

Rule: an edit is merged and told to the others at once, and acknowledged when it is stored for good; nothing that anyone sends can
harm what is there.
"""
