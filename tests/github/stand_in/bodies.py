"""What a body may hold: JSON objects with known fields, of the right types and lengths.

Comes in: bytes. Goes out: values, or 400 and 422 as GitHub words them. Stricter than GitHub in two things: an unknown field and
a NUL character are refused.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.github.stand_in.answers import Refusal

LONGEST_TITLE = 256
LONGEST_BODY = 65_536
LONGEST_LABEL = 50
LONGEST_DESCRIPTION = 100
MOST_LABELS = 100
_COLOR = re.compile(r"[0-9a-fA-F]{6}")


def parse(raw: bytes) -> Any:
    """The value; 400 for what is not JSON, not UTF-8, or holds half a surrogate pair."""
    try:
        value = json.loads(raw.decode())
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(400, "Problems parsing JSON") from None
    return value


def fields(raw: bytes, known: set[str]) -> dict[str, Any]:
    """An object of which every field is known."""
    value = parse(raw)
    if not isinstance(value, dict):
        raise Refusal(400, "Body should be a JSON object")
    if unknown := sorted(set(value) - known):
        raise invalid_request(f'"{unknown[0]}" is not a permitted key.')
    return value


def invalid_request(what: str) -> Refusal:
    """422 for a body that is not in the endpoint's form."""
    return Refusal(422, f"Invalid request.\n\n{what}")


@dataclass(slots=True)
class Wrong:
    """Collects what is wrong with a thing, to tell it all at once."""

    resource: str
    errors: list[dict[str, str]] = field(default_factory=list)

    def add(self, name: str, code: str, message: str = "") -> None:
        """`code`: missing_field, invalid, already_exists, custom (with a message), unprocessable."""
        error = {"resource": self.resource, "code": code, "field": name}
        self.errors.append(error | ({"message": message} if message else {}))

    def length(self, name: str, value: str | None, most: int) -> None:
        """Note a text that is too long (in characters) or holds NUL."""
        if value is not None and len(value) > most:
            self.add(name, "custom", f"{name} is too long (maximum is {most} characters)")
        if value is not None and "\0" in value:
            self.add(name, "invalid")

    def refuse(self) -> None:
        """422 where anything is wrong."""
        if self.errors:
            raise Refusal(422, "Validation Failed", self.errors)


def text(body: dict[str, Any], name: str, *, or_null: bool = True) -> str | None:
    """A text; 422 for any other type."""
    value = body.get(name)
    if value is None and (or_null or name not in body):
        return None
    if not isinstance(value, str):
        raise invalid_request(f"For 'properties/{name}', {json.dumps(value)[:100]} is not a string.")
    return value


def label_names(value: Any) -> list[str]:
    """The names in a list of labels, each a text or {"name": text}; 422 for anything else."""
    if not isinstance(value, list):
        raise invalid_request(f"For 'properties/labels', {json.dumps(value)[:100]} is not an array.")
    names: list[str] = []
    wrong = Wrong("Label")
    for each in value:
        name = each.get("name") if isinstance(each, dict) else each
        if not isinstance(name, str):
            raise invalid_request(f"For 'properties/labels', {json.dumps(name)[:100]} is not a string.")
        check_name(wrong, name)
        names.append(name)
    if len(names) > MOST_LABELS:
        wrong.add("labels", "custom", f"labels is too many (maximum is {MOST_LABELS})")
    wrong.refuse()
    return names


def check_name(wrong: Wrong, name: str) -> None:
    """A label's name."""
    if not name.strip():
        wrong.add("name", "missing_field")
    wrong.length("name", name, LONGEST_LABEL)


def check_color(wrong: Wrong, color: str | None) -> None:
    """Six hexadecimal digits without a #."""
    if color is not None and not _COLOR.fullmatch(color):
        wrong.add("color", "invalid")
