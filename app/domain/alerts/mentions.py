"""Who is named in a comment.

Comes in: what it says, in Markdown, and the members of the organization. Goes out: those who are named by `@`: by their
whole e-mail address, by what stands before the @ of it, or by their name without spaces, whatever the case. Where more
than one of them is meant, nobody is. What stands in code is code, as decorators are.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize
from uuid import UUID

MOST: Final = 50
"""Members that a comment can name, and names that are looked up."""
_LONGEST: Final = 320

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE: Final = re.compile(r"(?<!`)`++[^`\n]++`++")
_LETTER: Final = r"\w\u0300-\u036f"  # accents may stand apart from their letters
_NAMED: Final = re.compile(
    rf"(?<![{_LETTER}.@+/-])@([{_LETTER}.+'-]{{1,{_LONGEST}}}(?:@[\w.-]{{1,{_LONGEST}}})?)(?![{_LETTER}@])"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member who can be named."""

    membership_id: UUID
    name: str
    email: str


def names(body: str) -> list[str]:
    """What stands behind each `@` that can begin a name, in lower case, each once, in order, the first 50."""
    found = (_plain(match.group(1)).removesuffix("'s") for match in _NAMED.finditer(_without_code(body)))
    return list(dict.fromkeys(name for name in found if name))[:MOST]


def named(wanted: Iterable[str], people: Sequence[Person]) -> list[Person]:
    """The people whom the names of `names` mean, each once."""
    by_name: dict[str, dict[UUID, Person]] = {}
    by_email: dict[str, Person] = {}
    for person in people:
        email = _plain(person.email)
        by_email[email] = person
        for name in (email.partition("@")[0], _plain("".join(person.name.split()))):
            by_name.setdefault(name, {})[person.membership_id] = person
    found: dict[UUID, Person] = {}
    for name in wanted:
        meant = [by_email[name]] if name in by_email else list(by_name.get(name, {}).values())
        if len(meant) == 1:
            found[meant[0].membership_id] = meant[0]
    return list(found.values())


def _plain(text: str) -> str:
    """As names are compared: in one case, and without the full stop that ends a sentence."""
    return normalize("NFC", text.casefold()).rstrip(".'-")


def _without_code(body: str) -> str:
    """The text without fenced blocks and code within lines."""
    kept: list[str] = []
    fence = ""
    for line in body.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            if opening and opening.group(1).startswith(fence) and not line[opening.end() :].strip():
                fence = ""
        elif opening:
            fence = opening.group(1)
        else:
            kept.append(line)
    return _CODE.sub(" ", "\n".join(kept))
