"""What a request becomes inside, and what goes back: a Call, an Answer, or a Refusal with GitHub's own words.

The functions that answer are plain: they take a Call and give an Answer, and nothing else happens meanwhile.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.github.stand_in.records import App, Installation, Token, User
from tests.github.stand_in.shapes import Addresses
from tests.github.stand_in.world import World

DOCS = "https://docs.github.com/rest"


class Refusal(Exception):
    """An answer that says no. `errors`: the list of a 422."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        docs: str = DOCS,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.docs = status, message, errors, docs
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: with a token, as an App (JWT), or nobody. `who`: whose limits count."""

    who: str
    kind: str
    token: Token | None = None
    app: App | None = None

    @property
    def user(self) -> User | None:
        """Whose name stands at what is written."""
        return self.token.user if self.token else None

    @property
    def installation(self) -> Installation | None:
        """Of an installation's token."""
        return self.token.installation if self.token else None

    @property
    def slug(self) -> str | None:
        """The App that writes, if one does."""
        return self.installation.app.slug if self.installation else None


@dataclass(frozen=True, slots=True)
class Call:
    """A request, its caller known. `path` is without `/api/v3`; `raw` the body as it came."""

    world: World
    caller: Caller
    method: str
    path: str
    query: dict[str, str]
    raw: bytes
    at: Addresses

    @property
    def user(self) -> User:
        """Who writes; nobody is refused."""
        if self.caller.user is None:
            raise Refusal(401, "Requires authentication")
        return self.caller.user

    @property
    def is_write(self) -> bool:
        """Whether it would change something."""
        return self.method not in ("GET", "HEAD")


@dataclass(slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    body = b"" if value is None else json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def refused(refusal: Refusal) -> Answer:
    """The answer of a refusal, in GitHub's form."""
    value: dict[str, Any] = {"message": refusal.message}
    if refusal.errors is not None:
        value["errors"] = refusal.errors
    if location := refusal.headers.get("Location"):
        value["url"] = location
    return answer(
        refusal.status,
        {**value, "documentation_url": refusal.docs, "status": str(refusal.status)},
        refusal.headers,
    )


def page_of_html(status: int, title: str) -> Answer:
    """What stands before GitHub answers in its place."""
    body = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{status}</h1></body></html>"
    return Answer(status, body.encode(), {"Content-Type": "text/html; charset=utf-8"})
