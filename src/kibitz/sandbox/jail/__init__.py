"""The walls: how a sandbox is made, and proof at start that it holds.

Rule: every wall stands for a way out that was tried; what must hold together is in one module, with the reason beside it.
"""
