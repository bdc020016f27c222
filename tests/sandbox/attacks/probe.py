"""A probe: one small program that attacks whatever runs it.

Rule: a probe is a file in `probes/<language>`, whole and readable by itself; its first comment says what it tries, then `key: value`.

| key | meaning | without it |
|---|---|---|
| `area` | what kind of attack it is | must be there |
| `ends` | how it may end, alternatives between bars: `exit N`, `signal N`, `not built`, or a limit such as `timeout` | `exit 0`, told |
| `wall` | seconds it is given | 5 |
| `stdin` | `closed`, `open` (nothing comes) or `flood` (a megabyte comes) | `closed` |
| `runs` | `once`, or twice: `in turn` or `at once`; the two are told `first` and `second` on standard input | `once` |
| `alone` | `yes`: nothing else runs meanwhile, since it takes so much that it is measured from outside | no |
| `slow` | `yes`: it takes all the time a compiler is given, so that once is enough | no |
| `naive` | why even an executor without walls holds it | it does not |

Told means: it must say what the refusals were. Names between `@` stand for what the world of the probe is called (`world.py`).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent / "probes"
SUFFIXES: Final = {"c": ".c", "cpp": ".cpp", "java": ".java", "javascript": ".js", "python": ".py"}
"""Languages and the files of their programs."""

_PRELUDE_LINE: Final = {
    "c": re.compile(r'^#include "prelude\.h"$', re.M),
    "cpp": re.compile(r'^#include "prelude\.h"$', re.M),
    "java": re.compile(r"\Z"),
    "javascript": re.compile(r'^require\("\./prelude\.js"\);$', re.M),
    "python": re.compile(r"^from tests\.sandbox\.attacks\.probes\.python\.prelude import .*$", re.M),
}
_PRELUDE_FILE: Final = {
    "c": "c/prelude.h",
    "cpp": "c/prelude.h",
    "java": "java/Prelude.java",
    "javascript": "javascript/prelude.js",
    "python": "python/prelude.py",
}
_HEADER: Final = re.compile(r'\A(?:"""(?P<python>.*?)"""|/\*(?P<other>.*?)\*/)', re.S)
_KEY: Final = re.compile(r"([a-z]+): (.*)")
_CHOICES: Final = {
    "stdin": {"closed", "open", "flood"},
    "runs": {"once", "in turn", "at once"},
    "alone": {"yes"},
    "slow": {"yes"},
}
_KEYS: Final = {"area", "ends", "wall", "naive", *_CHOICES}
_NAME: Final = re.compile(r"@([A-Z0-9_]+)@")


@dataclass(frozen=True, slots=True)
class Probe:
    """A program and what is known of it; `told` says that it must name the refusals."""

    name: str
    language: str
    title: str
    area: str
    ends: tuple[str, ...]
    told: bool
    wall: float
    stdin: str
    runs: str
    alone: bool
    slow: bool
    naive: str
    source: str

    def program(self, values: dict[str, str]) -> str:
        """The program for a world. Raises `KeyError` for a name that the world does not have."""
        return _NAME.sub(lambda found: values[found[1]], self.source)


def load() -> list[Probe]:
    """Every probe there is, in the order of their names. Raises `ValueError` for a header that cannot be read."""
    return [
        parse(path, language)
        for language, suffix in SUFFIXES.items()
        for path in sorted((ROOT / language).glob(f"*{suffix}"))
        if path.stem.lower() != "prelude"
    ]


def parse(path: Path, language: str) -> Probe:
    """The probe in a file. Raises `ValueError`."""
    text = path.read_text(encoding="utf-8")
    found = _HEADER.match(text)
    if found is None:
        raise ValueError(f"{path}: it does not open with a comment")
    lines = [line.strip(" *") for line in (found["python"] or found["other"]).strip().splitlines()]
    keys = {said[1]: said[2] for line in lines if (said := _KEY.fullmatch(line))}
    if problem := _problem(keys):
        raise ValueError(f"{path}: {problem}")
    return Probe(
        name=f"{language}/{path.stem}",
        language=language,
        title=lines[0].rstrip("."),
        area=keys["area"],
        ends=tuple(end.strip() for end in keys.get("ends", "exit 0").split("|")),
        told="ends" not in keys,
        wall=float(keys.get("wall", "5")),
        stdin=keys.get("stdin", "closed"),
        runs=keys.get("runs", "once"),
        alone="alone" in keys,
        slow="slow" in keys,
        naive=keys.get("naive", ""),
        source=_with_prelude(text, language),
    )


def _problem(keys: dict[str, str]) -> str:
    if unknown := sorted(keys.keys() - _KEYS):
        return f"there is no key {unknown[0]}; there are {', '.join(sorted(_KEYS))}"
    for key, choices in _CHOICES.items():
        if key in keys and keys[key] not in choices:
            return f"{key} is one of {', '.join(sorted(choices))}"
    return "" if "area" in keys else "it does not say its area"


def _with_prelude(text: str, language: str) -> str:
    prelude = (ROOT / _PRELUDE_FILE[language]).read_text(encoding="utf-8")
    return _PRELUDE_LINE[language].sub(lambda _: prelude, text, count=1)
