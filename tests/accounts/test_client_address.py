"""Which address a request comes from: what anybody can write in a header counts for nothing."""

from ipaddress import ip_network

import pytest

from app.accounts.client_address import client_address

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"),  # who is no proxy may write what they like
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        (
            "10.0.0.1",
            ["1.1.1.1, 203.0.113.9"],
            "203.0.113.9",
        ),  # the first was there when it came to the proxy
        ("10.0.0.1", ["1.1.1.1", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8::9]:4711"], "2001:db8::9"),
        ("2001:db8::1", ["fe80::1%eth0"], "fe80::1"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["1.1.1.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [", ".join(["10.0.0.2"] * 100_000)], "10.0.0.2"),
        (None, ["1.1.1.1"], ""),
        ("", ["1.1.1.1"], ""),
    ],
)
def test_trusted_proxies_are_believed_as_far_as_they_wrote(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert client_address(peer, forwarded, TRUSTED) == address


def test_nobody_is_trusted_unless_somebody_said_so() -> None:
    assert client_address("127.0.0.1", ["1.1.1.1"], []) == "127.0.0.1"
