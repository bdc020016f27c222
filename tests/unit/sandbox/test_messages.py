"""The sandbox's messages: what goes in comes out, and what cannot be read is refused under its own name."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibitz.domain.errors import CODES
from kibitz.sandbox.messages import (
    AnyEvent,
    AnyRequest,
    Code,
    Ended,
    Event,
    Expect,
    Hello,
    Input,
    LanguageInfo,
    Output,
    Queued,
    Refused,
    Request,
    Result,
    Start,
    Started,
    Stop,
    decode_event,
    decode_request,
    encode,
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=32)
seconds = st.floats(min_value=0.001, max_value=1e6)

requests: st.SearchStrategy[Request] = st.one_of(
    st.builds(
        Start,
        run=names,
        user=names,
        language=names,
        source=texts,
        input=texts,
        keep_stdin_open=st.booleans(),
        timeout=st.none() | seconds,
    ),
    st.builds(Input, run=names, data=texts, eof=st.booleans()),
    st.builds(Stop, run=names),
    st.builds(Expect, language=names),
)
numbers = st.integers(min_value=0, max_value=2**53)
results = st.builds(
    Result,
    exit_code=st.none() | st.integers(0, 255),
    signal=st.none() | names,
    timed_out=st.booleans(),
    killed_for=st.none() | names,
    duration_ms=numbers,
    cpu_ms=numbers,
    peak_memory=numbers,
    truncated=st.booleans(),
    compiled=st.booleans(),
)
infos = st.builds(
    LanguageInfo,
    name=names,
    title=names,
    aliases=st.tuples(names),
    extensions=st.tuples(names),
    version=texts,
    missing=st.none() | texts,
)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Hello, languages=st.tuples(infos), problem=st.none() | texts, at_once=numbers),
    st.builds(Queued, run=names, place=numbers),
    st.builds(Started, run=names, toolchain=texts),
    st.builds(Output, run=names, stream=st.sampled_from(["stdout", "stderr"]), data=texts),
    st.builds(Ended, run=names, result=results),
    st.builds(Refused, run=names, code=st.sampled_from(["invalid", "busy"]), message=texts),
)


@given(requests)
def test_a_request_is_read_as_it_was_written(request: AnyRequest) -> None:
    line = encode(request)
    assert line.count(b"\n") == 1
    assert decode_request(line) == request


@given(events)
def test_an_event_is_read_as_it_was_written(event: AnyEvent) -> None:
    line = encode(event)
    assert line.count(b"\n") == 1
    assert decode_event(line) == event


@given(st.binary(max_size=60))
def test_whatever_comes_is_a_request_or_is_refused(line: bytes) -> None:
    assert isinstance(decode_request(line), Request | Refused)


@pytest.mark.parametrize(
    ("line", "run"),
    [
        (b"", ""),
        (b"\xff", ""),
        (b"[1]", ""),
        (b'{"type":"dance","run":"7"}', "7"),
        (b'{"type":"stop"}', ""),
        (b'{"type":"stop","run":""}', ""),
        (b'{"type":"start","run":"7","user":"alice","language":"c","source":"","timeout":0}', "7"),
        (b'{"type":"input","run":"7","data":"\\ud800', ""),
        (b"[" * 100_000, ""),
    ],
)
def test_what_cannot_be_read_is_refused_under_the_name_it_has(line: bytes, run: str) -> None:
    refused = decode_request(line)
    assert isinstance(refused, Refused)
    assert (refused.run, refused.code) == (run, "invalid")
    assert refused.message


def test_what_is_no_event_raises() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_event(b'{"type":"start"}')


def test_every_code_is_one_of_the_servers() -> None:
    codes: tuple[Any, ...] = Code.__args__  # type: ignore[attr-defined]
    assert set(codes) <= set(CODES)
