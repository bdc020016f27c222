"""The desktop client: a login window, a main window, and an editor for code sessions.

Rule: `presenters` decide and never import tkinter; `views` show and never decide; `bridge` is the one place where the two threads meet:
presenters, network and disk live on asyncio's, widgets on Tk's.
"""
