"""What the server does, measured, and its peers in the same run: `python -m bench --help`.

One rule: whatever is compared is loaded by the same program, in alternating turns, on the same machine and in the same minutes.
"""
