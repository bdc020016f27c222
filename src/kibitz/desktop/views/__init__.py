"""What is seen: windows and widgets.

Rule: a view shows what it is told and says what was done to it; it keeps no state that a presenter has, and decides nothing.
`kit` is the one that knows customtkinter.
"""
