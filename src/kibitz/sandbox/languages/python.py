"""Python, by the system's own interpreter.

Rule: the interpreter starts before it knows its program. It takes it where Python looks for local settings (`sitecustomize`), the last
thing it does before it opens its script, and so runs it as any other script: its tracebacks, arguments and modules are Python's own.
"""

from typing import Final

from kibitz.sandbox.plan import TOOLS, Language, Stage
from kibitz.sandbox.policy import MAX_ADDRESS_SPACE, Limits

_RECEIVE: Final = rb'''
import io, os, sys

def receive():
    size = b""
    while not size.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            os._exit(125)
        size += byte
    left = int(size)
    with open("main.py", "wb") as file:
        while left:
            data = os.read(0, left)
            if not data:
                os._exit(125)
            file.write(data)
            left -= len(data)

class Prompting(io.FileIO):
    """Standard input that shows a prompt first, as C's does."""

    def readinto(self, buffer):
        try:
            sys.stdout.flush()
        except (AttributeError, OSError, ValueError):
            pass
        return super().readinto(buffer)

receive()
sys.stdout.reconfigure(line_buffering=True)
raw = Prompting(0, closefd=False)
raw.name = "<stdin>"
sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(raw), sys.stdin.encoding, sys.stdin.errors)
sys.path.remove("%s")
del os.environ["PYTHONPATH"]
''' % TOOLS.encode()

LANGUAGE: Final = Language(
    name="python",
    title="Python",
    aliases=("py", "python3"),
    extensions=(".py",),
    package="python3",
    programs=("python3",),
    toolchain="Python",
    version="python3 -c 'import platform; print(platform.python_version())'",
    proof='print("hello, " + input())',
    run=Stage(
        name="python",
        script="python3 main.py; exit $?",
        limits=Limits(address_space=MAX_ADDRESS_SPACE),
        files=((f"{TOOLS}/sitecustomize.py", _RECEIVE),),
        environment=(("PYTHONPATH", TOOLS),),
        warm=2,
    ),
)
