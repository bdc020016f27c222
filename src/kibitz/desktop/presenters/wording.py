"""How messages and what else happens are worded, as rows to draw.

Rule: a row is made anew only when something it shows has changed; what others wrote is text, never a format.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from kibitz.desktop.presenters import runs as r
from kibitz.desktop.presenters.glyphs import worded
from kibitz.desktop.presenters.markup import Called, Code, parts_of
from kibitz.desktop.presenters.moving import size_in_words
from kibitz.desktop.presenters.outgoing import Refusal
from kibitz.desktop.presenters.rows import Act, Piece, Row
from kibitz.desktop.presenters.timeline import Timeline
from kibitz.domain.users import name_key
from kibitz.wire import commands as c
from kibitz.wire import events as e
from kibitz.wire.views import CodeSession, File, Message, SessionRef, UserRef

GROUP_SECONDS: Final = 300
"""Messages by one person no further apart than this stand under one name."""

LISTED: Final = 5
"""People named in one line before the others are counted."""

KILLED: Final = {
    "timeout": "it took too long",
    "memory": "it used too much memory",
    "processes": "it started too many processes",
    "output": "it wrote too much",
    "disk": "it wrote too much to disk",
    "descriptors": "it opened too many files",
    "stopped": "someone stopped it",
    "machine_memory": "the server ran short of memory",
    "sandbox_lost": "the sandbox was lost",
    "server_stopped": "the server stopped",
}

_GAP: Final = Piece("\n", ("in0", "sliver"))
"""A little room between what has a ground of its own."""


@dataclass
class Context:
    """What rows are made of besides the log. `quote` gives how an answered message begins, `thumb` whether a preview is there."""

    me: UserRef
    runs: r.Runs
    names: dict[int, str]
    quote: Callable[[int], str]
    thumb: Callable[[File], bool]
    called: Called = field(default_factory=Called)
    sessions: dict[int, dict[int, int]] = field(default_factory=dict)  # by seq and block
    changing: frozenset[int] = frozenset()
    emoji: bool = True  # whether they can be drawn
    chosen_new: int = 0  # the seq after which everything is new; 0: nothing is


class Wording:
    """Rows of one conversation."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._made: dict[int, tuple[tuple[Any, ...], list[Row]]] = {}

    def rows(self, timeline: Timeline) -> list[Row]:
        """Everything in the log's stretch."""
        rows: list[Row] = []
        made: dict[int, tuple[tuple[Any, ...], list[Row]]] = {}
        before: Message | None = None
        day: date | None = None
        new = self.context.chosen_new
        for seq, items in _gathered(timeline):
            first = items[0]
            at = moment(first.sent_at if isinstance(first, Message) else getattr(first, "at", ""))
            if at.date() != day:
                day, before = at.date(), None
                rows.append(_line(f"day:{seq}", day_name(day), "day"))
            if new and seq > new and isinstance(first, Message) and first.sender.id != self.context.me.id:
                new, before = 0, None
                rows.append(_line("new", "New", "new"))
            if not isinstance(first, Message):
                rows.append(self._note(seq, items))
                before = None
                continue
            grouped = _follows(first, before)
            made[seq] = self._message(first, grouped)
            rows += made[seq][1]
            before = first
        self._made = made
        return rows

    def waiting(self, commands: list[c.PostMessage], *, connected: bool) -> list[Row]:
        """What is on its way."""
        state = "sending…" if connected else "waiting for the connection…"
        return [self._unsent(f"out:{one.nonce}", one.text, state, grouped=at > 0) for at, one in enumerate(commands)]

    def refused(self, refused: dict[str, Refusal]) -> list[Row]:
        """What the server would not have."""
        rows = []
        for nonce, one in refused.items():
            row = self._unsent(f"no:{nonce}", one.command.text, "not sent", grouped=False)
            what = "Not sent" if isinstance(one.command, c.PostMessage) else "Not changed"
            ways = (
                Piece(f"{what}: {one.why}  ", ("in0", "small", "danger")),
                Piece("Take the text back", ("in0", "small", "link"), Act("take_back", arg=nonce)),
                Piece(" · ", ("in0", "small", "muted")),
                Piece("Discard", ("in0", "small", "link"), Act("discard", arg=nonce)),
                Piece("\n", ("in0", "small")),
            )
            rows.append(Row(row.key, (*row.pieces, *ways)))
        return rows

    # --- messages ------------------------------------------------------------------------------------------------------

    def _message(self, message: Message, grouped: bool) -> tuple[tuple[Any, ...], list[Row]]:
        context = self.context
        seq = message.seq
        runs = context.runs.versions(seq)
        quote = context.quote(message.thread) if message.thread is not None else ""
        thumb = message.file is not None and context.thumb(message.file)
        sessions = tuple(context.sessions.get(seq, {}).items())
        who = tuple(self._name(user) for one in message.reactions for user in one.users)
        signature = (grouped, runs, quote, thumb, sessions, seq in context.changing, who, context.called)
        held = self._made.get(seq)
        if held is not None and held[0][0] is message and held[0][1:] == signature:
            return held
        rows = self._make(message, grouped, quote, thumb)
        return (message, *signature), rows if context.emoji else [worded(row) for row in rows]

    def _make(self, message: Message, grouped: bool, quote: str, thumb: bool) -> list[Row]:
        rows = _Rows(message.seq)
        if not grouped:
            rows.add(*head(message.sender, moment(message.sent_at)))
        if message.deleted:
            rows.add(Piece("This message was deleted.\n", ("in0", "muted", "italic")))
            return rows.done()
        if message.thread is not None:
            rows.add(Piece(f"↩ {quote}\n", ("in0", "small", "muted", "quotation"), Act("jump", message.thread)))
        if message.text:
            called = self.context.called if message.mentions or message.mentions_all else None
            for part in parts_of(message.text, called):
                if isinstance(part, Code):
                    self._code(rows, message, part)
                else:
                    rows.add(*part.pieces)
        if message.file is not None:
            rows.add(*_file(message.file, thumb, message.seq))
        rows.add(*self._feet(message))
        return rows.done()

    def _code(self, rows: "_Rows", message: Message, part: Code) -> None:
        seq, block = message.seq, part.block
        session = self.context.sessions.get(seq, {}).get(block)
        bar = ("codebar", "small")
        rows.add(
            _GAP,
            Piece(f"{part.language or 'code'}\t", (*bar, "muted")),
            Piece("Copy", (*bar, "link"), Act("copy", seq, block)),
            Piece(" · ", (*bar, "muted")),
            Piece("Run", (*bar, "link"), Act("run", seq, block)),
            Piece(" · ", (*bar, "muted")),
            Piece(
                "Open in editor" if session else "Edit together",
                (*bar, "link"),
                Act("edit_block", seq, block),
                "Others edit it at the same time" if session else "",
            ),
            Piece("\n", bar),
            *part.pieces,
            _GAP,
        )
        run = self.context.runs.at(seq, block)
        if run is not None:
            rows.row(f"{seq}/run{block}", run_pieces(run))
            if run.result is None:
                ways = (
                    Piece(
                        "Running… " if run.state == "running" else "Waiting for its turn… ", ("out", "small", "muted")
                    ),
                    Piece("Stop", ("out", "small", "link"), Act("stop", seq, block)),
                    Piece("\n", ("out", "small")),
                )
                rows.row(f"{seq}/in{block}", ways, run=run.run)

    def _feet(self, message: Message) -> list[Piece]:
        pieces = []
        if message.edited_at is not None or message.seq in self.context.changing:
            changing = message.seq in self.context.changing
            tip = "" if message.edited_at is None else f"Edited {whole(moment(message.edited_at))}"
            pieces.append(Piece("(change on its way)" if changing else "(edited)", ("in0", "small", "muted"), tip=tip))
            pieces.append(Piece("\n", ("in0", "small")))
        if message.reactions:
            pieces += self._reactions(message)
        if message.replies:
            many = "1 reply" if message.replies == 1 else f"{message.replies} replies"
            pieces.append(Piece(f"↩ {many}", ("in0", "small", "link"), Act("thread", message.seq), "Go to the answers"))
            pieces.append(Piece("\n", ("in0", "small")))
        return pieces

    def _reactions(self, message: Message) -> list[Piece]:
        pieces = [_GAP]
        for one in message.reactions:
            mine = self.context.me.id in one.users
            who = listed([self._name(user) for user in one.users])
            look = ("in0", "chips", "chip_mine" if mine else "chip")
            pieces.append(
                Piece(f" {one.emoji} {len(one.users)} ", look, Act("react", message.seq, arg=one.emoji), f"{who}")
            )
            pieces.append(Piece("  ", ("in0", "chips")))
        pieces.append(Piece(" + ", ("in0", "chips", "chip"), Act("pick", message.seq), "Add a reaction"))
        pieces.append(Piece("\n", ("in0", "chips")))
        return pieces

    def _name(self, user: int) -> str:
        return "you" if user == self.context.me.id else self.context.names.get(user, "someone")

    def _unsent(self, key: str, text: str, state: str, *, grouped: bool) -> Row:
        pieces = [] if grouped else list(head(self.context.me, None, state))
        for part in parts_of(text):
            pieces += [Piece(one.text, (*one.styles, "faded")) for one in part.pieces]
        return Row(key, tuple(pieces))

    # --- what else happens ---------------------------------------------------------------------------------------------

    def _note(self, seq: int, events: list[Any]) -> Row:
        words, session = note(events)
        pieces = [Piece(words, ("note", "small", "muted"), tip=whole(moment(getattr(events[0], "at", ""))))]
        if session is not None:
            pieces += [
                Piece("  ", ("note", "small")),
                Piece("Open", ("note", "small", "link"), Act("session", block=session.id)),
            ]
        return Row(f"note:{seq}", (*pieces, Piece("\n", ("note", "small"))))


