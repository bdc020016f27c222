"""The archive that a backup is, and archives that only look like one."""

import io
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kibitz.storage.archive import FORMAT, Manifest, reading, writing
from kibitz.storage.faults import StartError

DATABASE = b"a database, as far as an archive knows" * 100
PICTURE = b"\x89PNG and so on" * 100_000
DIGEST = sha256(PICTURE).hexdigest()

Members = list[tuple[str, bytes]]


def ignore(_: int) -> None:
    """Progress that nobody watches."""


def manifest(**changes: Any) -> Manifest:
    said = Manifest(
        kibitz="0.1.0",
        created_at="2026-01-31T12:00:00.000Z",
        revision="0001",
        epoch="first-epoch",
        users=2,
        rooms=1,
        messages=3,
        files=1,
        file_bytes=len(PICTURE),
        database_sha256=sha256(DATABASE).hexdigest(),
        missing=[],
    )
    return msgspec.structs.replace(said, **changes)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """An archive as a backup makes it."""
    (tmp_path / "db").write_bytes(DATABASE)
    (tmp_path / "picture").write_bytes(PICTURE)
    with writing(tmp_path / "a.tar", ignore) as archive:
        archive.add_database(tmp_path / "db")
        assert archive.add_file(DIGEST, tmp_path / "picture")
        archive.finish(manifest())
    return tmp_path / "a.tar"


