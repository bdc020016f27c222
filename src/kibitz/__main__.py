"""`python -m kibitz` is `kibitz`.

One rule: nothing else happens here.
"""

from kibitz.cli import main

main(prog_name="kibitz")
