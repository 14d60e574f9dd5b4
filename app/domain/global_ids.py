"""Global ids: what kind of thing it is, and which one, as one opaque text. Pure.

Comes in: the name of a GraphQL type and the row's id. Goes out: the text, as links and clients of the graph have it.
"""

import binascii
from uuid import UUID


def encode(kind: str, number: UUID | int) -> str:
    """The global id of the row."""
    # Of letters, digits, `:` and `-` base64 makes neither `+` nor `/`: it is urlsafe as it is.
    return binascii.b2a_base64(f"{kind}:{number}".encode(), newline=False).decode().rstrip("=")
