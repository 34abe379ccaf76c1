"""Which addresses are inside: every range that leads to a machine of one's own, and nothing that is public."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.inside import allowance, is_inside
from experiments.errors import BadInput

HOMES = (
    "127.0.0.1 127.255.255.254 10.0.0.5 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 "
    "224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 192.0.0.192 198.18.0.1 "
    ":: ::1 fe80::1 fc00::1 fd00:ec2::254 ff02::1 fec0::1 ::ffff:10.0.0.5 ::ffff:8.8.8.8 ::10.0.0.5 64:ff9b::a00:5 "
    "64:ff9b:1::1 2002:a00:5::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 100::1 5f00::1 ::ffff:0:10.0.0.5"
).split()
PUBLIC = (
    "8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 192.167.255.255 169.253.255.255 100.63.255.255 "
    "100.128.0.0 223.255.255.255 2606:4700:4700::1111 2a00:1450:4001:80e::200e 2003::1"
).split()


@pytest.mark.parametrize("address", HOMES)
def test_what_leads_home_is_inside(address: str) -> None:
    assert is_inside(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_outside(address: str) -> None:
    assert not is_inside(ip_address(address))


@given(st.ip_addresses())
def test_whatever_the_standard_library_holds_for_special_is_inside(address: IPv4Address | IPv6Address) -> None:
    special = (address.is_private, address.is_loopback, address.is_link_local, address.is_multicast)
    if any(special) or address.is_unspecified or address.is_reserved or not address.is_global:
        assert is_inside(address)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "::{}", "64:ff9b::{}", "64:ff9b:1::{}", "::ffff:0:{}"]))
def test_an_address_within_an_address_is_inside(address: IPv4Address, form: str) -> None:
    assert is_inside(ip_address(form.format(address)))


@given(st.ip_addresses(v=4), st.integers(0, 2**80 - 1))
def test_6to4_is_inside_whatever_it_holds(address: IPv4Address, rest: int) -> None:
    assert is_inside(IPv6Address(0x2002 << 112 | int(address) << 80 | rest))


@pytest.mark.parametrize(
    ("text", "host", "port", "address", "lets"),
    [
        ("prometheus.internal", "prometheus.internal", 9090, "10.0.0.5", True),
        ("Prometheus.Internal.", "prometheus.internal", 80, "10.0.0.5", True),
        ("prometheus.internal", "other.prometheus.internal", 80, "10.0.0.5", False),
        ("prometheus.internal:9090", "prometheus.internal", 9090, "10.0.0.5", True),
        ("prometheus.internal:9090", "prometheus.internal", 9091, "10.0.0.5", False),
        ("10.0.0.0/8", "anything", 80, "10.255.0.1", True),
        ("10.0.0.0/8", "anything", 80, "11.0.0.1", False),
        ("10.0.0.0/8", "anything", 80, "::ffff:10.0.0.1", False),
        ("10.0.0.5", "anything", 80, "10.0.0.5", True),
        ("10.0.0.5", "anything", 80, "10.0.0.6", False),
        ("10.0.0.5:9090", "10.0.0.5", 9090, "10.0.0.5", True),
        ("10.0.0.5:9090", "10.0.0.5", 22, "10.0.0.5", False),
        ("fd00::/8", "anything", 80, "fd12::1", True),
        ("fd00::5", "anything", 80, "fd00::5", True),
        ("[fd00::5]:9090", "anything", 9090, "fd00::5", True),
        ("[fd00::5]:9090", "anything", 80, "fd00::5", False),
        ("münchen.internal", "xn--mnchen-3ya.internal", 80, "10.0.0.5", True),
    ],
)
def test_an_administrator_allows_a_host_a_port_or_a_network(
    text: str, host: str, port: int, address: str, lets: bool
) -> None:
    assert allowance(text).lets(host, port, ip_address(address)) is lets


@pytest.mark.parametrize(
    "text", ["", " ", "*", "*.internal", "a b", "a:b", "a:0", "a:70000", "10.0.0.5/8", "10.0.0.0/33", "http://a", "a/b",
             "a..b", "2130706433", "10.0.0", "user@a", "a:1:2", "[fd00::5", "a:١"]
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput, match="an IP address or a network"):
        allowance(text)


@given(st.text(max_size=30))
def test_any_text_is_an_allowance_or_refused(text: str) -> None:
    with suppress(BadInput):
        allowance(text)
