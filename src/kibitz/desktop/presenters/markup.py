"""A message's Markdown, as pieces of text to draw.

Rule: CommonMark decides what is what, as it does on the server, so that a code block has the same number here and there. HTML is text,
and a link leads only where a browser or a mail program goes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kibitz.desktop.presenters.highlight import spans
from kibitz.desktop.presenters.rows import Act, Piece
from kibitz.domain.users import MAX_NAME, leading_name, name_key

SCHEMES: Final = frozenset({"http", "https", "mailto"})

MAX_DEPTH: Final = 5
"""Levels of lists and quotes that are drawn further in than the one before."""

_MARKDOWN = MarkdownIt("commonmark").enable("strikethrough")
_PLAIN = re.compile(r"(?!\d+[.)])[\w ,.;?'\"()%/-]*", re.UNICODE)
_URL = re.compile(r"\bhttps?://[^\s<>]+", re.IGNORECASE)
_CALL = re.compile(r"(?<![\w@.])@(?=\w)")


@dataclass(frozen=True, slots=True)
class Called:
    """Who is called by name in a message: everyone's `name_key` counts that is in `mine` for the person at this window."""

    mine: frozenset[str] = frozenset()
    anyone: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines of text."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced block: its number in the message, the word behind its fence, its text to the letter, and that in colours."""

    block: int
    language: str
    code: str
    pieces: tuple[Piece, ...]


def parts_of(text: str, called: Called | None = None) -> list[Prose | Code]:
    """A message in its parts; every line has its end."""
    if len(text) < 2000 and _PLAIN.fullmatch(text) and not text[:1].isspace() and text[:1] not in "-":
        return [Prose((Piece(text.rstrip() + "\n", ("in0",)),))]  # a hundred times cheaper, and most messages are so
    return _Writer(called or Called()).write(_MARKDOWN.parse(text))


def is_safe(url: str) -> bool:
    """Whether a link is one that may be opened."""
    try:
        return urlsplit(url).scheme.lower() in SCHEMES
    except ValueError:
        return False


def first_line(text: str, limit: int = 120) -> str:
    """How a message begins, in one plain line."""
    for part in parts_of(text):
        if isinstance(part, Code):
            said = f"{part.language or 'code'}: {part.code.strip()}"
        else:
            said = "".join(piece.text for piece in part.pieces)
        for line in said.splitlines():
            if words := line.strip():
                return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"
    return ""


def coloured(code: str, language: str) -> tuple[Piece, ...]:
    """A text of code in pieces by what they are, in lines that all have their end."""
    code = code if code.endswith("\n") else code + "\n"
    pieces, at = [], 0
    for span in spans(code, language):
        if at < span.start:
            pieces.append(Piece(code[at : span.start], ("code", "mono")))
        pieces.append(Piece(code[span.start : span.end], ("code", "mono", f"syntax_{span.kind}")))
        at = span.end
    if at < len(code):
        pieces.append(Piece(code[at:], ("code", "mono")))
    return tuple(pieces)


@dataclass
class _Level:
    kind: str  # list, item or quote
    number: int | None = None  # of the next item, where they are numbered
    fresh: bool = False  # an item whose bullet is still to be drawn


