"""Which addresses may be reached: those of the internet, not those of the network that Snaglist stands in.

Comes in: an address, as the operating system is about to be asked to connect to it. Goes out: whether it is public, or
a socket for it. It is looked at right there, after names were resolved, so that no name, redirect, odd spelling or
second answer of a name server leads past it.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""What is translated, on the way, to the IPv4 address in its last 32 bits."""

_NEVER: Final = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' own; some clouds have their metadata there
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo, among others, which leads to an IPv4 address
        "2001:db8::/32",
        "2002::/16",  # 6to4, likewise
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""Said here, because what Python calls private differs from version to version."""


class NotPublic(PermissionError):
    """The address is not one of the internet."""

    def __init__(self) -> None:
        super().__init__("the address is on a private network")


def is_public(address: str) -> bool:
    """Whether an address, in any spelling that the operating system knows, is one of the internet. A name is none."""
    try:
        found = ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        try:
            found = IPv4Address(socket.inet_aton(address))  # 0x7f.1, 2130706433, 127.1
        except (OSError, ValueError):
            return False
    return _is_public(found)


def is_plainly_private(host: str) -> bool:
    """Whether a host, as it stands in a URL, needs no name server to be known as private. For early word of it alone."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        socket.getaddrinfo(name, 0, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return not is_public(name)


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return _is_public(found.ipv4_mapped)
        if found in _NAT64:
            return _is_public(IPv4Address(int(found) & 0xFFFFFFFF))
    if any(found.version == network.version and found in network for network in _NEVER):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


class Sockets:
    """Makes the sockets of one message; `refused` tells afterwards whether an address was not allowed."""

    def __init__(self, *, private_targets: bool) -> None:
        self._private_targets = private_targets
        self.refused = False

    def __call__(self, found: tuple[Any, ...]) -> socket.socket:
        """A socket for what `getaddrinfo` gave: exactly this address is connected to. NotPublic: it may not be."""
        family, kind, protocol, _, address = found
        if not self._private_targets and not is_public(str(address[0])):
            self.refused = True
            raise NotPublic
        return socket.socket(family, kind, protocol)
