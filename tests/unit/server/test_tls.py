"""TLS: certificates, their own and the operator's, and what is said of bad ones."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from kibitz.server import self_signed, tls
from kibitz.server.config import Settings
from kibitz.storage.faults import StartError

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def own_certificate(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", tls_self_signed=True)


def certificate(settings: Settings) -> x509.Certificate:
    return x509.load_pem_x509_certificate((settings.data_dir / tls.FILE).read_bytes())


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str | None:
    """Both ends of a handshake, in memory: the version they agree on."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname=name)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    waiting = [one, other]
    while waiting:
        for end in tuple(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                continue
    return one.version()


def test_without_any_setting_there_is_no_tls(tmp_path: Path) -> None:
    assert tls.context(Settings(data_dir=tmp_path), NOW) is None


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_self_signed_certificate_is_let_in_under_every_local_name(
    tmp_path: Path, name: str
) -> None:
    settings = own_certificate(tmp_path)
    server = tls.context(settings, datetime.now(UTC))
    assert server is not None
    client = ssl.create_default_context(cadata=certificate(settings).public_bytes(serialization.Encoding.PEM).decode())
    assert shake_hands(server, client, name) == "TLSv1.3"


def test_versions_before_1_2_are_refused(tmp_path: Path) -> None:
    server = tls.context(own_certificate(tmp_path), NOW)
    assert server is not None
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    client.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        client.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        shake_hands(server, client, "localhost")


def test_the_key_is_readable_by_its_owner_alone_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    settings = own_certificate(tmp_path)
    tls.context(settings, NOW)
    assert [path.name for path in settings.data_dir.iterdir()] == [tls.FILE]
    assert (settings.data_dir / tls.FILE).stat().st_mode & 0o777 == 0o600


def test_a_damaged_certificate_of_our_own_is_made_anew(tmp_path: Path) -> None:
    settings = own_certificate(tmp_path)
    tls.context(settings, NOW)
    (settings.data_dir / tls.FILE).write_bytes(b"-----BEGIN CERT")
    assert tls.context(settings, NOW) is not None


def test_the_fingerprint_is_the_one_browsers_show(tmp_path: Path) -> None:
    settings = own_certificate(tmp_path)
    tls.context(settings, NOW)
    pairs = tls.fingerprint(settings.data_dir).split(":")
    assert len(pairs) == 32
    assert all(len(pair) == 2 and pair == pair.upper() for pair in pairs)


@pytest.fixture
def pair(tmp_path: Path) -> Callable[[str], tuple[Path, Path]]:
    """A certificate and its key in files of their own."""

    def make(name: str) -> tuple[Path, Path]:
        pem = self_signed.make([name], datetime.now(UTC))
        key, begin, rest = pem.partition(b"-----BEGIN CERTIFICATE-----")
        paths = tmp_path / f"{name}.crt", tmp_path / f"{name}.key"
        paths[0].write_bytes(begin + rest)
        paths[1].write_bytes(key)
        return paths

    return make


def test_the_operators_own_certificate_is_used(pair: Callable[[str], tuple[Path, Path]]) -> None:
    crt, key = pair("chat.example")
    server = tls.context(Settings(tls_cert=crt, tls_key=key), NOW)
    client = ssl.create_default_context(cafile=crt)
    assert server is not None
    assert shake_hands(server, client, "chat.example") == "TLSv1.3"


def test_a_key_of_another_certificate_is_refused(pair: Callable[[str], tuple[Path, Path]]) -> None:
    with pytest.raises(StartError, match="belong together"):
        tls.context(Settings(tls_cert=pair("one")[0], tls_key=pair("other")[1]), NOW)


def test_an_encrypted_key_is_refused_and_nobody_is_asked(pair: Callable[[str], tuple[Path, Path]]) -> None:
    crt, key = pair("chat.example")
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    encrypted = serialization.BestAvailableEncryption(b"secret")
    key.write_bytes(loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encrypted))
    with pytest.raises(StartError, match="may not be encrypted"):
        tls.context(Settings(tls_cert=crt, tls_key=key), NOW)


def test_a_file_that_is_not_there_is_named(pair: Callable[[str], tuple[Path, Path]], tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"gone\.key cannot be read"):
        tls.context(Settings(tls_cert=pair("one")[0], tls_key=tmp_path / "gone.key"), NOW)


def test_a_directory_that_takes_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way")
    with pytest.raises(StartError, match="cannot be written"):
        tls.context(own_certificate(tmp_path), NOW)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_guests_on_this_machine_alone_need_no_warning(host: str) -> None:
    assert tls.guests_warning(Settings(host=host, guests=True)) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "chat.example"])  # noqa: S104 - not bound
def test_guests_on_a_network_without_tls_are_warned_of(host: str) -> None:
    assert "TLS" in (tls.guests_warning(Settings(host=host, guests=True)) or "")
    assert tls.guests_warning(Settings(host=host, guests=True, tls_self_signed=True)) is None
    assert tls.guests_warning(Settings(host=host)) is None
