"""Forms of uploads, however they are cut up on their way."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kibitz.domain.errors import Refusal
from kibitz.domain.messages import MAX_TEXT_BYTES
from kibitz.transports.http.form import MAX_NAME_BYTES, MAX_PARTS, UploadForm

TYPE = "multipart/form-data; boundary=B"


def part(name: str, value: bytes, file: str | None = None, more: str = "") -> bytes:
    label = f'name="{name}"' if file is None else f'name="{name}"; filename="{file}"'
    return f"--B\r\nContent-Disposition: form-data; {label}{more}\r\n\r\n".encode() + value + b"\r\n"


END = b"--B--\r\n"


def take(*chunks: bytes, kind: str = TYPE) -> tuple[UploadForm, bytes, str]:
    form = UploadForm(kind)
    content = b"".join(piece for chunk in chunks for piece in form.feed(chunk))
    return form, content, form.finish()


def refusal(*chunks: bytes, kind: str = TYPE) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        take(*chunks, kind=kind)
    return refused.value.code, refused.value.message


def test_fields_may_stand_before_and_after_the_file() -> None:
    form, content, name = take(
        part("recipient", b"bob"), part("file", b"hello", "plan.txt"), part("text", "für dich".encode()), END
    )
    assert (content, name) == (b"hello", "plan.txt")
    assert form.fields == {"recipient": "bob", "text": "für dich"}


def test_the_file_is_announced_as_soon_as_it_begins() -> None:
    form = UploadForm(TYPE)
    whole = part("recipient", b"bob") + part("file", b"hello", "plan.txt")
    assert form.feed(whole[: whole.index(b"hello") - 2]) == []
    before = form.file_name
    form.feed(whole[whole.index(b"hello") - 2 : whole.index(b"hello")])
    assert (before, form.file_name, form.fields) == (None, "plan.txt", {"recipient": "bob"})


@given(
    content=st.binary(max_size=300) | st.text("-B\r\n", max_size=60).map(str.encode),
    cuts=st.lists(st.integers(0, 700), max_size=12),
)
@example(content=b"\r\n--B", cuts=[])
@example(content=b"x", cuts=list(range(200)))
def test_however_a_form_is_cut_up_the_file_comes_out_to_the_letter(content: bytes, cuts: list[int]) -> None:
    if b"\r\n--B" in b"\r\n" + content:
        content = content.replace(b"B", b"A")  # no client chooses a boundary that its file holds
    whole = part("group_name", b"kitchen") + part("file", content, "a") + part("text", b"look") + END
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    chunks = [whole[start:end] for start, end in pairwise(edges)]
    form, taken, name = take(*chunks)
    assert (taken, name, form.fields) == (content, "a", {"group_name": "kitchen", "text": "look"})


@given(
    st.lists(
        st.binary(min_size=1, max_size=60)
        | st.sampled_from([b"--B\r\n", END, part("file", b"x", "a"), part("text", b"x")])
    )
)
def test_whatever_comes_is_a_form_or_a_refusal(chunks: list[bytes]) -> None:
    form = UploadForm(TYPE)
    with suppress(Refusal):
        content = b"".join(piece for chunk in chunks for piece in form.feed(chunk))
        assert len(content) <= sum(map(len, chunks))
        assert form.finish() == form.file_name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('filename="plan.txt"', "plan.txt"),
        ("filename=plan.txt", "plan.txt"),
        ('filename="\u65e5\u672c.txt"', "日本.txt"),
        ('filename="say %22hi%22.txt"', 'say "hi".txt'),
        ("filename*=UTF-8''na%C3%AFve.txt", "naïve.txt"),
        ('filename=""', ""),
    ],
)
def test_a_file_name_is_read_however_clients_write_it(header: str, name: str) -> None:
    head = f'--B\r\nContent-Disposition: form-data; name="file"; {header}\r\n\r\n'.encode()
    assert take(head + b"x\r\n" + END)[2] == name


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=B",
        "multipart/form-data; boundary=" + "B" * 71,
    ],
)
def test_what_is_no_form_is_refused(kind: str) -> None:
    code, message = refusal(END, kind=kind)
    assert code == "malformed"
    assert "curl -F file=@plan.txt" in message


def test_a_quoted_boundary_is_read() -> None:
    assert take(part("file", b"x", "a") + END, kind='Multipart/Form-Data; boundary="B"')[1] == b"x"


@pytest.mark.parametrize(
    ("form", "code", "says"),
    [
        (part("file", b"x", "a"), "malformed", "not a whole multipart form"),
        (b"", "malformed", "not a whole multipart form"),
        (b"--B\r\nno header\r\n\r\n", "malformed", "not a whole multipart form"),
        (END, "invalid", "There is no file"),
        (part("text", b"x") + END, "invalid", "There is no file"),
        (part("file", b"x") + END, "invalid", "must be a file"),
        (part("file", b"x", "a") + part("file", b"y", "b") + END, "invalid", "one file"),
        (part("text", b"x") * 2 + END, "invalid", "twice"),
        (part("text", b"\xff") + END, "invalid", "UTF-8"),
        (part("colour", b"red") + END, "invalid", "There is no field 'colour'"),
        (part("recipient", b"x" * (MAX_NAME_BYTES + 1)) + END, "too_long", str(MAX_NAME_BYTES)),
        (part("text", b"x" * (MAX_TEXT_BYTES + 1)) + END, "too_long", str(MAX_TEXT_BYTES)),
        (part("text", b"x", more="; " + "y" * 5000) + END, "invalid", "too long headers"),
        (part("file", b"", "a") * (MAX_PARTS + 1) + END, "invalid", "one file"),
    ],
)
def test_a_form_that_does_not_fit_is_refused_with_a_reason(form: bytes, code: str, says: str) -> None:
    refused = refusal(form)
    assert refused[0] == code
    assert says in refused[1]


def test_a_form_has_few_parts() -> None:
    names = ("recipient", "group_name", "sender", "text")
    assert take(*(part(name, b"x") for name in names), part("file", b"", "a"), END)[0].fields == dict.fromkeys(
        names, "x"
    )