class _Rows:
    """The rows of one message: cut where something stands in between that changes by itself."""

    def __init__(self, seq: int) -> None:
        self._seq = seq
        self._rows: list[Row] = []
        self._pieces: list[Piece] = []

    def add(self, *pieces: Piece) -> None:
        self._pieces += pieces

    def row(self, key: str, pieces: tuple[Piece, ...], run: int = 0) -> None:
        self._cut()
        self._rows.append(Row(key, pieces, self._seq, run))

    def done(self) -> list[Row]:
        self._cut()
        return self._rows

    def _cut(self) -> None:
        if self._pieces:
            self._rows.append(Row(f"{self._seq}/{len(self._rows)}", tuple(self._pieces), self._seq))
            self._pieces = []


def head(sender: UserRef, at: datetime | None, state: str = "") -> tuple[Piece, ...]:
    """Who says it, and when."""
    return (
        Piece("", ("head",), picture=f"avatar:{sender.id}:{sender.name}"),
        Piece("\t", ("head",)),
        Piece(sender.name, ("head", "bold", f"person{sender.id}")),
        Piece(
            f"  {state or (at.strftime('%H:%M') if at else '')}",
            ("head", "small", "muted"),
            tip=whole(at) if at else "",
        ),
        Piece("\n", ("head",)),
    )


