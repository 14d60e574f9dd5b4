"""Which address a request comes from. Pure.

Comes in: the address at the other end of the socket, the `X-Forwarded-For` headers, and the proxies that are trusted.
Goes out: the client's address. The header counts only where a trusted proxy sent it, and only as far as trusted proxies
wrote it: whatever stands before that was written by whoever wanted to.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The client's address; empty where the socket has none and nobody says it."""
    found = peer or ""
    hops = [hop.strip() for line in forwarded for hop in line.split(",")][-20:]
    while hops and _is_trusted(found, trusted):
        hop = _bare(hops.pop())
        if hop is None:
            break
        found = hop
    return found


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    bare = _bare(address)
    return bare is not None and any(ip_address(bare) in network for network in trusted)


def _bare(text: str) -> str | None:
    """The address without a port, a zone or brackets; None: it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(found)
