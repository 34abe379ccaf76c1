"""Which addresses are inside a network, and what an administrator allowed of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from experiments.errors import BadInput

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")
IPV4_INSIDE = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, where clouds tell credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
IPV6_OUTSIDE = IPv6Network("2000::/3")
IPV6_INSIDE = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
)


def is_inside(address: Address) -> bool:
    """Whether it is anything but a public address of one host.

    The list is IANA's and not Python's `is_global`, which differs between versions and calls NAT64 and 6to4 public.
    Of IPv6 only 2000::/3 is handed out: loopback, link-local, private, mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96)
    and multicast addresses are all outside of it.
    """
    if isinstance(address, IPv4Address):
        return any(address in network for network in IPV4_INSIDE)
    return address not in IPV6_OUTSIDE or any(address in network for network in IPV6_INSIDE)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A network, or a host on one port or on all, that Bunsen may go to although it is inside."""

    network: Network | None = None
    host: str = ""
    port: int | None = None

    def lets(self, host: str, port: int, address: Address) -> bool:
        if self.port is not None and self.port != port:
            return False
        return address in self.network if self.network else self.host == host


def allowance(text: str) -> Allowance:
    """What an administrator wrote: `host`, `host:port`, an IP address with or without a port, or a network."""
    wanted = text.strip().lower()
    if network := _network(wanted):
        return Allowance(network)
    host, colon, digits = wanted.rpartition(":")
    if not colon:
        host = wanted
    elif not (digits.isascii() and digits.isdigit() and 0 < int(digits[:6]) < 2**16):
        raise _unreadable()
    port = int(digits) if colon else None
    try:
        return Allowance(ip_network(ip_address(host.removeprefix("[").removesuffix("]"))), port=port)
    except ValueError:
        pass
    host = _ascii(host.removesuffix("."))
    if not NAME.fullmatch(host) or ".." in host or host.rpartition(".")[2].isdigit():
        raise _unreadable()
    return Allowance(host=host, port=port)


def _network(text: str) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    import idna

    try:
        return idna.encode(host).decode("ascii")
    except idna.IDNAError as error:
        raise _unreadable() from error


def _unreadable() -> BadInput:
    return BadInput(
        "Write what is allowed as a host (prometheus.internal), a host with its port (prometheus.internal:9090), "
        "an IP address or a network (10.0.0.0/8)."
    )
