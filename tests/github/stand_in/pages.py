"""Lists in pages: per_page, page, since, and the Link header; and the ETag of whatever is read.

Comes in: all rows and the call. Goes out: one page with the addresses of those beside it.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.github.stand_in.answers import Answer, Call, Refusal, answer

MOST = 100
USUAL = 30


def known(call: Call, *names: str) -> None:
    """422 for a parameter that the endpoint does not have (GitHub ignores it: a mistake would not be seen)."""
    if unknown := sorted(set(call.query) - {"page", "per_page", *names}):
        raise Refusal(422, f"Unknown parameter: {unknown[0]}")


def choice(call: Call, name: str, *allowed: str) -> str:
    """The value of a parameter: the first allowed one unless it is told; 422 for others."""
    value = call.query.get(name, allowed[0])
    if value not in allowed:
        raise Refusal(422, "Validation Failed", [{"resource": "Issue", "code": "invalid", "field": name}])
    return value


def since(call: Call) -> datetime | None:
    """The parameter `since`: ISO 8601; a time without a zone is UTC."""
    value = call.query.get("since")
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise Refusal(
            422, "Validation Failed", [{"resource": "Issue", "code": "invalid", "field": "since"}]
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def number_of(call: Call, name: str, usual: int) -> int:
    """A parameter that is a number from 1; what is none is taken for the usual one."""
    value = call.query.get(name, "")
    return max(1, int(value)) if value.isascii() and value.isdigit() else usual


def page(call: Call, rows: Sequence[Any]) -> Answer:
    """The page that is asked for; Link names first, prev, next and last where they are."""
    size, number = min(MOST, number_of(call, "per_page", USUAL)), number_of(call, "page", 1)
    return answer(200, rows[(number - 1) * size : number * size], links(call, len(rows), size, number))


def links(call: Call, total: int, size: int, number: int) -> dict[str, str]:
    """The Link header; none where everything is on one page."""
    last = max(1, -(-total // size))
    named: dict[str, int] = {}
    if number > 1:
        named |= {"prev": min(number - 1, last), "first": 1}
    if number < last:
        named |= {"next": number + 1, "last": last}
    here = f"{call.at.api}{call.path}"
    parts = [
        f'<{here}?{urlencode({**call.query, "page": str(to)})}>; rel="{name}"' for name, to in named.items()
    ]
    return {"Link": ", ".join(parts)} if parts else {}


def tagged(found: Answer, shown: str | None) -> Answer:
    """A read with its ETag; 304 without a body where the client has shown that very tag."""
    if found.status != 200:
        return found
    tag = f'W/"{hashlib.sha256(found.body).hexdigest()}"'
    found.headers["ETag"] = tag
    found.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
    if shown and tag.removeprefix("W/") in [each.strip().removeprefix("W/") for each in shown.split(",")]:
        headers = {name: value for name, value in found.headers.items() if name != "Content-Type"}
        return Answer(304, b"", headers)
    return found
