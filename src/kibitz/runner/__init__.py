"""The server's side of the sandbox: its process, its link, and every run that was given to it.

Rule: nothing of the server goes into the sandbox process but what stands in `kibitz.sandbox.messages`, and nothing comes out otherwise.
"""
