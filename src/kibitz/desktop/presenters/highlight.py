"""What is what in a piece of code, so that it can be coloured.

Rule: Pygments reads the code and we only name what it found; text that is too long, or takes too long, stays plain, and nothing raises.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, Operator, Punctuation, String, _TokenType
from pygments.util import ClassNotFound

MAX_CODE: Final = 100_000
"""Characters that are coloured: some 2,500 lines, half a second's work."""

MAX_LINE: Final = 5_000
"""A longer line is data rather than code, and what lexers are slow at."""

MAX_SECONDS: Final = 1.0
"""How long the colours of one text may take; what has none by then stays plain."""

_KINDS: Final = (
    # The first that a token's type is in, or below.
    (Comment, "comment"),
    (Keyword.Constant, "builtin"),
    (Keyword.Type, "builtin"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (String, "string"),
    (Number, "number"),
    (Literal, "string"),
    (Name.Builtin, "builtin"),
    (Name.Exception, "builtin"),
    (Name.Function, "name"),
    (Name.Class, "name"),
    (Name.Decorator, "name"),
    (Name.Namespace, "name"),
    (Name.Tag, "keyword"),
    (Name.Attribute, "name"),
    (Operator, "operator"),
    (Punctuation, "operator"),
    (Error, "error"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of code: the characters from `start` up to `end`, and the field of `kibitz.design.Syntax` that colours it."""

    start: int
    end: int
    kind: str


def spans(code: str, language: str) -> list[Span]:
    """The pieces of a text that are not plain, in order. None for a language nobody knows."""
    if not code or len(code) > MAX_CODE or max(map(len, code.split("\n"))) > MAX_LINE:
        return []
    lexer = _lexer(language.casefold())
    if lexer is None:
        return []
    try:
        return list(_merged(_spans(lexer, code)))
    except Exception:  # a lexer is many patterns by many hands, and no text may break a window
        return []


@lru_cache(64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


def _spans(lexer: Lexer, code: str) -> Iterator[Span]:
    until = time.monotonic() + MAX_SECONDS
    # `get_tokens` would change the text first: this is what it calls once it has, so the offsets are those of ours.
    for start, kind, text in lexer.get_tokens_unprocessed(code):
        named = _kind(kind)
        if named is not None and text:
            yield Span(start, min(start + len(text), len(code)), named)
        if time.monotonic() > until:
            return


def _merged(found: Iterator[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in found:
        if last is not None and last.kind == span.kind and last.end == span.start:
            last = Span(last.start, span.end, span.kind)
        else:
            if last is not None:
                yield last
            last = span
    if last is not None:
        yield last


@lru_cache(512)
def _kind(token: _TokenType) -> str | None:
    return next((kind for above, kind in _KINDS if token in above), None)
