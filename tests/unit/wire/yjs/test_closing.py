"""Close codes of documents: what stock clients do upon them."""

from kibitz.wire import closing
from kibitz.wire.yjs.closing import CLOSES, UNSAVED, is_terminal


def test_who_is_not_let_in_does_not_come_back_and_who_has_to_wait_does() -> None:
    assert [code for code, close in CLOSES.items() if not is_terminal(close)] == [UNSAVED.code]


def test_no_code_means_something_else_elsewhere() -> None:
    assert not CLOSES.keys() & closing.CLOSES.keys()
    assert not any(is_terminal(close) for close in closing.CLOSES.values())


def test_a_reason_fits_in_a_close_frame() -> None:
    assert all(len(close.reason.encode()) <= 123 for close in CLOSES.values())
