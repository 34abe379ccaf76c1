"""The only HTTP client for addresses that people enter: it looks where an address leads before it goes there."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

import httpx

from bot.connectors.inside import Address, Allowance, allowance, is_inside
from experiments.errors import BadInput, Unavailable

MOST_BYTES = 2 * 2**20
SECONDS = 10.0
CONNECT_SECONDS = 3.0
MOST_ADDRESS = 2_000
MOST_TRIED = 4
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
CREDENTIALS = re.compile(r"[^/?#]*//[^/?#]*@")

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefused(BadInput):
    """Bunsen does not go where this address leads."""

    code = "address_refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the body is complete."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def resolved(host: str, port: int) -> Sequence[str]:
    """Every address that the machine's resolver knows for a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


@cache
def authorities() -> ssl.SSLContext:
    """The usual certificate authorities, or those of SSL_CERT_FILE or SSL_CERT_DIR."""
    return httpx.create_ssl_context()


class Outward:
    """Goes out to http and https addresses.

    Each request resolves the host, checks all its addresses, and connects to one of those that were checked; nothing is
    kept between requests, so an answer of the name server that changes cannot lead a connection elsewhere. What is
    inside the network is refused, except what an administrator allowed: `host`, `host:port`, an IP address or a
    network such as `10.0.0.0/8`. Redirects are not followed and proxies of the environment are not used.
    """

    def __init__(
        self,
        allowed: Callable[[], Sequence[str]] = tuple,
        *,
        resolve: Resolve = resolved,
        trust: Callable[[], ssl.SSLContext] = authorities,
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._trust = trust

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        field: str = "url",
        most_bytes: int = MOST_BYTES,
        seconds: float = SECONDS,
    ) -> Answer:
        """The answer of any status but a redirect, read to its end within these limits.

        `AddressRefused` names `field` as what is to blame; `Unavailable` has a reason of one word: timeout,
        no_such_host, unreachable, redirect, encoded or too_large.
        """
        place = parsed(url, field)
        headers = {**(headers or {}), "Accept-Encoding": "identity"}
        async with _in_time(place, seconds):
            addresses = await self._checked(place, field)
            async with httpx.AsyncClient(
                transport=_Pinned(addresses, self._trust()),
                timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
                trust_env=False,
                follow_redirects=False,
            ) as client:
                request = client.build_request(method, place, headers=headers, data=form, content=content)
                return await _sent(client, request, place, most_bytes)

    async def _checked(self, place: httpx.URL, field: str) -> tuple[Address, ...]:
        """All addresses of the host, when all of them may be gone to."""
        host, port = host_of(place), port_of(place)
        allowances = _readable(self._allowed())
        addresses = await self._addresses(host, port, place)
        for address in addresses:
            if is_inside(address) and not any(each.lets(host, port, address) for each in allowances):
                raise AddressRefused(_inside_words(place, address), field=field)
        return addresses

    async def _addresses(self, host: str, port: int, place: httpx.URL) -> tuple[Address, ...]:
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise _no_such_host(place) from error
        addresses = tuple(dict.fromkeys(ip_address(text.partition("%")[0]) for text in found))
        if not addresses:
            raise _no_such_host(place)
        return addresses


def _readable(texts: Sequence[str]) -> list[Allowance]:
    """What makes no sense allows nothing, and spoils none of the others."""
    found = []
    for text in texts:
        with suppress(BadInput):
            found.append(allowance(text))
    return found


def parsed(url: str, field: str = "url") -> httpx.URL:
    """The one reading of an address, which is also what is sent; `AddressRefused` where there could be another."""
    if len(url) > MOST_ADDRESS or any(sign.isspace() or sign == "\\" for sign in url):
        raise AddressRefused("Write one web address, like https://example.com/path.", field=field)
    try:
        place = httpx.URL(url)
        host = place.raw_host.decode("ascii").removesuffix(".")
        place = place.copy_with(host=host, fragment=None) if host else place
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise AddressRefused("Write one web address, like https://example.com/path.", field=field) from error
    if place.scheme not in ("http", "https"):
        raise AddressRefused("Bunsen goes to addresses that begin with https:// or http:// only.", field=field)
    if place.userinfo or CREDENTIALS.match(url):
        raise AddressRefused(
            "Leave the user name and password out of the address; they go into Bunsen's settings on the server.",
            field=field,
        )
    if not _is_host(host_of(place)) or not 0 < port_of(place) < 2**16:
        raise AddressRefused(
            "Write the host as a plain name or IP address, like https://example.com or http://192.0.2.7:9090.",
            field=field,
        )
    return place


