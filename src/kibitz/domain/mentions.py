"""Who is called by name in a text.

Rule: what stands in code calls nobody; `@all` calls everyone in the room.
"""

import re
from collections.abc import Iterator
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kibitz.domain.users import MAX_NAME, leading_name, name_key

MAX_MENTIONS: Final = 50
"""People one message can call by name; the rest of the names are plain text."""

EVERYONE: Final = "all"

_CALL = re.compile(r"(?<![\w@.])@(?=\w)")
_MARKDOWN = MarkdownIt("commonmark")


def mentioned(text: str) -> tuple[str, ...]:
    """The `name_key`s called in a Markdown text, each once, in order of appearance; `EVERYONE` where all are called."""
    if "@" not in text:  # parsing Markdown costs a hundred times this look
        return ()
    found: dict[str, None] = {}
    for words in _prose(_MARKDOWN.parse(text)):
        for call in _CALL.finditer(words):
            if name := leading_name(words[call.end() : call.end() + MAX_NAME + 1]):
                found.setdefault(name_key(name))
    return tuple(found)[:MAX_MENTIONS]


def _prose(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children:
            yield from _prose(token.children)
        elif token.type == "text":
            yield token.content
