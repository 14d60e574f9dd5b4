"""JSON of what the graph answers. Comes in: results, with texts and numbers of classes of their own. Goes out: bytes."""

from typing import Final

import msgspec


def _plain(value: object) -> object:
    """A text or number of a class of its own, as JSON has it."""
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"JSON has no {type(value).__name__}")


ENCODER: Final = msgspec.json.Encoder(enc_hook=_plain)
