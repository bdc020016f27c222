"""What Yjs clients speak, without I/O: bytes to structs and back.

Rule: whatever comes from a client is `Malformed` or exactly what it says; nothing that passes here can hurt the engine behind it.
"""
