"""The verbs of code sessions: read in full before they are declined."""

import msgspec
import pytest

from kibitz.domain.errors import Refusal
from kibitz.wire.pipe.coding import CodeUpdate, ExecuteCode, InviteToCode, not_yet


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (None, "python"),
        (CodeUpdate, '{"session_id":7,"code":"print(1)","version":3,"cursor_pos":{"line":1}}'),
        (CodeUpdate, '{"session_id":"7","code":""}'),
        (ExecuteCode, '{"session_id":7}'),
        (ExecuteCode, '{"session_id":7,"code":"","language":"c","input":"1"}'),
        (InviteToCode, '{"session_id":7,"recipient":"bob"}'),
    ],
)
def test_what_is_written_right_is_not_available(kind: type[msgspec.Struct] | None, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        not_yet(kind)(field)
    assert refused.value.code == "not_available"


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (CodeUpdate, '{"session_id":7}'),
        (CodeUpdate, '{"session_id":7,"code":1}'),
        (ExecuteCode, "{}"),
        (InviteToCode, '{"session_id":7,"recipient":""}'),
    ],
)
def test_what_is_written_wrong_is_a_mistake(kind: type[msgspec.Struct], field: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        not_yet(kind)(field)
