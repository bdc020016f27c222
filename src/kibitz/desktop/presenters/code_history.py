"""What was: the runs of a session, and the versions of its text.

Rule: nothing of it is kept here; each page is asked for when someone looks at it, and what is restored becomes a new edit.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from kibitz.desktop.presenters.ansi import Ansi
from kibitz.desktop.presenters.code_shown import RunRow, Segment, Tone, VersionRow
from kibitz.desktop.presenters.code_words import moment, outcome, size
from kibitz.wire import code_commands as cc
from kibitz.wire.results import CodeHistory, CodeSaved, CodeText, Compared, Run, Runs
from kibitz.wire.views import RunRef

PAGE: Final = 50
"""Runs, or versions, that are asked for at a time."""

MAX_SHOWN: Final = 256 * 1024
"""Characters of one text that are shown; more is said to be left out."""


class HistoryView(Protocol):
    """The window about what was."""

    def show_runs(self, runs: tuple[RunRow, ...], more: bool, first: bool) -> None:
        """A page of runs, newest first; `first`: in place of what is shown."""

    def show_versions(self, versions: tuple[VersionRow, ...], more: bool, first: bool) -> None:
        """A page of versions."""

    def show_text(self, title: str, parts: tuple[Segment, ...]) -> None:
        """A text to be read: a program, an output, a difference, an earlier version."""

    def toast(self, text: str, tone: Tone) -> None:
        """What has just come of something."""


class History:
    """The history of one session. `ask` carries out a command, or says why not and returns None; `view` is the window."""

    def __init__(self, session: int, ask: Callable[[Any], Awaitable[Any]], view: Callable[[], HistoryView]) -> None:
        self._session, self._ask, self._get_view = session, ask, view
        self._oldest_run: int | None = None
        self._oldest_version: int | None = None

    async def runs(self, older: bool = False) -> None:
        """The newest runs, or those before the ones shown."""
        before = self._oldest_run if older else None
        page: Runs | None = await self._ask(cc.ListRuns(session=self._session, before=before, limit=PAGE))
        if page is not None:
            self._oldest_run = page.runs[-1].id if page.runs else before
            self._view.show_runs(tuple(map(_run_row, page.runs)), page.more, not older)

    async def versions(self, older: bool = False) -> None:
        """The newest versions, or those before the ones shown."""
        before = self._oldest_version if older else None
        command = cc.GetCodeHistory(session=self._session, before=before, limit=PAGE)
        page: CodeHistory | None = await self._ask(command)
        if page is not None:
            rows = tuple(
                VersionRow(one.version, one.user.name, moment(one.at), size(one.size)) for one in page.versions
            )
            self._oldest_version = page.versions[-1].version if page.versions else before
            self._view.show_versions(rows, page.more, not older)

    async def look_at_run(self, run: int) -> None:
        """What an earlier run was, read and wrote."""
        whole: Run | None = await self._ask(cc.GetRun(run=run))
        if whole is None:
            return
        result = "" if whole.run.result is None else outcome(whole.run.result)[0]
        parts = [Segment(f"{whole.run.user.name} · {moment(whole.run.asked_at)} · {whole.run.toolchain}\n", "note")]
        parts += [Segment(f"{result}\n\n", "note", bold=True), Segment(_shortened(whole.code))]
        if whole.input:
            parts += [Segment("\n\nInput\n", "note", bold=True), Segment(_shortened(whole.input))]
        parts.append(Segment("\n\nOutput\n", "note", bold=True))
        ansi = {"stdout": Ansi("stdout"), "stderr": Ansi("stderr")}
        parts += [one for piece in whole.output for one in ansi[piece.stream].feed(_shortened(piece.text))]
        self._view.show_text(f"Run {run}", tuple(parts))

    async def run_again(self, run: int) -> None:
        """Run what was run then, with the same text and input."""
        if await self._ask(cc.RunAgain(run=run)) is not None:
            self._view.toast("It runs again; what comes of it is shown in the output.", "good")

    async def compare(self, run: int, other: int) -> None:
        """How one run differs from another."""
        found: Compared | None = await self._ask(cc.CompareRuns(run=run, other=other))
        if found is not None:
            self._view.show_text(f"Run {run} and run {other}", tuple(_compared(found)))

    async def look_at_version(self, version: int) -> None:
        """The text as it was."""
        text: CodeText | None = await self._ask(cc.GetCode(session=self._session, version=version))
        if text is not None:
            self._view.show_text(f"Version {version}", (Segment(_shortened(text.code)),))

    async def restore(self, version: int) -> None:
        """Make the text again what it was."""
        saved: CodeSaved | None = await self._ask(cc.RestoreCode(session=self._session, version=version))
        if saved is not None:
            self._view.toast(f"The text is as it was at version {version}; nothing of what came since is lost.", "good")
            await self.versions()

    @property
    def _view(self) -> HistoryView:
        return self._get_view()


def _run_row(ref: RunRef) -> RunRow:
    said, tone = ("Still running", "plain") if ref.result is None else outcome(ref.result)
    return RunRow(ref.id, ref.user.name, moment(ref.asked_at), ref.toolchain or ref.language, said, tone)  # type: ignore[arg-type]  # the tone of a pair


def _compared(found: Compared) -> list[Segment]:
    same = {
        "program": found.same_code,
        "input": found.same_input,
        "toolchain": found.same_toolchain,
        "result": found.same_result,
        "output": found.same_output,
    }
    parts = [
        Segment(
            f"{'=' if is_same else '≠'} {what}: {'the same' if is_same else 'different'}\n", "note", bold=not is_same
        )
        for what, is_same in same.items()
    ]
    for what, difference in (("Program", found.code), ("Output", found.output)):
        if difference:
            parts.append(Segment(f"\n{what}\n", "note", bold=True))
            for line in difference[:MAX_SHOWN].splitlines(keepends=True):
                colour = "success" if line.startswith("+") else "danger" if line.startswith("-") else ""
                parts.append(Segment(line, colour=colour))
    return parts


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}\n… {len(text) - MAX_SHOWN} characters left out"
