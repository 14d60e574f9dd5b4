"""The cookie of a session: how it is kept, and for whose pages it counts."""

import pytest

from app.accounts.session_cookie import Place, is_own_page, read_cookie, set_cookie

SECURE = Place("https://snaglist.example/errors")
PLAIN = Place("http://localhost:8000")


def test_with_tls_no_other_host_can_set_it_and_no_script_can_read_it() -> None:
    assert set_cookie(SECURE, "snag_x").split("; ") == [
        "__Host-snaglist=snag_x", "HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax", "Secure",
    ]  # fmt: skip
    assert set_cookie(PLAIN, "snag_x").split("; ") == [
        "snaglist_session=snag_x", "HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax",
    ]  # fmt: skip


def test_it_can_be_taken_away() -> None:
    assert "__Host-snaglist=; " in set_cookie(SECURE, "")
    assert "Max-Age=0" in set_cookie(SECURE, "")


def test_it_is_read_again() -> None:
    assert read_cookie(SECURE, ["a=b; __Host-snaglist=snag_x; c"]) == "snag_x"
    assert read_cookie(SECURE, ["a=b", "__Host-snaglist=snag_x"]) == "snag_x"
    assert read_cookie(PLAIN, ["snaglist_session=snag_x;"]) == "snag_x"
    assert read_cookie(PLAIN, ["snaglist_oidc=x"], what="oidc") == "x"


@pytest.mark.parametrize(
    "sent",
    [
        [],
        [""],
        [";;=;"],
        ["snaglist_session=snag_x"],  # a page without TLS could have set it
        ["__Host-snaglist=a; __Host-snaglist=b"],  # one of them is not ours
        ["__Host-snaglist="],
        ["x" * 100_000 + "; __Host-snaglist=snag_x"],
    ],
)
def test_what_is_doubtful_is_none(sent: list[str]) -> None:
    assert read_cookie(SECURE, sent) is None


@pytest.mark.parametrize(
    ("site", "origin", "is_own"),
    [
        ("same-origin", None, True),
        ("same-origin", "https://snaglist.example", True),
        ("none", None, True),
        ("same-site", None, False),
        ("cross-site", None, False),
        ("cross-site", "https://snaglist.example", False),
        ("nonsense", None, False),
        ("", "https://snaglist.example", False),
        (None, "https://snaglist.example", True),
        (None, "HTTPS://Snaglist.Example", True),
        (None, "http://10.0.0.5:8000", True),  # as the request says itself
        (None, "https://10.0.0.5:8000", False),
        (None, "http://snaglist.example", False),
        (None, "https://snaglist.example:444", False),
        (None, "https://snaglist.example.evil.test", False),
        (None, "https://evil.test", False),
        (None, "null", False),
        (None, "", False),
        (None, None, False),
    ],
)
def test_it_counts_for_pages_of_ours_alone(site: str | None, origin: str | None, is_own: bool) -> None:
    assert is_own is is_own_page(
        SECURE, sec_fetch_site=site, origin=origin, scheme="http", host="10.0.0.5:8000"
    )


def test_a_websockets_page_has_the_scheme_of_http() -> None:
    assert is_own_page(PLAIN, sec_fetch_site=None, origin="http://a.test", scheme="ws", host="a.test")
    assert not is_own_page(PLAIN, sec_fetch_site=None, origin="http://a.test", scheme="wss", host="a.test")
    assert is_own_page(PLAIN, sec_fetch_site=None, origin="https://a.test", scheme="wss", host="a.test")


def test_a_port_that_goes_without_saying_is_not_said() -> None:
    for base_url in ("https://a.test:443", "https://A.test/errors"):
        assert Place(base_url).origin == "https://a.test"
    assert Place("http://a.test:443").origin == "http://a.test:443"
    assert not is_own_page(PLAIN, sec_fetch_site=None, origin="http://None", scheme="http", host=None)
