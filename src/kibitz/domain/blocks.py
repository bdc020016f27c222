"""The fenced code blocks of a message.

Rule: a block is what CommonMark says it is, and its text is kept to the letter.
"""

from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced block: the first word behind its opening fence (empty where there is none), and its text."""

    language: str
    code: str


def blocks_of(text: str) -> list[CodeBlock]:
    """The fenced code blocks of a Markdown text, in order; those inside lists and quotes too."""
    if "```" not in text and "~~~" not in text:  # parsing Markdown costs a hundred times this look
        return []
    return [_block(token) for token in _MARKDOWN.parse(text) if token.type == "fence"]


def _block(token: Token) -> CodeBlock:
    word, *_ = token.info.split(maxsplit=1) or [""]
    return CodeBlock(word, token.content)