def run_pieces(run: r.BlockRun) -> tuple[Piece, ...]:
    """What a block has printed, and how that ended."""
    pieces = [Piece(f"Run by {run.by}\n", ("outbar", "small", "muted"))]
    if run.cut:
        pieces.append(Piece("… the beginning is not shown\n", ("out", "small", "muted")))
    looks = {"stdout": ("out", "mono"), "stderr": ("out", "mono", "err")}
    pieces += [Piece(printable(piece.text), looks[piece.stream]) for piece in run.output]
    if run.output and not run.output[-1].text.endswith("\n"):
        pieces.append(Piece("\n", ("out", "mono")))
    if run.result is not None:
        good = run.result.success
        words = r.outcome(run.result, KILLED)
        pieces.append(Piece(f"{'✓' if good else '✗'} {words}\n", ("out", "small", "success" if good else "danger")))
    return tuple(pieces)


def printable(text: str) -> str:
    """Output of a program without what would move a terminal's cursor."""
    text = text.replace("\r\n", "\n")
    return "".join(char for char in text if char in "\n\t" or char >= " ")


def _file(file: File, thumb: bool, seq: int) -> Iterable[Piece]:
    yield _GAP
    if thumb:
        look = Act("download", seq, arg="look")
        yield Piece("", ("in0",), look, f"{file.name} – click to see it large", f"file:{file.id}")
        yield Piece("\n", ("in0",))
    yield Piece(f"{file.name}", ("card", "bold"))
    yield Piece(f"   {size_in_words(file.size)}   ", ("card", "small", "muted"))
    yield Piece("Download", ("card", "small", "link"), Act("download", seq))
    yield Piece("\n", ("card",))
    yield _GAP


