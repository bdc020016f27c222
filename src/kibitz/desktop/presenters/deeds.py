"""What a click or a key on a message does.

Rule: every deed ends in something to see: the thing itself, or a sentence that says why not.
"""

import asyncio
import re
import webbrowser
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from kibitz.client.client import Client
from kibitz.client.errors import ClientError, Refused
from kibitz.desktop.presenters.glyphs import labelled
from kibitz.desktop.presenters.markup import is_safe, parts_of
from kibitz.desktop.presenters.outgoing import Outgoing
from kibitz.desktop.presenters.rows import Act, Choice
from kibitz.desktop.presenters.runs import Runs
from kibitz.desktop.presenters.shell import Shell
from kibitz.desktop.presenters.writing import Writing
from kibitz.domain.blocks import CodeBlock, blocks_of
from kibitz.wire import code_commands as cc
from kibitz.wire import commands as c
from kibitz.wire.results import Language, Languages
from kibitz.wire.views import Message

EMOJI: Final = ("👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "🚀", "🤔", "👎")
"""What is offered as a reaction; any other can be had by whoever writes to the server."""

MAX_LINKS: Final = 5
"""Links of one message that stand in its menu."""

_LABEL: Final = re.compile(r"\s+")


class DeedsView(Protocol):
    """What deeds need of the conversation's view."""

    def copy(self, text: str) -> None:
        """Put this on the clipboard."""

    def show_menu(self, seq: int, choices: tuple[Choice, ...]) -> None:
        """Show what can be done with a message."""

    def pick_reaction(self, seq: int, choices: tuple[Choice, ...]) -> None:
        """Let the person choose a reaction."""

    def ask_delete(self, seq: int, begins: str) -> None:
        """Ask whether a message is really to be taken back."""


class Deeds:
    """The deeds of one conversation. `find` gives a message that is shown."""

    def __init__(self, shell: Shell, room: int, find: Callable[[int], Message | None], **parts: Any) -> None:
        self._shell, self._room, self._find = shell, room, find
        self._client: Client = shell.client
        self._writing: Writing = parts["writing"]
        self._outgoing: Outgoing = parts["outgoing"]
        self._runs: Runs = parts["runs"]
        self._jump: Callable[[int], Awaitable[None]] = parts["jump"]
        self._languages: dict[str, Language] = {}
        self._problem = ""
        self.view: Any = None

    async def do(self, act: Act) -> None:
        """Do it."""
        match act.verb:
            case "open":
                await self._open(act.arg)
            case "take_back":
                self._writing.give_back(self._outgoing.take_back(act.arg))
            case "discard":
                self._outgoing.take_back(act.arg)
            case "session":
                await self._session(act.block)
            case "jump":
                await self._jump(act.seq)
            case "thread":
                await self._thread(act.seq)
            case "pick":
                self.view.pick_reaction(
                    act.seq, tuple(Choice(labelled(one), Act("react", act.seq, arg=one)) for one in EMOJI)
                )
            case _:
                message = self._find(act.seq)
                if message is None:
                    self._say("This message is not here any more.", "danger")
                else:
                    await self._with(message, act)

    def menu(self, seq: int) -> None:
        """Show what can be done with a message."""
        message = self._find(seq)
        if message is not None:
            self.view.show_menu(seq, tuple(self._choices(message)))

    # --- with a message ------------------------------------------------------------------------------------------------

    async def _with(self, message: Message, act: Act) -> None:
        match act.verb:
            case "copy" | "run" | "stop" | "edit_block":
                await self._block(message, act)
            case "react":
                await self._react(message, act.arg)
            case "reply":
                self._writing.reply(message)
            case "edit":
                self._writing.edit(message)
            case "delete":
                await self._delete(message, sure=act.arg == "sure")
            case "copy_text":
                self._copy(message.text, "Text copied.")
            case "copy_link":
                self._copy(self._link(message), "Link copied.")
            case "download":
                await self._download(message, look=act.arg == "look")

    async def _block(self, message: Message, act: Act) -> None:
        blocks = blocks_of(message.text)
        if act.verb == "stop":
            run = self._runs.at(message.seq, act.block)
            if run is not None and run.result is None:
                await self._shell.attempt(cc.StopRun(run=run.run))
        elif act.block >= len(blocks):
            self._say("This code block is not there any more.", "danger")
        elif act.verb == "copy":
            self._copy(blocks[act.block].code, "Code copied.")
        elif act.verb == "run":
            await self._run(message.seq, act.block, blocks[act.block])
        elif self._shell.code is None:
            self._say("The editor is not available here.", "danger")
        else:
            await self._shell.code.edit_block(self._room, message.seq, act.block)

    async def _run(self, seq: int, block: int, code: CodeBlock) -> None:
        if (problem := await self.cannot_run(code.language)) is not None:
            self._say(problem, "danger")
            return
        await self._write(cc.RunCode(room=self._room, seq=seq, block=block, interactive=True))

    async def cannot_run(self, language: str) -> str | None:
        """Why code in this language cannot be run; None where it can."""
        await self._load_languages()
        known = self._languages.get(language.casefold())
        if known is None and not self._languages:
            return self._problem or None  # the server will say
        if known is not None and known.missing is None:
            return self._problem or None
        if known is not None:
            return f"{known.title} is not installed on this server: {known.missing}"
        can = ", ".join(sorted({one.title for one in self._languages.values() if one.missing is None}))
        what = f"“{language}” cannot be run here" if language else "This block does not say what language it is in"
        return f"{what}. Write the language behind the opening ```: {can}." if can else "This server runs no code."

    async def _load_languages(self) -> None:
        if self._languages:
            return
        try:
            found: Languages = await self._client.do(cc.ListLanguages(), timeout=5)
        except (ClientError, TimeoutError):
            return
        self._problem = found.problem or ""
        for one in found.languages:
            for name in (one.name, *one.aliases):
                self._languages[name.casefold()] = one

    async def _react(self, message: Message, emoji: str) -> None:
        me = self._client.replica.me
        mine = any(one.emoji == emoji and me is not None and me.id in one.users for one in message.reactions)
        command = c.RemoveReaction if mine else c.AddReaction
        await self._write(command(room=self._room, seq=message.seq, emoji=emoji))

    async def _delete(self, message: Message, *, sure: bool) -> None:
        if sure:
            await self._write(c.DeleteMessage(room=self._room, seq=message.seq))
        else:
            begins = _LABEL.sub(" ", message.text).strip()[:80] or (message.file.name if message.file else "")
            self.view.ask_delete(message.seq, begins)

    async def _download(self, message: Message, *, look: bool) -> None:
        if message.file is None:
            return
        if self._shell.files is None:
            self._say("Files cannot be fetched just now.", "danger")
        elif look:
            await self._shell.files.look(message.file)
        else:
            await self._shell.files.download(message.file)

    async def _session(self, session: int) -> None:
        if self._shell.code is None:
            self._say("The editor is not available here.", "danger")
        else:
            await self._shell.code.open(session)

    async def _thread(self, seq: int) -> None:
        try:
            page = await self._client.history(self._room, thread=seq, limit=50)
        except (ClientError, TimeoutError) as error:
            self._say(str(error) or "The server does not answer; try again.", "danger")
            return
        answers = [one for one in page.messages if one.seq != seq]
        if answers:
            await self._jump(answers[0].seq)

    async def _open(self, url: str) -> None:
        if not is_safe(url):
            self._say("Only links to web pages and mail addresses are opened.", "danger")
        elif not await asyncio.to_thread(webbrowser.open, url):
            self._copy(url, "There is no browser to open it with; the link was copied.")

    # --- the menu ------------------------------------------------------------------------------------------------------

    def _choices(self, message: Message) -> list[Choice]:
        seq, me = message.seq, self._client.replica.me
        if message.deleted:
            return [Choice("Copy link", Act("copy_link", seq))]
        found = [Choice("Reply", Act("reply", seq)), Choice("React…", Act("pick", seq))]
        if me is not None and message.sender.id == me.id and message.file is None:
            found.append(Choice("Edit", Act("edit", seq)))
        if self._may_delete(message):
            found.append(Choice("Delete…", Act("delete", seq)))
        found.append(Choice())
        for number, block in enumerate(blocks_of(message.text)):
            found += self._of_block(seq, number, block)
        if message.file is not None:
            found += [Choice(f"Download {message.file.name}", Act("download", seq)), Choice()]
        links = self._links(message)
        found += [*links, *([Choice()] if links else [])]
        if message.text:
            found.append(Choice("Copy text", Act("copy_text", seq)))
        return [*found, Choice("Copy link", Act("copy_link", seq))]

    def _of_block(self, seq: int, number: int, block: CodeBlock) -> list[Choice]:
        name = f"{block.language or 'code'} block {number + 1}" if number else f"{block.language or 'code'} block"
        run = self._runs.at(seq, number)
        ways = [Choice(f"Copy {name}", Act("copy", seq, number)), Choice(f"Run {name}", Act("run", seq, number))]
        if run is not None and run.result is None:
            ways.append(Choice(f"Stop {name}", Act("stop", seq, number)))
        return [*ways, Choice(f"Edit {name} together", Act("edit_block", seq, number)), Choice()]

    def _links(self, message: Message) -> list[Choice]:
        found: dict[str, Choice] = {}
        for part in parts_of(message.text):
            for piece in part.pieces:
                if piece.act is not None and piece.act.verb == "open":
                    url = piece.act.arg
                    found.setdefault(url, Choice(f"Open {url if len(url) < 60 else url[:59] + '…'}", piece.act))
        return list(found.values())[:MAX_LINKS]

    def _may_delete(self, message: Message) -> bool:
        me, held = self._client.replica.me, self._client.replica.rooms.get(self._room)
        if me is None or held is None:
            return False
        return message.sender.id == me.id or held.mine.role != "member" or me.role in ("owner", "admin")

    # --- helpers -------------------------------------------------------------------------------------------------------

    async def _write(self, command: c.Write) -> Any:
        try:
            return await self._client.do(command)
        except Refused:
            return None  # the shell tells of whatever the outbox could not do
        except (ClientError, OSError) as error:
            self._say(str(error), "danger")
            return None

    def _link(self, message: Message) -> str:
        server = self._client.replica.server
        return f"{server.http_url if server is not None else ''}/#/rooms/{self._room}/{message.seq}"

    def _copy(self, text: str, said: str) -> None:
        self.view.copy(text)
        self._say(said, "success")

    def _say(self, text: str, tone: Any) -> None:
        self._shell.view.toast(text, tone)
