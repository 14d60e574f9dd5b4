"""Who is named in a comment, and who is not."""

from time import perf_counter
from uuid import uuid4

import pytest

from app.domain.alerts.mentions import MOST, Person, named, names

PEOPLE = [
    Person(uuid4(), "Ann Smith", "ann@acme.test"),
    Person(uuid4(), "Ann", "ann@other.test"),
    Person(uuid4(), "José  da Silva", "Jose.DaSilva@acme.test"),
    Person(uuid4(), "Bea", "b@acme.test"),
    Person(uuid4(), "Patrick O'Brien", "po@acme.test"),
]


def who(body: str) -> list[str]:
    return [person.email for person in named(names(body), PEOPLE)]


@pytest.mark.parametrize(
    ("body", "emails"),
    [
        ("@ann@acme.test", ["ann@acme.test"]),
        ("(@ANN@OTHER.TEST), look.", ["ann@other.test"]),
        ("@annsmith", ["ann@acme.test"]),
        ("@ann", []),  # two of them
        ("@bea's error", ["b@acme.test"]),
        ("@b and @Bea.", ["b@acme.test"]),
        ("@b.", ["b@acme.test"]),
        ("**@Bea**", ["b@acme.test"]),
        ("@jose.dasilva", ["Jose.DaSilva@acme.test"]),
        ("@JOSÉDASILVA!", ["Jose.DaSilva@acme.test"]),
        ("@Jose\u0301daSilva", ["Jose.DaSilva@acme.test"]),
        ("@PatrickO'Brien", ["po@acme.test"]),
        ("write to b@acme.test", []),
        ("b@bea", []),
        ("/@bea", []),
        ("@@bea", []),
        ("@bea@", []),
        ("@nobody @", []),
        ("`@bea` is code", []),
        ("``x @bea``", []),
        ("```python\n@bea\n```\n@po", ["po@acme.test"]),
        ("~~~\n@bea\n```\n@bea", []),
        ("", []),
    ],
)
def test_who_is_named(body: str, emails: list[str]) -> None:
    assert who(body) == emails


def test_many_names_are_cut_and_no_text_takes_long() -> None:
    assert len(names(" ".join(f"@n{n}" for n in range(200)))) == MOST
    limit = 64 * 1024
    began = perf_counter()
    for piece in (
        "@",
        "@a",
        "@a.",
        "`",
        "@a@",
        "` ",
        "~~~\n",
        "@" + "a" * 300 + "@" + "b" * 300,
        "'",
        "@é ",
        "@e" + "\u0301\u0316" * 150 + " ",
    ):
        names(piece * (limit // len(piece)))
    assert perf_counter() - began < 2
