"""Going out: nowhere inside the network however it is spelt or resolved, and never for long or for much."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import socket
import ssl
import subprocess
from collections.abc import Sequence
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.outward import AddressRefused, Outward, host_of, parsed, port_of
from experiments.errors import BunsenError, Unavailable
from tests.bot.connectors.strangers import Names, stranger

INSIDE = "10.0.0.5"
SPELLINGS = (
    "{0}", "{0}.", "{whole}", "{whole:#x}", "0{whole:o}", "{a}.{rest}", "{a}.{b}.{half}",
    "{a:#x}.{b:#x}.{c:#x}.{d:#x}", "0{a:o}.0{b:o}.0{c:o}.0{d:o}",
    "[::ffff:{0}]", "[64:ff9b::{0}]", "{a}。{b}。{c}。{d}", "{a}%2e{b}.{c}.{d}",
)  # fmt: skip

PIECES = [*"a.example 10.0.0.5 @ \\ / // # ? : %40 % . [ ] ::1 80 é \0 。 ＠ ß _ - ; & \u00ad".split(), "\t", " "]


async def as_c_does(host: str, port: int) -> Sequence[str]:
    """What the C library makes of a spelling of an IPv4 address, without asking anybody."""
    return [socket.inet_ntoa(socket.inet_aton(host))]


async def refusal(url: str, outward: Outward | None = None) -> BunsenError:
    with pytest.raises(BunsenError) as caught:
        await (outward or Outward(resolve=Names([INSIDE]))).fetch(url)
    return caught.value


async def test_a_public_answer_comes_back_whole() -> None:
    async with stranger() as server:
        names = Names(["127.0.0.1"])
        outward = Outward(lambda: ("metrics.example",), resolve=names)
        answer = await outward.fetch(f"http://metrics.example:{server.port}/a?b=c#d", headers={"X-Key": "k"})
    assert (answer.status, answer.body) == (200, b"hello")
    [request] = server.heard
    assert request.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert f"Host: metrics.example:{server.port}\r\n".encode() in request
    assert b"X-Key: k\r\n" in request
    assert b"Accept-Encoding: identity\r\n" in request


async def test_a_form_is_posted() -> None:
    async with stranger() as server:
        await Outward(lambda: ("127.0.0.1",)).fetch(
            f"http://127.0.0.1:{server.port}/", method="POST", form={"q": "a&b"}
        )
    assert server.heard[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"application/x-www-form-urlencoded" in server.heard[0]


async def test_the_words_say_what_is_inside_and_who_can_allow_it() -> None:
    words = "is inside your network; an admin can allow it in /experiment settings."
    literal, name = await refusal("http://10.0.0.5/secret?token=hush"), await refusal("https://metrics.example/hush")
    assert literal.words == f"http://10.0.0.5 {words}"
    assert name.words == f"https://metrics.example leads to 10.0.0.5, which {words}"
    assert isinstance(literal, AddressRefused)
    assert literal.field == "url"


@given(st.one_of(st.ip_addresses(v=4, network=net) for net in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16")),
       st.sampled_from(SPELLINGS))  # fmt: skip
def test_no_spelling_of_an_address_inside_is_gone_to(address: IPv4Address, form: str) -> None:
    whole, (a, b, c, d) = int(address), address.packed
    spelt = form.format(address, whole=whole, a=a, b=b, c=c, d=d, rest=whole & 0xFFFFFF, half=whole & 0xFFFF)
    with pytest.raises(AddressRefused):
        asyncio.run(Outward(resolve=as_c_does).fetch(f"http://{spelt}/"))


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_an_address_that_is_taken_has_one_reading(parts: list[str]) -> None:
    url = f"http://{''.join(parts)}"
    try:
        place = parsed(url)
    except AddressRefused:
        return
    other = urlsplit(url)
    hostname = (other.hostname or "").removesuffix(".")
    assert (other.username, other.password) == (None, None)
    assert port_of(place) == (other.port or 80)
    if hostname.isascii():
        assert host_of(place) == hostname
    assert host_of(place).isascii()
    assert not set(host_of(place)) & set("@/\\?#% ")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.com/", "https:// or http:// only"),
        ("file:///etc/passwd", "https:// or http:// only"),
        ("gopher://example.com/", "https:// or http:// only"),
        ("//example.com", "https:// or http:// only"),
        ("example.com", "https:// or http:// only"),
        ("", "https:// or http:// only"),
        ("https://ada:hush@example.com/", "user name and password"),
        ("https://ada@example.com/", "user name and password"),
        ("https://@example.com/", "user name and password"),
        ("https://example.com\\@10.0.0.5/", "one web address"),
        ("https://example.com /", "one web address"),
        ("https://exa\r\nmple.com/", "one web address"),
        ("https://example.com/\ud800", "one web address"),
        (f"https://example.com/{'a' * 3000}", "one web address"),
        ("https://[::1", "one web address"),
        ("https://①②⑦.⓪.⓪.①/", "one web address"),
        ("http://2130706433/", "plain name or IP address"),
        ("http://[fe80::1%25eth0]/", "plain name or IP address"),
        ("http://127.0.0.1%00.example.com/", "plain name or IP address"),
        ("http://example.com:0/", "plain name or IP address"),
        ("http://example.com:99999/", "plain name or IP address"),
        ("http:///path", "plain name or IP address"),
    ],
)
async def test_what_is_no_plain_address_is_refused_in_words(url: str, words: str) -> None:
    refused = await refusal(url)
    assert isinstance(refused, AddressRefused)
    assert words in refused.words
    assert "hush" not in refused.words


@pytest.mark.parametrize("mixed", [["8.8.8.8", INSIDE], [INSIDE, "8.8.8.8"], ["2606:4700::1", "::1"], ["fe80::1%eth0"]])
async def test_one_address_inside_is_enough_to_refuse(mixed: list[str]) -> None:
    assert isinstance(await refusal("http://metrics.example/", Outward(resolve=Names(mixed))), AddressRefused)


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """The name server changes its mind after the check, as one does that wants to lead us elsewhere."""
    names = Names(["127.0.0.2"], ["127.0.0.1"])
    async with stranger("127.0.0.1") as secret, stranger("127.0.0.2", secret.port) as checked:
        outward = Outward(lambda: ("127.0.0.2",), resolve=names)
        url = f"http://rebinding.example:{checked.port}/"
        assert (await outward.fetch(url)).body == b"hello"
        assert len(names.asked) == 1
        assert isinstance(await refusal(url, outward), AddressRefused)
    assert len(checked.heard) == 1
    assert secret.heard == []


async def test_what_is_no_longer_allowed_is_refused_at_once() -> None:
    allowed = ["127.0.0.1"]
    async with stranger() as server:
        outward = Outward(lambda: allowed)
        await outward.fetch(f"http://127.0.0.1:{server.port}/")
        allowed.clear()
        assert isinstance(await refusal(f"http://127.0.0.1:{server.port}/", outward), AddressRefused)
    assert len(server.heard) == 1


async def test_an_allowance_that_makes_no_sense_allows_nothing_and_spoils_nothing() -> None:
    async with stranger() as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert isinstance(await refusal(url, Outward(lambda: ("*", "127.0.0.1/8"))), AddressRefused)
        assert (await Outward(lambda: ("*", "127.0.0.0/8")).fetch(url)).status == 200


async def test_an_address_that_does_not_answer_is_followed_by_the_next() -> None:
    async with stranger("127.0.0.1") as server:
        names = Names(["127.0.0.3", "127.0.0.1"])
        answer = await Outward(lambda: ("127.0.0.0/8",), resolve=names).fetch(f"http://two.example:{server.port}/")
    assert answer.body == b"hello"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_sends_us_on(status: int) -> None:
    async with stranger("127.0.0.2") as secret:
        head = f"HTTP/1.1 {status} Go\r\nLocation: http://127.0.0.2:{secret.port}/\r\nContent-Length: 0\r\n\r\n"
        async with stranger(answer=head.encode()) as server:
            refused = await refusal(f"http://127.0.0.1:{server.port}/", Outward(lambda: ("127.0.0.0/8",)))
    assert isinstance(refused, Unavailable)
    assert refused.reason == "redirect"
    assert secret.heard == []


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stranger() as server, stranger() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await Outward(lambda: ("127.0.0.1",)).fetch(f"http://127.0.0.1:{server.port}/")
    assert proxy.heard == []


ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 400_000
PACKED = gzip.compress(b"x" * 400_000)
BOMB = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(PACKED), PACKED)


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (ENDLESS, "too_large", "more than 97.7 kB"),
        (BOMB, "encoded", "compressed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "unreachable", "broke off"),
        (b"not http at all\r\n\r\n", "unreachable", "broke off"),
        (b"", "unreachable", "broke off"),
        (None, "timeout", "did not answer in time"),
    ],
)
async def test_what_goes_wrong_has_a_reason_and_words(answer: bytes | None, reason: str, words: str) -> None:
    async with stranger(answer=answer) as server:
        with pytest.raises(Unavailable) as caught:
            await Outward(lambda: ("127.0.0.1",)).fetch(
                f"http://127.0.0.1:{server.port}/?token=hush", most_bytes=100_000, seconds=0.3 if answer is None else 10
            )
    assert caught.value.reason == reason
    assert words in caught.value.words
    assert "hush" not in caught.value.words


async def test_a_name_server_that_hangs_is_not_waited_for() -> None:
    async def hangs(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    with pytest.raises(Unavailable) as caught:
        await Outward(resolve=hangs).fetch("http://metrics.example/", seconds=0.05)
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize("names", [Names(), Names([])])
async def test_a_name_that_nobody_knows_is_said(names: Names) -> None:
    refused = await refusal("http://nowhere.example/", Outward(resolve=names))
    assert isinstance(refused, Unavailable)
    assert refused.words == "There is no host nowhere.example. Is the address right?"


async def test_nobody_listening_is_unreachable() -> None:
    async with stranger() as server:
        pass
    refused = await refusal(f"http://127.0.0.1:{server.port}/", Outward(lambda: ("127.0.0.1",)))
    assert isinstance(refused, Unavailable)
    assert refused.reason == "unreachable"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key with a certificate for metrics.example that vouches for itself."""
    if not shutil.which("openssl"):
        pytest.skip("There is no openssl to make a certificate with: TLS is not tested.")
    path = tmp_path_factory.mktemp("tls") / "metrics.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=metrics.example", "-addext",
         "subjectAltName=DNS:metrics.example", "-keyout", path, "-out", f"{path}.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.mark.parametrize(("host", "meets"), [("metrics.example", True), ("other.example", False)])
async def test_a_certificate_has_to_be_the_hosts(host: str, meets: bool, certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    told: list[str | None] = []
    tls.sni_callback = lambda sock, name, context: told.append(name)
    async with stranger(tls=tls) as server:
        outward = Outward(
            lambda: ("127.0.0.1",),
            resolve=Names(["127.0.0.1"]),
            trust=lambda: ssl.create_default_context(cafile=certificate),
        )
        if meets:
            assert (await outward.fetch(f"https://{host}:{server.port}/")).body == b"hello"
        else:
            refused = await refusal(f"https://{host}:{server.port}/", outward)
            assert isinstance(refused, Unavailable)
            assert refused.reason == "unreachable"
    assert told == [host]