def host_of(place: httpx.URL) -> str:
    """The host as it is looked up: in lower case, in ASCII, without a final dot."""
    return place.raw_host.decode("ascii")


def port_of(place: httpx.URL) -> int:
    """The port that is connected to."""
    return place.port if place.port is not None else (443 if place.scheme == "https" else 80)


def origin(place: httpx.URL) -> str:
    """Scheme, host and port: what may be shown, because a path or a question may hold a secret."""
    return f"{place.scheme}://{place.netloc.decode('ascii')}"


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    """A name, or an address in its usual spelling: 0x7f.1, 017700000001 and 2130706433 mean 127.0.0.1 to some."""
    if "%" in host:
        return False
    if _literal(host) is not None:
        return True
    labels = host.split(".")
    return len(host) <= 253 and not NUMBER.fullmatch(labels[-1]) and all(LABEL.fullmatch(label) for label in labels)


def _inside_words(place: httpx.URL, address: Address) -> str:
    leads = "" if _literal(host_of(place)) is not None else f" leads to {address}, which"
    return f"{origin(place)}{leads} is inside your network; an admin can allow it in /experiment settings."


class _Pinned(httpx.AsyncBaseTransport):
    """Connects to these addresses, one after the other, while the request and its certificate are for the host."""

    def __init__(self, addresses: Sequence[Address], trust: ssl.SSLContext) -> None:
        self._addresses = addresses[:MOST_TRIED]
        self._wire = httpx.AsyncHTTPTransport(verify=trust, trust_env=False, limits=httpx.Limits(max_connections=1))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, last = host_of(request.url), len(self._addresses) - 1
        for number, address in enumerate(self._addresses):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._wire.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == last:
                    raise
        raise AssertionError("A host has at least one address.")

    async def aclose(self) -> None:
        await self._wire.aclose()


async def _sent(client: httpx.AsyncClient, request: httpx.Request, place: httpx.URL, most_bytes: int) -> Answer:
    try:
        response = await client.send(request, stream=True)
        try:
            return await _read(response, place, most_bytes)
        finally:
            await response.aclose()
    except httpx.TimeoutException as error:
        raise _too_slow(place) from error
    except (httpx.TransportError, ssl.SSLError) as error:
        raise Unavailable(
            f"{origin(place)} cannot be reached, or the answer broke off. Is the address right?", reason="unreachable"
        ) from error


async def _read(response: httpx.Response, place: httpx.URL, most_bytes: int) -> Answer:
    if 300 <= response.status_code < 400:
        raise Unavailable(
            f"{origin(place)} sends Bunsen on to another address. Enter the one it leads to.", reason="redirect"
        )
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unavailable(f"{origin(place)} sent a compressed answer that was not asked for.", reason="encoded")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most_bytes:
            size = f"{most_bytes / 2**20:.3g} MB" if most_bytes >= 2**20 else f"{most_bytes / 2**10:.3g} kB"
            raise Unavailable(f"{origin(place)} answered with more than {size}. Ask for less.", reason="too_large")
    return Answer(response.status_code, dict(response.headers), bytes(body))


@asynccontextmanager
async def _in_time(place: httpx.URL, seconds: float) -> AsyncIterator[None]:
    """The whole of it, name server and all, within this time."""
    try:
        async with asyncio.timeout(seconds) as patience:
            yield
    except TimeoutError:
        if not patience.expired():
            raise
        raise _too_slow(place) from None


def _too_slow(place: httpx.URL) -> Unavailable:
    return Unavailable(f"{origin(place)} did not answer in time. Try again in a moment.", reason="timeout")


def _no_such_host(place: httpx.URL) -> Unavailable:
    return Unavailable(f"There is no host {host_of(place)}. Is the address right?", reason="no_such_host")
