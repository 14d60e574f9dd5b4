"""What is accepted is what PostgreSQL can store, whatever was sent; the rest is refused in words."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.projects import names, slugs
from tests.projects.stage import HALF

NUL = "\0"


@pytest.mark.parametrize(
    ("rule", "value", "field"),
    [
        *((names.name, bad, "name") for bad in ("", "   ", "x" * 201, "a\nb", f"a{NUL}", f"a{HALF}", "\u202eshop")),
        *((names.slug, bad, "slug") for bad in ("", "-a", "A", "a b", "a_b", "ä", "a\n", "x" * 64, f"a{NUL}", HALF)),
        *(
            (names.time_zone, bad, "timeZone")
            for bad in ("", "Mars/Base", "Europe", "../UTC", "/etc/passwd", "localtime", f"UTC{NUL}", HALF, "x" * 9999)
        ),
        *((names.environment, bad, "environment") for bad in ("", "production", "TEST", HALF)),
        *(
            (names.log_path, bad, "source.localFile.path")
            for bad in ("", "odoo.log", "./odoo.log", "C:\\odoo.log", f"/a{NUL}", f"/{HALF}", "/" + "x" * 4096, "/" + "ä" * 2048)
        ),
        *(
            (names.ignore_patterns, bad, "errorIgnorePatterns")
            for bad in ([""], ["a", " "], ["x" * 1001], [f"a{NUL}"], [HALF], ["a\nb"], ["a"] * 101)
        ),
        *(
            (names.addon_folders, bad, "addonFolders")
            for bad in ([""], ["addons"], ["/mnt", "./x"], ["/"], ["C:\\"[:2]], [f"/a{NUL}"], [f"/{HALF}"], ["/" + "x" * 4096], ["/a"] * 101)
        ),
    ],
)  # fmt: skip
def test_what_nobody_can_have_is_refused_in_words(rule: Callable[[Any], Any], value: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        rule(value)
    assert refused.value.field == field
    assert refused.value.message.isprintable()


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        *((names.name, good) for good in ("x", "x" * 200, "Möbel & Söhne – 店")),
        *((names.slug, good) for good in ("a", "0", "a-b", "a-", "x" * 63)),
        *((names.time_zone, good) for good in ("UTC", "Europe/Berlin", "America/Argentina/Ushuaia")),
        *((names.environment, good) for good in ("PRODUCTION", "STAGING", "DEVELOPMENT")),
        *((names.log_path, good) for good in ("/odoo.log", "/with blank/ä.log", "/" + "x" * 4095)),
        *((names.ignore_patterns, good) for good in ([], ["x" * 1000], [" a"], ["a"] * 100)),
        *((names.addon_folders, good) for good in ([], ["/opt/a"], ["C:\\a", "d:/a"], ["/a"] * 100)),
    ],
)
def test_what_is_in_order_stays_as_it_is(rule: Callable[[Any], Any], value: Any) -> None:
    assert rule(value) == value


def test_blanks_around_a_name_are_dropped() -> None:
    assert names.name("  Shop \n") == "Shop"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Demo", "demo"),
        ("  Möbel & Söhne GmbH! ", "mobel-sohne-gmbh"),
        ("Straße 7", "strasse-7"),
        ("店", "project"),
        ("---", "project"),
        ("a" * 62 + " b", "a" * 62),
    ],
)
def test_a_slug_is_made_of_a_name(name: str, slug: str) -> None:
    assert slugs.derived(name, "project") == slug


@given(st.text(), st.integers(0, 12))
def test_a_slug_made_of_whatever_name_is_a_slug_and_free(name: str, used: int) -> None:
    slug = slugs.derived(name, "instance")
    taken: set[str] = set()
    for _ in range(used):
        taken.add(slugs.free(slug, taken))

    new = slugs.free(slug, taken)

    assert len(taken) == used
    assert new not in taken
    assert names.slug(new) == new
    assert new[: slugs.STEM].startswith(slug[: slugs.STEM]) or slug[: slugs.STEM].startswith(
        new[: slugs.STEM]
    )


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_whatever_is_accepted_can_be_stored(text: str) -> None:
    rules: list[Callable[[str], str | list[str]]] = [
        names.name,
        lambda text: names.log_path("/" + text),
        lambda text: names.ignore_patterns([text]),
        lambda text: names.addon_folders(["/x" + text]),
    ]
    for rule in rules:
        try:
            kept = rule(text)
        except BadInput:
            continue
        assert b"\0" not in "".join(kept).encode()
