"""The golden vectors of the protocol, which clients in other languages read too.

One rule: they are changed by hand, together with the protocol: a test that fails on them has found a change of the promise.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parents[2] / "wire" / "vectors"


def load(name: str) -> Any:
    """What stands in a file of vectors."""
    return json.loads((FOLDER / f"{name}.json").read_bytes())


def in_full(value: Any) -> Any:
    """A struct as plain data with every field, those that the wire leaves out included."""
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value))
    if isinstance(value, msgspec.Struct):
        return {field: in_full(getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(key): in_full(item) for key, item in value.items()}
    return [in_full(item) for item in value] if isinstance(value, list | tuple) else value
