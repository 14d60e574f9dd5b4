"""A message as every channel takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be said, in the forms that the channels choose from."""

    title: str
    text: str
    html: str | None
    """For e-mail; an image stands there as `<img src="cid:...">`."""
    data: Mapping[str, Any]
    """For webhooks; what JSON can say."""
    images: tuple[tuple[str, bytes], ...] = ()
    """The `cid` of each, and its PNG."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """More headers for e-mail, as List-Unsubscribe."""
