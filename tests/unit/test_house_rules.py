"""The house rules that no linter knows: tests mirror the tree, and files and functions stay small.

One rule: an exception is written down here with its reason, and one that is no longer needed fails the build.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "kibitz"
UNIT_TESTS = ROOT / "tests" / "unit"
PYTHON_TREES = ("src", "tests", "bench", "fuzz", "tools")

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60

# Modules that have no unit test of their own: where they are tested instead, and why there.
TESTED_ELSEWHERE: dict[str, tuple[str, str]] = {
    # The door needs a whole workspace behind it: it is tried with a real server and real connections.
    "api/gate.py": ("tests/e2e", "login, right, size and rate are tried on every transport"),
    "api/limiter.py": ("tests/e2e", "whoever is too fast is told to wait"),
    "api/live.py": ("tests/e2e", "ping, typing and presence of real connections"),
    "api/opening.py": ("tests/e2e", "logging in, resuming, catching up"),
    "api/presence.py": ("tests/e2e", "coming and going is told"),
    "api/session.py": ("tests/e2e", "a connection from its first message to its last"),
    "api/sessions.py": ("tests/e2e", "every connection of a server"),
    "api/things_many.py": ("tests/e2e", "posting to rooms by id and by name"),
    "api/verbs.py": ("tests/unit/transports/http", "the table is what the documents are made of"),
    "client/client.py": ("tests/e2e", "a whole client against a real server"),
    # Plain data without behaviour.
    "api/caller.py": ("tests/e2e", "plain data"),
    "coedit/access.py": ("tests/unit/coedit", "plain data"),
    "api/verb.py": ("tests/e2e", "plain data"),
    "api/workspace.py": ("tests/e2e", "plain data"),
    "fanout/bundle.py": ("tests/unit/fanout", "the hub's encodings are counted in test_hub"),
    "fanout/channel.py": ("tests/unit/fanout", "a room's listeners are the hub's, tried in test_hub"),
    "fanout/listener.py": ("tests/unit/fanout", "plain data"),
    "fanout/steps.py": ("tests/unit/fanout", "plain data, carried out in test_hub"),
    "features/call.py": ("tests/unit/features", "plain data"),
    "storage/schema.py": ("tests/migrations", "compared with the migrated database"),
    "transports/cookie.py": ("tests/unit/transports", "one constant"),
    # Windows are right when a person can use them.
    "desktop/app.py": ("tests/desktop", "the whole program, in a window of its own"),
    "desktop/presenters/sheet.py": ("tests/desktop", "it decides nothing; the sheet is opened in a window"),
    "desktop/presenters/shown.py": ("tests/unit/desktop/presenters", "plain data"),
    "desktop/views/banner.py": ("tests/desktop", "a server is killed and comes back"),
    "desktop/views/dialogs.py": ("tests/desktop", "a few letters lead somewhere"),
    "desktop/views/group_dialogs.py": ("tests/desktop", "groups are made and seen to in windows"),
    "desktop/views/kit.py": ("tests/desktop", "every window is made of it, and looked at"),
    "desktop/views/listing.py": ("tests/desktop", "rows are clicked, gone through and kept"),
    "desktop/views/login.py": ("tests/desktop", "a person fills it in"),
    "desktop/views/main.py": ("tests/desktop", "its keys are pressed, and it is made narrow"),
    "desktop/views/settings.py": ("tests/desktop", "what is chosen takes effect"),
    "desktop/views/shortcuts.py": ("tests/desktop", "every key of it is bound"),
    "desktop/views/sidebar.py": ("tests/desktop", "conversations and people are found in it"),
    "desktop/views/tabs.py": ("tests/desktop", "tabs are dragged, closed and brought back"),
    "desktop/views/toasts.py": ("tests/desktop", "what is said stacks, and goes"),
    "desktop/code.py": ("tests/desktop", "sessions are opened, closed and come back to in windows"),
    "desktop/views/code_cursors.py": ("tests/desktop", "where a stock client's cursor is seen in the editor"),
    "desktop/views/code_dialogs.py": ("tests/desktop", "sessions are begun, listed and asked into in windows"),
    "desktop/views/code_keys.py": ("tests/desktop", "keys are pressed in a real editor"),
    "desktop/views/code_text.py": ("tests/desktop", "random edits in a real editor and a stock client"),
    "desktop/views/editor.py": ("tests/desktop", "a session's window, from its first letter to its last run"),
    "desktop/views/find_bar.py": ("tests/desktop", "something is found and replaced in a real editor"),
    "desktop/views/gutter.py": ("tests/desktop", "drawn beside every editor there"),
    "desktop/views/output.py": ("tests/desktop", "what programs write is read in a real window"),
    "desktop/presenters/code_history.py": ("tests/unit/desktop/presenters", "asked through a session in test_coding"),
    "desktop/presenters/code_shown.py": ("tests/unit/desktop/presenters", "plain data"),
    "desktop/presenters/desk.py": ("tests/unit/desktop/presenters", "two people's desks in test_coding"),
    "desktop/presenters/ports.py": ("tests/desktop", "what parts ask of one another, without behaviour"),
    "desktop/views/attention.py": ("tests/desktop", "the title counts, and a click on a notice raises the window"),
    "desktop/views/avatars.py": ("tests/desktop", "drawn beside every message there"),
    "desktop/views/composer.py": ("tests/desktop", "messages are written, edited and sent in it"),
    "desktop/views/conversation.py": ("tests/desktop", "a conversation in its tab, from the first message on"),
    "desktop/views/desk.py": ("tests/desktop", "files go up and down in windows"),
    "desktop/views/drawing.py": ("tests/desktop", "every list and avatar there is drawn on it"),
    "desktop/views/drop.py": ("tests/desktop", "a file is dragged onto a conversation"),
    "desktop/views/garbage.py": ("tests/desktop", "every window there collects on Tk's thread"),
    "desktop/views/menus.py": ("tests/desktop", "a message's menu is opened and gone through"),
    "desktop/views/message_styles.py": ("tests/desktop", "messages are looked at, light and dark"),
    "desktop/views/messages.py": ("tests/desktop", "messages come, change and go in a window"),
    "desktop/views/paste.py": ("tests/desktop", "an image is pasted from a real clipboard"),
    "desktop/views/picking.py": ("tests/desktop", "a file is chosen by keyboard"),
    "desktop/views/shared_files.py": ("tests/desktop", "files are found, fetched and deleted"),
    "desktop/views/tips.py": ("tests/desktop", "who reacted is shown under the pointer"),
    "desktop/views/transfers.py": ("tests/desktop", "progress is seen, cancelled and tried again"),
    "desktop/views/viewer.py": ("tests/desktop", "an image is opened at full size"),
    # Assembly is right when the server starts, serves and stops.
    "server/assembly.py": ("tests/e2e", "a server is started, stopped and refused"),
    "server/background.py": ("tests/e2e", "what another process did is noticed"),
    "server/doors.py": ("tests/e2e", "both protocols on one port"),
    "server/parts.py": ("tests/e2e", "a server is started and stopped"),
}
"""Modules without a unit test of their own: the suite that tries them, and how."""

# Libraries that are pure functions over text or plain structs: no I/O, no clock, no chance.
DOMAIN_LIBRARIES = {"emoji", "markdown_it", "msgspec"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files() -> list[Path]:
    return sorted(path for tree in PYTHON_TREES for path in (ROOT / tree).rglob("*.py"))


def modules_that_need_a_test() -> list[Path]:
    """Every module but packages' own files, and migrations, which have one suite that runs each of them."""
    found = (path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))
    return sorted(
        path for path in found if path.stem not in {"__init__", "__main__"} and "migrations" not in path.parts
    )


