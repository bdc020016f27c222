"""How a struct shows itself: never with a secret.

Rule: a text field of one of these names is masked in every `repr`, so that a log line, a traceback or a failed test cannot tell it.
"""

from typing import Any, Final

import msgspec

SECRET_FIELDS: Final = frozenset({"password", "old_password", "new_password", "token", "secret"})
"""The fields that may hold a secret. Where one holds something else, such as a token's id, it is shown."""

MASK: Final = "***"


def masked(struct: msgspec.Struct) -> str:
    """The `repr` of a struct with its secrets masked."""
    shown = (f"{name}={_value(name, getattr(struct, name))}" for name in struct.__struct_fields__)
    return f"{type(struct).__name__}({', '.join(shown)})"


def _value(name: str, value: Any) -> str:
    return MASK if name in SECRET_FIELDS and isinstance(value, str) else repr(value)
