"""The protocol without I/O: one vocabulary for TCP, WebSocket, HTTP and every client.

Rule: nothing here reads or writes a byte of a socket, and nothing outside here names a field of the protocol twice.
"""