@dataclass
class _Writer:
    called: Called
    parts: list[Prose | Code] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    levels: list[_Level] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    blocks: int = 0
    block: tuple[str, ...] = ("in0",)

    def write(self, tokens: list[Token]) -> list[Prose | Code]:
        for token in tokens:
            self._block(token)
        self._flush()
        return self.parts or [Prose((Piece("\n", ("in0",)),))]

    def _flush(self) -> None:
        if self.pieces:
            self.parts.append(Prose(tuple(self.pieces)))
            self.pieces = []

    # --- blocks --------------------------------------------------------------------------------------------------------

    def _block(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self.levels.append(_Level("list"))
            case "ordered_list_open":
                self.levels.append(_Level("list", int(token.attrGet("start") or 1)))
            case "list_item_open":
                self.levels.append(_Level("item", fresh=True))
            case "blockquote_open":
                self.levels.append(_Level("quote"))
            case "bullet_list_close" | "ordered_list_close" | "list_item_close" | "blockquote_close":
                self.levels.pop()
            case "heading_open":
                self.inline += ["bold", "large"] if token.tag in ("h1", "h2") else ["bold"]
            case "heading_close":
                self.inline.clear()
            case "inline":
                self._line(token.children or [])
            case "fence":
                self._fence(token)
            case "code_block" | "html_block":
                self._verbatim(token)
            case "hr":
                self._begin()
                self._put("─" * 24, "muted")
                self._end()

    def _fence(self, token: Token) -> None:
        self._flush()
        language, *_ = token.info.split(maxsplit=1) or [""]
        self.parts.append(Code(self.blocks, language, token.content, coloured(token.content, language)))
        self.blocks += 1

    def _verbatim(self, token: Token) -> None:
        if token.type == "code_block":
            self.pieces += coloured(token.content, "")
            return
        self._begin()
        self._put(token.content.rstrip("\n"))
        self._end()

    def _line(self, children: list[Token]) -> None:
        self._begin()
        for token in children:
            self._inline(token)
        self._end()

    def _begin(self) -> None:
        """Start a paragraph: with the bars of quotes, and the bullet of an item that has none yet."""
        depth = min(sum(level.kind != "quote" for level in self.levels) // 2, MAX_DEPTH)
        gap = () if not self.pieces and not self.parts else ("gap",)
        item = next((level for level in reversed(self.levels) if level.kind == "item"), None)
        self.block = (f"in{depth}", *gap)
        if item is not None and item.fresh:
            item.fresh = False
            self.block = (f"item{depth}",)
            self._bars()
            self._put(self._bullet() + "\t")
        else:
            self._bars()

    def _bullet(self) -> str:
        within = [level for level in self.levels if level.kind == "list"][-1]
        if within.number is None:
            return "•"
        within.number += 1
        return f"{within.number - 1}."

    def _bars(self) -> None:
        if quotes := sum(level.kind == "quote" for level in self.levels):
            self._put("▎" * min(quotes, MAX_DEPTH) + " ", "bar")

    def _end(self) -> None:
        self._put("\n")

    # --- within a line -------------------------------------------------------------------------------------------------

    def _inline(self, token: Token) -> None:
        match token.type:
            case "text":
                self._words(token.content)
            case "softbreak" | "hardbreak":
                self._put("\n")
                self.block = tuple(style.replace("item", "in") for style in self.block if style != "gap")
                self._bars()
            case "code_inline":
                self._put(token.content, "mono", "codespan")
            case "strong_open" | "em_open" | "s_open":
                self.inline.append({"strong_open": "bold", "em_open": "italic", "s_open": "strike"}[token.type])
            case "strong_close" | "em_close" | "s_close":
                self.inline.remove({"strong_close": "bold", "em_close": "italic", "s_close": "strike"}[token.type])
            case "link_open":
                self.links.append(str(token.attrGet("href") or ""))
            case "link_close":
                self.links.pop()
            case "image":
                self.links.append(str(token.attrGet("src") or ""))
                self._put(token.content or self.links[-1])
                self.links.pop()
            case _:
                self._put(token.content)

    def _words(self, text: str) -> None:
        if self.links:
            self._put(text)
            return
        at = 0
        for url, start, end in _urls(text):
            self._calls(text[at:start])
            self.links.append(url)
            self._put(text[start:end])
            self.links.pop()
            at = end
        self._calls(text[at:])

    def _calls(self, text: str) -> None:
        at = 0
        for call in _CALL.finditer(text) if self.called.anyone or self.called.mine else ():
            name = leading_name(text[call.end() : call.end() + MAX_NAME + 1])
            if name and call.start() >= at:
                self._put(text[at : call.start()])
                at = call.end() + len(name)
                self._put(text[call.start() : at], "mention" if name_key(name) in self.called.mine else "called")
        self._put(text[at:])

    def _put(self, text: str, *styles: str) -> None:
        if not text:
            return
        url = self.links[-1] if self.links else ""
        quoted = ("quoted",) if any(level.kind == "quote" for level in self.levels) else ()
        looks = (*self.block, *quoted, *dict.fromkeys(self.inline), *styles)
        if url and is_safe(url):
            self.pieces.append(Piece(text, (*looks, "link"), Act("open", arg=url), url if text != url else ""))
        else:
            self.pieces.append(Piece(text, looks))


def _urls(text: str) -> Iterator[tuple[str, int, int]]:
    for found in _URL.finditer(text):
        url = found[0].rstrip(".,;:!?'\"*_~")
        while url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1].rstrip(".,;:!?'\"")
        if len(url) > len("https://"):
            yield url, found.start(), found.start() + len(url)
