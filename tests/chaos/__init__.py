"""Nothing that was acknowledged is lost, doubled or reordered, whatever happens to processes and sockets on the way.

Rule: what goes wrong, when, and who says what is drawn from a seed; what counts as right is read from the database afterwards.
"""