def unit_test_of(module: Path) -> Path:
    return UNIT_TESTS / module.parent / f"test_{module.name}"


def functions_of(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: Function) -> int:
    """Count from `def` to the last line; a docstring is free, since nobody should pay for explaining."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return length
    docstring = function.body[0]
    return length - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def top_level_imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_rules_see_the_tree() -> None:
    assert SOURCE / "__init__.py" in python_files()
    assert Path(__file__) in python_files()


def test_every_module_has_a_unit_test_or_a_reason_to_have_none() -> None:
    missing = [
        module.as_posix()
        for module in modules_that_need_a_test()
        if not unit_test_of(module).is_file() and module.as_posix() not in TESTED_ELSEWHERE
    ]
    assert missing == [], "write tests/unit/<same path>/test_<module>.py, or say in TESTED_ELSEWHERE where and why"


def test_every_reason_to_have_no_unit_test_still_holds() -> None:
    modules = {module.as_posix() for module in modules_that_need_a_test()}
    stale = [
        module
        for module, (suite, _reason) in TESTED_ELSEWHERE.items()
        if module not in modules or unit_test_of(Path(module)).is_file() or not (ROOT / suite).exists()
    ]
    assert stale == [], "the module is gone or has a unit test by now, or the suite named is not there"


def test_every_module_opens_with_its_purpose() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in python_files()
        if ast.get_docstring(ast.parse(path.read_bytes())) is None
    ]
    assert silent == [], "open the module with a docstring: its purpose and its one rule"


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in python_files()
        if (lines := len(path.read_bytes().splitlines())) > MAX_FILE_LINES
    }
    assert long == {}, f"split it by subject: a file has at most {MAX_FILE_LINES} lines"


def test_no_function_is_longer_than_a_page() -> None:
    long = {
        f"{path.relative_to(ROOT).as_posix()}:{function.lineno} {function.name}": lines_of(function)
        for path in python_files()
        for function in functions_of(path)
        if lines_of(function) > MAX_FUNCTION_LINES
    }
    assert long == {}, f"name its parts: a function has at most {MAX_FUNCTION_LINES} lines"


def test_the_domain_imports_itself_and_the_standard_library_alone() -> None:
    allowed = sys.stdlib_module_names | DOMAIN_LIBRARIES
    strangers = [
        f"{path.relative_to(ROOT).as_posix()} imports {name}"
        for path in (SOURCE / "domain").rglob("*.py")
        for name in top_level_imports_of(path)
        if name.partition(".")[0] not in allowed and not f"{name}.".startswith("kibitz.domain.")
    ]
    assert strangers == [], "hand it in: the domain knows no library but those in DOMAIN_LIBRARIES"
