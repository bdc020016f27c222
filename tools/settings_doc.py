"""Write docs/reference/settings.md from the table of settings: `.venv/bin/python tools/settings_doc.py`.

One rule: the page says what the table says and nothing else; a test holds it to that.
"""

from pathlib import Path

from kibitz.server.config import CONFIG_VARIABLE, DEFAULT_FILE, SETTINGS, Setting
from kibitz.server.kinds import SWITCH

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "settings.md"

INTRODUCTION = f"""\
# Settings

This page is made from the table in `src/kibitz/server/config.py` by `tools/settings_doc.py`.

Every setting has three names: an option of `kibitz serve`, a variable of the environment, and a key of `{DEFAULT_FILE}`. The command
line beats the environment, which beats the file. The file is read from the current directory where it is there, or from wherever
`--config` or `{CONFIG_VARIABLE}` says. A name that does not exist, in any of the three, stops the start with a suggestion; so does a
value that cannot be used.

    kibitz serve --tcp-port 6000
    KIBITZ_TCP_PORT=6000 kibitz serve
    echo 'tcp_port = 6000' >> {DEFAULT_FILE} && kibitz serve
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([INTRODUCTION, *(_section(setting) for setting in SETTINGS.values())])


def _section(setting: Setting) -> str:
    default = f"Default: {setting.shown}." if setting.shown else "Not set by default."
    return f"""\
## `{setting.name}`

{setting.help} {default}

| command line | environment | file |
|---|---|---|
| {_on_the_line(setting)} | `{setting.variable}` | `{_in_the_file(setting)}` |

Takes {setting.kind.expects}.
"""


def _on_the_line(setting: Setting) -> str:
    return (
        f"`{setting.option}`"
        if setting.kind is SWITCH
        else f"`{setting.option} {setting.kind.metavar}`".replace("|", "\\|")
    )


def _in_the_file(setting: Setting) -> str:
    if setting.kind is SWITCH:
        return f"{setting.name} = true"
    shown = setting.shown if setting.default is not None and " " not in setting.shown else "…"
    return f"{setting.name} = {shown}" if shown.isdigit() else f'{setting.name} = "{shown}"'


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
