"""Which addresses are of the internet; each that is not is one by which somebody got into a network somewhere."""

import socket

import pytest

from app.alerts.channels.addresses import NotPublic, Sockets, is_plainly_private, is_public

PUBLIC = (
    "8.8.8.8",
    "93.184.216.34",
    "100.128.0.1",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
)
PRIVATE = (
    "0.0.0.0",  # noqa: S104  an address like others here
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fd00:ec2::254",
    "fc00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "0x7f.1",
    "2130706433",
    "127.1",
    "0177.0.0.1",
    "[::1]",
    "localhost",
    "example.com",
    "",
    "\x00",
    "٣.٣.٣.٣",
)


def test_addresses_of_the_internet_are_told_from_all_others() -> None:
    assert [address for address in PUBLIC if not is_public(address)] == []
    assert [address for address in PRIVATE if is_public(address)] == []


def test_a_socket_is_made_only_for_a_public_address() -> None:
    there = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 443))
    here = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    first, second, third = (Sockets(private_targets=allowed) for allowed in (False, False, True))
    first(there).close()
    with pytest.raises(NotPublic):
        second(here)
    third(here).close()
    assert [sockets.refused for sockets in (first, second, third)] == [False, True, False]


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "db.localhost", "127.0.0.1", "0x7f.1", "2130706433", "::1", "10.0.0.1."],
)
def test_plainly_private_hosts_are_known_without_a_name_server(host: str) -> None:
    assert is_plainly_private(host)


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8", "134744072", "2606:4700:4700::1111", "intranet"])
def test_names_are_not_judged_before_they_are_resolved(host: str) -> None:
    assert not is_plainly_private(host)
