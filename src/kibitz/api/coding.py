"""Code sessions, as far as there is a text to load, to merge or to listen to, between one transaction and the next.

Rule: the right is asked of the database for each command; what the text becomes is the document's matter, and no command's.
"""

from base64 import b64encode

from kibitz.api import collab, languages
from kibitz.api.asked import Asked
from kibitz.coedit import history
from kibitz.coedit.document import Branch
from kibitz.domain.coding import SessionFacts, check_code
from kibitz.domain.errors import Refusal
from kibitz.features.call import Call
from kibitz.features.sessions import changing, creating, joining
from kibitz.storage import Tx, sessions
from kibitz.wire.code_commands import ExportCode, GetAuthors, GetCode, GetCodeHistory
from kibitz.wire.results import (
    Authors,
    CodeExport,
    CodeHistory,
    CodeSaved,
    CodeText,
    CodeVersion,
    SessionChanged,
    SessionJoined,
    SessionShown,
    WrittenBy,
)


async def create_session(asked: Asked) -> SessionJoined:
    """Make a session, seeded with its first text, and take part in it."""
    command = asked.command
    block = None if command.seq is None else await asked.check(creating.block_asked)
    name = command.language or (block.language if block is not None else "")
    if not name:
        raise Refusal("invalid", "Name the language of the session, such as python.")
    language = languages.find(asked.workspace.runner, name).name
    code = command.code if block is None else block.code
    check_code(code)
    shown = await asked.answered(lambda call: creating.create_session(call, language, code), SessionShown)
    return await _entered(asked, shown)


async def join_session(asked: Asked) -> SessionJoined:
    """Take part in a session."""
    return await _entered(asked, await asked.answered(joining.join_session, SessionShown))


async def update_session(asked: Asked) -> SessionChanged:
    """Change a session; a language is one of the server's."""
    name = asked.command.language
    language = None if name is None else languages.find(asked.workspace.runner, name).name
    return await asked.answered(lambda call: changing.update_session(call, language), SessionChanged)


async def update_code(asked: Asked) -> CodeSaved:
    """Merge what somebody has made of a text. Whoever sent it and has another text now is told that before the answer."""
    workspace, command, listener = asked.workspace, asked.command, asked.caller.listener
    await asked.permit()
    session, watching = command.session, workspace.watching
    with await workspace.documents.open(session) as document:
        copy = None if listener is None else watching.copy(session, listener)
        newest = document.version if command.version is None else command.version
        branch = Branch(newest) if copy is None else copy.edited(command.version)
        watching.point(session, asked.caller.user, command.cursor)
        if listener is not None:
            watching.has_sent(session, listener, command.code, branch)
        version = await document.extend(branch, command.code, asked.caller.user)
    watching.tell(session)
    return CodeSaved(session=session, version=version)


async def restore_code(asked: Asked) -> CodeSaved:
    """Make a text again what it was."""
    await asked.permit()
    session = asked.command.session
    with await asked.workspace.documents.open(session) as document:
        version = await document.restore(asked.command.version, asked.caller.user)
    return CodeSaved(session=session, version=version)


def get_code(call: Call[GetCode, SessionFacts]) -> CodeText:
    """The text as it is stored now, or was."""
    session, command = call.thing.id, call.command
    language = sessions.view(call.tx, session, call.actor.id).language
    code, version = _stored(call.tx, session, command.version)
    return CodeText(session=session, code=code, version=version, language=language)


def export_code(call: Call[ExportCode, SessionFacts]) -> CodeExport:
    """The document, to be taken elsewhere."""
    session = call.thing.id
    return CodeExport(
        session=session,
        version=history.head(call.tx, session),
        language=sessions.view(call.tx, session, call.actor.id).language,
        update=b64encode(history.export(call.tx, session)).decode(),
    )


def get_history(call: Call[GetCodeHistory, SessionFacts]) -> CodeHistory:
    """A page of how the text came to be."""
    command = call.command
    found = history.entries(call.tx, call.thing.id, command.before, command.limit + 1)
    versions = [CodeVersion(version=one.version, user=one.user, at=one.at, size=one.size) for one in found]
    return CodeHistory(versions=versions[: command.limit], more=len(found) > command.limit)


def get_authors(call: Call[GetAuthors, SessionFacts]) -> Authors:
    """Who wrote what."""
    session, version = call.thing.id, call.command.version
    version = history.head(call.tx, session) if version is None else version
    parts = [WrittenBy(text=one.text, user=one.user) for one in history.authors(call.tx, session, version)]
    return Authors(version=version, parts=parts)


def _stored(tx: Tx, session: int, version: int | None = None) -> tuple[str, int]:
    version = history.head(tx, session) if version is None else version
    return history.text_at(tx, session, version), version


async def _entered(asked: Asked, shown: SessionShown) -> SessionJoined:
    """What whoever comes into a session finds there; their connection hears it from here on."""
    workspace, listener, session = asked.workspace, asked.caller.listener, shown.session.id
    audiences = workspace.hub.audiences
    is_new = listener is not None and not audiences.hears(session, listener)
    if listener is not None:
        await workspace.watching.join(session, listener)
    workspace.watching.meet(session, [one.user for one in shown.participants])
    workspace.runner.expect(shown.session.language)
    try:
        code, version = await _found(asked, session)
    except Refusal:
        if listener is not None and is_new:
            audiences.remove(session, listener)
        raise
    if listener is not None:
        workspace.watching.was_told(session, listener, version)
    return SessionJoined(
        session=shown.session,
        participants=shown.participants,
        code=code,
        version=version,
        running=workspace.runs.of_session(session),
    )


async def _found(asked: Asked, session: int) -> tuple[str, int]:
    """The text for whoever comes in, not older than what their connection was told since it hears the session. Raises `Refusal`.

    The right is asked here too: the answer to a nonce is given again without, also to whoever was put out since.
    """
    caller, listener = asked.caller, asked.caller.listener

    def look(tx: Tx) -> tuple[str, int]:
        collab.right(tx, caller, session)
        return _stored(tx, session)

    while True:
        code, version = await asked.workspace.store.read(look)
        copy = None if listener is None else asked.workspace.watching.copy(session, listener)
        if copy is None or copy.told <= version:
            return code, version