def forged(path: Path, members: Members, change: Callable[[tarfile.TarInfo], None] = lambda _: None) -> Path:
    """A tar file of whatever is in it."""
    with tarfile.open(path, "w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            change(member)
            archive.addfile(member, io.BytesIO(content))
    return path


def whole(**changes: Any) -> Members:
    return [
        ("kibitz.db", DATABASE),
        (f"files/{DIGEST}", PICTURE),
        ("manifest.json", msgspec.json.encode(manifest(**changes))),
    ]


def refused(path: Path) -> str:
    with pytest.raises(StartError) as caught, reading(path):
        pass
    return str(caught.value)


def test_what_was_put_in_comes_out(made: Path, tmp_path: Path) -> None:
    done: list[int] = []
    with reading(made) as archive:
        assert archive.manifest == manifest()
        assert archive.database_bytes == len(DATABASE)
        assert archive.file_bytes(DIGEST) == len(PICTURE)
        archive.extract_database(tmp_path / "out.db", done.append)
        archive.extract_file(DIGEST, tmp_path / "out.png", done.append)
    assert (tmp_path / "out.db").read_bytes() == DATABASE
    assert (tmp_path / "out.png").read_bytes() == PICTURE
    assert sum(done) == len(DATABASE) + len(PICTURE)


def test_an_archive_is_an_ordinary_tar_file(made: Path) -> None:
    with tarfile.open(made) as archive:
        assert archive.getnames() == ["kibitz.db", f"files/{DIGEST}", "manifest.json"]


def test_a_file_that_is_gone_or_has_other_content_is_told(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(PICTURE[:-1] + b"?")
    with writing(tmp_path / "a.tar", ignore) as archive:
        assert not archive.add_file(DIGEST, tmp_path / "picture")
        assert not archive.add_file(DIGEST, tmp_path / "gone")


def test_a_file_that_is_not_in_the_archive_is_told(made: Path, tmp_path: Path) -> None:
    with reading(made) as archive, pytest.raises(StartError, match=r"the file 0{64} is not in it"):
        archive.extract_file("0" * 64, tmp_path / "out", ignore)


@pytest.mark.parametrize(
    "name",
    [
        "../kibitz.db",
        "/etc/passwd",
        "files/../../x",
        f"files/{DIGEST}/x",
        f"files/{DIGEST.upper()}",
        "kibitz.db\n",
        "notes.txt",
        "files/",
    ],
)
def test_a_name_that_no_backup_has_is_refused(tmp_path: Path, name: str) -> None:
    sentence = refused(forged(tmp_path / "a.tar", [*whole(), (name, b"mine")]))
    assert f"it holds {name!r}" in sentence


def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    assert "it holds 'kibitz.db'" in refused(forged(tmp_path / "a.tar", [*whole(), ("kibitz.db", b"another")]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_link_a_directory_or_a_device_is_refused(tmp_path: Path, kind: bytes) -> None:
    def change(member: tarfile.TarInfo) -> None:
        member.type, member.linkname = kind, "/etc/passwd"

    assert "it holds 'kibitz.db'" in refused(forged(tmp_path / "a.tar", [("kibitz.db", b"")], change))


def header(name: bytes, size: bytes, kind: bytes = b"0") -> bytes:
    """A tar header with a checksum that is right and a size that need not be."""
    block = bytearray(512)
    block[0 : len(name)], block[124:136], block[148:156], block[156:157] = name, size, b" " * 8, kind
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize(
    "content",
    [
        header(b"kibitz.db", b"\xff" * 12),  # -1 in base 256
        header(b"kibitz.db", b"\x80" + b"\x7f" * 11),  # 2^94
        header(b"x", b"%011o\0" % 21, b"x")
        + b"21 GNU.sparse.map=a,b\n".ljust(512, b"\0")
        + header(b"kibitz.db", b"0" * 12),
    ],
)
def test_a_header_with_impossible_numbers_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content + bytes(10240))
    assert "is not a whole backup of Kibitz" in refused(tmp_path / "a.tar")


@pytest.mark.parametrize("missing", ["kibitz.db", "manifest.json"])
def test_an_archive_without_its_database_or_manifest_is_refused(tmp_path: Path, missing: str) -> None:
    rest = [(name, content) for name, content in whole() if name != missing]
    assert "its end is missing" in refused(forged(tmp_path / "a.tar", rest))


def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "its manifest is not readable" in refused(
        forged(tmp_path / "a.tar", [*whole()[:2], ("manifest.json", b"{}")])
    )
    assert "its manifest is not readable" in refused(
        forged(tmp_path / "b.tar", [*whole()[:2], ("manifest.json", b"\xff")])
    )


def test_a_newer_archive_asks_for_the_newer_program(tmp_path: Path) -> None:
    sentence = refused(forged(tmp_path / "a.tar", whole(format=FORMAT + 1, kibitz="9.9")))
    assert "was made by a newer Kibitz (9.9)" in sentence


def test_other_content_than_the_hash_says_is_refused(tmp_path: Path) -> None:
    members = whole()
    members[0] = ("kibitz.db", DATABASE[:-1] + b"?")
    members[1] = (f"files/{DIGEST}", PICTURE[:-1] + b"?")
    with reading(forged(tmp_path / "a.tar", members)) as archive:
        with pytest.raises(StartError, match="its database has other content"):
            archive.extract_database(tmp_path / "out.db", ignore)
        with pytest.raises(StartError, match=f"the file {DIGEST} has other content"):
            archive.extract_file(DIGEST, tmp_path / "out.png", ignore)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1))
def test_an_archive_that_was_cut_off_is_never_taken_for_whole(made: Path, at: float) -> None:
    content = made.read_bytes()
    manifest_starts = content.rindex(b"manifest.json")
    cut = made.with_name("cut.tar")
    cut.write_bytes(content[: int(at * (manifest_starts + 512))])
    assert "is not a whole backup of Kibitz" in refused(cut)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_a_byte_that_changed_is_found_or_changes_nothing(made: Path, at: float, bits: int) -> None:
    content = bytearray(made.read_bytes())
    content[int(at * len(content))] ^= bits
    changed = made.with_name("changed.tar")
    changed.write_bytes(content)
    out = made.with_name("out")
    try:
        with reading(changed) as archive:
            archive.extract_database(out, ignore)
            assert out.read_bytes() == DATABASE
            archive.extract_file(DIGEST, out, ignore)
            assert out.read_bytes() == PICTURE
    except StartError:
        pass


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=2048))
def test_anything_else_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    assert "is not a whole backup of Kibitz" in refused(tmp_path / "a.tar")