def note(events: list[Any]) -> tuple[str, SessionRef | CodeSession | None]:
    """What happened, in words, and the session it leads to."""
    event = events[0]
    match event:
        case e.MemberAdded() if event.user.id == event.by.id:
            return f"{listed([one.user.name for one in events])} joined", None
        case e.MemberAdded():
            return f"{event.by.name} added {listed([one.user.name for one in events])}", None
        case e.MemberRemoved() if event.user.id == event.by.id:
            return f"{listed([one.user.name for one in events])} left", None
        case e.MemberRemoved():
            return f"{event.by.name} removed {listed([one.user.name for one in events])}", None
        case e.MemberRoleChanged():
            article = "an" if event.role[:1] in "aeiou" else "a"
            return f"{event.by.name} made {event.user.name} {article} {event.role}", None
        case e.RoomCreated():
            return f"{event.by.name} created “{event.name}”" if event.name else "The conversation began", None
        case e.RoomUpdated():
            topic = f", topic “{event.topic}”" if event.topic else ""
            return f"{event.by.name} changed the conversation: “{event.name}”, {event.visibility}{topic}", None
        case e.SessionOpened():
            what = (
                "a code block to everyone" if event.target is not None else f"the code session {_titled(event.session)}"
            )
            return f"{event.by.name} opened {what}", event.session
        case e.SessionInvited():
            return (
                f"{event.by.name} invited {event.user.name} to the code session {_titled(event.session)}",
                event.session,
            )
    return "", None


def _titled(session: SessionRef) -> str:
    return f"“{session.title}” ({session.language})" if session.title else f"in {session.language}"


def listed(names: list[str]) -> str:
    """`ann, ben and 3 others`."""
    names = list(dict.fromkeys(names))
    if len(names) > LISTED:
        names = [*names[: LISTED - 1], f"{len(names) - LISTED + 1} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nobody"


@lru_cache(1024)
def moment(at: str) -> datetime:
    """A time of the server's, here."""
    try:
        return datetime.fromisoformat(at).astimezone()
    except ValueError:
        return datetime.now().astimezone()


def whole(at: datetime) -> str:
    """Day and time."""
    return f"{at:%A}, {at.day} {at:%B} {at.year}, {at:%H:%M:%S}"


def day_name(day: date) -> str:
    """`Today`, or which day."""
    today = datetime.now().astimezone().date()
    if day == today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return f"{day:%A}, {day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")


def called_as(name: str) -> Called:
    """Which calls are meant for a person of this name."""
    return Called(frozenset({name_key(name), "all"}), anyone=True)


def _line(key: str, words: str, look: str) -> Row:
    return Row(key, (Piece(f"{words}\n", (look, "small", "bold")),))


def _follows(message: Message, before: Message | None) -> bool:
    if before is None or before.sender.id != message.sender.id or message.thread is not None:
        return False
    return (moment(message.sent_at) - moment(before.sent_at)).total_seconds() <= GROUP_SECONDS


def _gathered(timeline: Timeline) -> Iterable[tuple[int, list[Any]]]:
    """Messages one by one, and notes of one kind that follow each other together."""
    gathered: list[tuple[int, list[Any]]] = []
    last: Any = None
    for seq in timeline.seqs:
        item = timeline.messages.get(seq) or timeline.notes[seq]
        if _alike(last, item):
            gathered[-1][1].append(item)
        else:
            gathered.append((seq, [item]))
        last = item
    return gathered


def _alike(one: Any, other: Any) -> bool:
    if not isinstance(other, e.MemberAdded | e.MemberRemoved) or type(one) is not type(other):
        return False
    own = one.user.id == one.by.id
    return own == (other.user.id == other.by.id) and (own or one.by.id == other.by.id)
