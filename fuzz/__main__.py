"""Feed both codecs whatever a coverage-guided fuzzer thinks of.

Rule: bytes from outside become a command or a `Refusal`, and nothing else, however they are made; what became a command can be
answered, and an answer of the pipe protocol is whole lines.
"""

import sys

import atheris  # installed by `make fuzz` alone

with atheris.instrument_imports(include=["kibitz"]):
    from kibitz.domain.errors import Refusal
    from kibitz.wire.codec import Codec
    from kibitz.wire.jsonlines import JSON_LINES
    from kibitz.wire.pipe.codec import PIPE

SECONDS = 60
"""How long it runs unless told otherwise: `make fuzz ARGS=-max_total_time=600`."""


def feed(data: bytes) -> None:
    """One input: the first byte chooses the codec and which message of a connection it is."""
    if not data:
        return
    codec: Codec = PIPE if data[0] & 1 else JSON_LINES
    decode = codec.decode_first if data[0] & 2 else codec.decode
    try:
        command = decode(data[1:])
    except Refusal as refusal:
        check(codec.encode_refusal(None, refusal))
        return
    if command is not None:
        check(codec.encode_refusal(command, Refusal("forbidden", "No.")))
        repr(command)


def check(answer: bytes) -> None:
    """An answer is whole lines of UTF-8 without control characters that a terminal would obey."""
    text = answer.decode()
    assert not text or text.endswith("\n")
    assert "\x1b" not in text
    assert "\r" not in text


def main() -> None:
    """Run the fuzzer."""
    arguments = (
        sys.argv
        if any(word.startswith("-max_total_time") for word in sys.argv)
        else [*sys.argv, f"-max_total_time={SECONDS}"]
    )
    atheris.Setup(arguments, feed)
    atheris.Fuzz()


main()
