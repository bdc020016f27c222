"""The languages of this server, by whatever name people have for them.

Rule: what can be written is not what can be run: a session may be in a language whose toolchain is missing here.
"""

from difflib import get_close_matches

from kibitz.api.caller import Caller
from kibitz.api.workspace import Workspace
from kibitz.domain.errors import Refusal
from kibitz.runner.runner import Runner
from kibitz.sandbox.messages import LanguageInfo
from kibitz.wire.code_commands import ListLanguages
from kibitz.wire.results import Language, Languages


def list_languages(workspace: Workspace, _: Caller, __: ListLanguages) -> Languages:
    """What this server knows and can run."""
    runner = workspace.runner
    return Languages(languages=[_view(one) for one in runner.languages], problem=runner.problem)


def supported(runner: Runner) -> list[str]:
    """The names of what can be run here just now."""
    return [] if runner.problem is not None else [one.name for one in runner.languages if one.missing is None]


def find(runner: Runner, name: str) -> LanguageInfo:
    """The language of this name, or of one of its other names. Raises `Refusal` that says which there are."""
    language = runner.language(name.strip())
    if language is None and not runner.languages:
        raise Refusal("unavailable", "The sandbox is starting; send this again in a moment.", retry_after=1.0)
    if language is None:
        names = [one.name for one in runner.languages]
        near = get_close_matches(name.strip().casefold(), names, 1)
        hint = f" Do you mean {near[0]}?" if near else ""
        raise Refusal("invalid", f"There is no language {name[:32]!r} here; there are {', '.join(names)}.{hint}")
    return language


def _view(language: LanguageInfo) -> Language:
    return Language(
        name=language.name,
        title=language.title,
        version=language.version,
        missing=language.missing,
        aliases=list(language.aliases),
    )
