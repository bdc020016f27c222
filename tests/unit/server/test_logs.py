"""Logs: one form for every library, and no secret in any of them."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from kibitz.server import logs
from kibitz.wire.commands import ObtainToken


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    return lambda: capsys.readouterr().err


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_json_has_one_object_a_line_with_time_level_and_context(written: Callable[[], str]) -> None:
    logs.configure("json", "info")
    with structlog.contextvars.bound_contextvars(request="r1"):
        structlog.get_logger("kibitz.test").info("posted", room=1)
    (line,) = lines(written())
    assert (line["event"], line["level"], line["request"], line["room"]) == ("posted", "info", "r1", 1)
    assert str(line["timestamp"]).endswith("Z")


def test_auto_is_json_where_nobody_sits_at_a_terminal(written: Callable[[], str]) -> None:
    logs.configure("auto", "info")
    structlog.get_logger().info("posted")
    assert lines(written())[0]["event"] == "posted"


def test_the_form_for_people_is_a_line_of_words(written: Callable[[], str]) -> None:
    logs.configure("human", "info")
    structlog.get_logger("kibitz.test").warning("disk is nearly full", free=3)
    text = written()
    assert "disk is nearly full" in text
    assert "free=3" in text
    with pytest.raises(json.JSONDecodeError):
        lines(text)


def test_other_libraries_go_the_same_way_and_only_their_warnings_count(written: Callable[[], str]) -> None:
    logs.configure("json", "info")
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.error").warning("no route for %s", "/download/1?token=abc")
    assert [line["event"] for line in lines(written())] == ["no route for /download/1?token=[hidden]"]


def test_nothing_below_the_level_is_written(written: Callable[[], str]) -> None:
    logs.configure("json", "warning")
    structlog.get_logger().info("posted")
    assert written() == ""


@pytest.mark.parametrize("form", ["json", "human"])
def test_a_traceback_is_written_without_what_the_variables_hold(form: str, written: Callable[[], str]) -> None:
    logs.configure(form, "info")
    hidden_away = "hunter2hunter2"
    try:
        len(hidden_away) / 0
    except ZeroDivisionError:
        structlog.get_logger().exception("it failed at /ws?token=abc")
    text = written()
    assert "ZeroDivisionError" in text
    assert hidden_away not in text
    assert "token=abc" not in text


SECRET = "kibitz_Zm9vYmFy-_x1"


@pytest.mark.parametrize(
    "event",
    [
        {"token": SECRET},
        {"old_password": SECRET},
        {"Authorization": f"Bearer {SECRET}"},
        {"set-cookie": f"kibitz_token={SECRET}; HttpOnly"},
        {"headers": {"cookie": SECRET, "x": [f"authorization: bearer {SECRET}"]}},
        {"url": f"/download/1?a=b&token={SECRET}&c=d"},
        {"line": f"token|{SECRET}"},
        {"error": RuntimeError(f"GET /ws?token={SECRET}")},
        {"command": ObtainToken(name="alice", password=SECRET)},
        {"raw": f"/ws?token={SECRET}".encode()},
    ],
)
def test_no_secret_comes_through(event: dict[str, object]) -> None:
    assert SECRET not in repr(logs.hide_secrets(None, "", dict(event)))


def test_ids_and_the_rest_of_a_text_stay() -> None:
    event = {"token_id": 7, "event": "GET /download/1?token=abc&x=1 took 3 ms", "ok": True, "none": None}
    assert logs.hide_secrets(None, "", dict(event)) == {
        **event,
        "event": "GET /download/1?token=[hidden]&x=1 took 3 ms",
    }


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), values, max_size=4))
def test_whatever_is_logged_can_be_written(event: dict[str, object]) -> None:
    cleaned = logs.hide_secrets(None, "", dict(event))
    assert isinstance(json.loads(logs.as_json(cleaned)), dict)
