"""Programs of strangers, run so that they cannot hurt anyone: a process of its own, started by `kibitz.runner`.

Rule: a leaf. It imports nothing of Kibitz, holds none of the server's secrets and opens none of its files; all it has is one socket to
whoever started it, and it ends when that closes.
"""
