"""A line of a client → the command it stands for.

Rule: any bytes give a command, nothing (for a blank line), or a `Misread` that says how it is written; never another exception.
"""

import msgspec

from kibitz.wire.codec import Misread
from kibitz.wire.commands import Command, LogIn
from kibitz.wire.pipe.escape import fields
from kibitz.wire.pipe.verbs import VERBS, Verb, checked
from kibitz.wire.reading import MAX_FAULT, hint, quoted, utf8


def decode(raw: bytes) -> Command | None:
    """The command in a line, without its line end. The verb may be in small letters, for people who type it."""
    text = _text(raw)
    if not text.strip():
        return None
    word, _, rest = text.partition("|")
    name = word.strip().upper()
    verb = VERBS.get(name)
    if verb is None:
        say = "To say something to everyone send BROADCAST|text; HELP lists the commands."
        raise Misread("unknown_command", f"There is no command {quoted(word.strip())}. {hint(name, VERBS)}{say}")
    return _build(verb, rest)


def decode_first(raw: bytes) -> Command | None:
    """The login in a connection's first line: `name`, `name|password` or `token|access token`."""
    text = _text(raw)
    if not text.strip():
        return None
    name, *secret = fields(text, 2)
    try:
        if not secret:
            return checked(LogIn, name=name)
        return checked(LogIn, token=secret[0]) if name == "token" else checked(LogIn, name=name, password=secret[0])
    except msgspec.ValidationError as error:
        raise Misread("invalid", f"Log in with name, name|password or token|access token. {_fault(error)}") from None


def _text(raw: bytes) -> str:
    return utf8(raw.removesuffix(b"\r"))


def _build(verb: Verb, rest: str) -> Command:
    found = [rest] if verb.verbatim else fields(rest, verb.takes) if rest else []
    if len(found) > verb.takes or not all(found[: verb.needs]) or len(found) < verb.needs:
        raise Misread("malformed", f"It is written {verb.usage}.")
    try:
        return verb.build(*found)
    except msgspec.ValidationError as error:
        raise Misread("invalid", f"It is written {verb.usage}. {_fault(error)}") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Misread("malformed", f"This is not JSON: {_fault(error)}") from None


def _fault(error: Exception) -> str:
    return f"{str(error)[:MAX_FAULT]}."
