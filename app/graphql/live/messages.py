"""The messages of graphql-transport-ws, and the codes with which its connections are closed.

Comes in: text from a client. Goes out: a message, or Closed with the code that says what is wrong with it.
"""

from typing import Any, Final

import msgspec

from app.errors import Forbidden, SnaglistError, Unauthenticated
from app.graphql.encoding import ENCODER

PROTOCOL: Final = "graphql-transport-ws"
LARGEST: Final = 1024 * 1024
"""Characters of a message."""
LARGEST_FIRST: Final = 16 * 1024
"""Characters of a message of somebody who has not said yet who it is."""
LONGEST_ID: Final = 200
_LONGEST_REASON: Final = 120

RESTART: Final = 1012
TRY_AGAIN: Final = 1013
BAD_MESSAGE: Final = 4400
UNAUTHORIZED: Final = 4401
FORBIDDEN: Final = 4403
NO_SUCH_PROTOCOL: Final = 4406
NO_INIT: Final = 4408
SAME_ID: Final = 4409
SECOND_INIT: Final = 4429


class Closed(Exception):
    """The connection is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason.encode(errors="replace")[:_LONGEST_REASON].decode(errors="ignore")


class Message(msgspec.Struct, frozen=True):
    """A message of a client."""

    type: str
    id: str | None = None
    payload: msgspec.Raw = msgspec.Raw()

    def named(self) -> str:
        """Its id. Closed: it has none, or a very long one."""
        if not self.id or len(self.id) > LONGEST_ID:
            raise Closed(
                BAD_MESSAGE, f"a message of type {self.type} has an id of 1 to {LONGEST_ID} characters"
            )
        return self.id


class _Init(msgspec.Struct):
    authorization: str | None = None
    capital: str | None = msgspec.field(default=None, name="Authorization")


_DECODER: Final = msgspec.json.Decoder(Message)
_INIT: Final = msgspec.json.Decoder(_Init | None)


def read(text: str | None, largest: int = LARGEST) -> Message:
    """The message. Closed: it is none, or too long."""
    if text is None or len(text) > largest:
        raise Closed(BAD_MESSAGE, f"a message is text of at most {largest} characters")
    try:
        return _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Closed(BAD_MESSAGE, "this is no message of graphql-transport-ws") from None


def authorization(init: Message) -> str | None:
    """What stands in `connection_init` as in a header of this name; None: nothing. Closed: something else than text."""
    if not init.payload:
        return None
    try:
        found = _INIT.decode(init.payload)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Closed(BAD_MESSAGE, 'the payload is {"authorization": "Bearer ..."}') from None
    sent = (found.authorization or found.capital) if found else None
    if sent and not sent.isascii():
        raise Closed(UNAUTHORIZED, "this is no token")
    return sent


def written(type_: str, **more: Any) -> bytes:
    """A message of ours."""
    return ENCODER.encode({"type": type_, **more})


def before(id_: str) -> bytes:
    """What stands before the payload of a `next` for the subscription with this id; after it stands a brace."""
    return b'{"id":%b,"type":"next","payload":' % ENCODER.encode(id_)


def closing(why: SnaglistError | None) -> Closed:
    """How a connection ends whose caller may not listen any more; None: may do other things than before."""
    if why is None:
        return Closed(RESTART, "what you may do has changed: connect again")
    code = {Unauthenticated: UNAUTHORIZED, Forbidden: FORBIDDEN}.get(type(why), TRY_AGAIN)
    return Closed(code, why.message)
