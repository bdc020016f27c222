"""The headless client: connection, outbox, resume, a replica of what its user may see.

Rule: it stands on the wire vocabulary alone and never imports the server.
"""
