"""The one door: every command of every transport passes the table in `verbs` and is carried out by the executor.

Rule: no handler runs before login, right, size and rate were checked, and no transport checks any of them itself.
"""
