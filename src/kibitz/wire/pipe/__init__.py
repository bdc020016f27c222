"""The pipe protocol: lines that a person with `nc` can read and write.

Rule: what a line means is written once, as the command or the event it stands for; nothing here decides anything.
"""
