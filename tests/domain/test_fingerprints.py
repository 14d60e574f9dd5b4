"""What makes two tracebacks the same error, and what keeps them apart."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.addons import KNOWN_FOLDERS
from app.domain.fingerprints import SPOTS_LIMIT, VERSION, Spots
from tests.domain.fingerprinted_tracebacks import CAUSE, DEB, DISPATCH, DURING, SHOP, TOTAL, made, printed

Chain = list[tuple[list[tuple[str, str]], str]]


def test_the_reason_is_written_for_people_and_hashed_as_it_is() -> None:
    chain = printed(TOTAL[1:], "KeyError: 'USD'") + CAUSE + printed(DISPATCH + TOTAL, "shop.NoRate: USD")
    fingerprint, module = made(chain)
    assert fingerprint.reason == (
        "v1 traceback\n"
        "type KeyError\n"
        "frame shop/models/cart.py total\n"
        "type shop.NoRate\n"
        "frame shop/controllers/main.py checkout\n"
        "frame shop/models/cart.py total\n"
        "module shop"
    )
    assert fingerprint.digest == sha256(fingerprint.reason.encode()).hexdigest()
    assert fingerprint.version == VERSION == 1
    assert module == "shop"


SAME = {
    "line numbers": printed(DISPATCH + TOTAL, first_line=900),
    "the message": printed(DISPATCH + TOTAL, "ValueError: 13 pcs at 0x7f3a2c1d"),
    "no message": printed(DISPATCH + TOTAL, "ValueError"),
    "sources": printed(DISPATCH + TOTAL, source="    return int(raw)"),
    "sources and carets": printed(DISPATCH + TOTAL, source="    return int(raw)\n           ^^^^^^^^"),
    "Odoo's frames, when there is a custom one": printed([(f"{DEB}/models.py", "write"), *TOTAL]),
    "no frame of Odoo": printed(TOTAL),
    "recursion": printed(DISPATCH + TOTAL[:1] + TOTAL[1:] * 3),
    "recursion, printed short": printed(DISPATCH + TOTAL[:1] + TOTAL[1:] * 3).replace(
        "\nValueError", "\n  [Previous line repeated 976 more times]\nValueError"
    ),
    "two that call each other": printed(DISPATCH + TOTAL * 40),
    **{
        f"the addons stand in {root}": printed(DISPATCH + TOTAL).replace("/mnt/extra-addons", root)
        for root in (
            "/mnt/custom-addons",
            "/home/odoo/src/user",
            "/opt/odoo/custom/addons",
            "/opt/odoo/custom_addons",
            "/home/ada/addons-extra",
            "/srv/erp/addons",
            "/mnt/extra-addons/acme",
            "/mnt/extra-addons/OCA/web",
            "/home/ada/project",
        )
    },
    **{
        f"Odoo stands in {root}": printed(DISPATCH + TOTAL).replace(DEB, root)
        for root in (
            "/opt/odoo/odoo",
            "/home/odoo/src/odoo/odoo",
            "/usr/local/lib/python3.12/site-packages/odoo",
            "C:\\Odoo\\server\\odoo",
        )
    },
}


@pytest.mark.parametrize("changed", SAME)
def test_an_error_is_the_same_whatever_else_changes(changed: str) -> None:
    assert made(SAME[changed]) == made(printed(DISPATCH + TOTAL))


FIRST, LAST = printed(TOTAL[1:], "KeyError: 'USD'"), printed(DISPATCH + TOTAL, "RuntimeError: no rate")

OTHER = {
    "the last type": FIRST + CAUSE + LAST.replace("RuntimeError", "ValueError"),
    "the first type": FIRST.replace("KeyError", "IndexError") + CAUSE + LAST,
    "the type's module": FIRST + CAUSE + LAST.replace("RuntimeError", "shop.RuntimeError"),
    "the type cut off": FIRST + CAUSE + LAST.removesuffix("RuntimeError: no rate"),
    "the order of the chain": LAST + CAUSE + FIRST,
    "the first part alone": FIRST,
    "the last part alone": LAST,
    "a third part": FIRST + CAUSE + LAST + DURING + LAST,
    "another function": FIRST + CAUSE + LAST.replace("in total", "in amount"),
    "another function of the first part": FIRST.replace("in total", "in amount") + CAUSE + LAST,
    "another file": FIRST + CAUSE + LAST.replace("models/cart.py", "models/rate.py"),
    "another folder": FIRST + CAUSE + LAST.replace("models/cart.py", "wizard/cart.py"),
    "another addon": (FIRST + CAUSE + LAST).replace("extra-addons/shop", "extra-addons/stock"),
    "one frame more": FIRST
    + CAUSE
    + printed([*DISPATCH, *TOTAL, (f"{SHOP}/rate.py", "of")], "RuntimeError: no rate"),
    "one frame less": FIRST + CAUSE + printed(DISPATCH + TOTAL[:1], "RuntimeError: no rate"),
    "the frames in another order": FIRST + CAUSE + printed(DISPATCH + TOTAL[::-1], "RuntimeError: no rate"),
}


@pytest.mark.parametrize("changed", OTHER)
def test_an_error_is_another_where_it_matters(changed: str) -> None:
    assert made(OTHER[changed])[0] != made(FIRST + CAUSE + LAST)[0]


def test_how_two_errors_are_connected_does_not_count() -> None:
    assert made(FIRST + CAUSE + LAST) == made(FIRST + DURING + LAST)


def test_spots_are_remembered_and_in_the_end_forgotten() -> None:
    spots = Spots(KNOWN_FOLDERS)
    frame = b'"/srv/shop/cart.py", line 1, in total'
    assert spots[frame] is spots[frame]
    assert spots[frame].label == "frame shop/cart.py total"
    for number in range(SPOTS_LIMIT):
        spots.setdefault(b"%d" % number, spots[frame])
    assert len(spots) > SPOTS_LIMIT
    assert spots[b'"/srv/shop/rate.py", line 1, in of'].label == "frame shop/rate.py of"
    assert len(spots) == 1


FUNCTIONS = st.tuples(
    st.sampled_from([f"{SHOP}/models/cart.py", f"{SHOP}/models/rate.py", f"{SHOP}/wizard/cart.py"]),
    st.sampled_from(["total", "rate", "<lambda>"]),
)

CUSTOM = st.lists(FUNCTIONS, min_size=1, max_size=4)
ERRORS = st.sampled_from(["KeyError", "shop.KeyError"])
CHAINS = st.lists(st.tuples(CUSTOM, ERRORS), min_size=1, max_size=3)


def chained(chain: Chain, first_line: int = 1, said: str = "x", source: str = "") -> str:
    return CAUSE.join(printed([*frames], f"{error}: {said}", first_line, source) for frames, error in chain)


@given(CHAINS, st.integers(1, 99_999), st.from_regex(r"[a-z0-9 '<>:]{0,40}", fullmatch=True), st.booleans())
def test_lines_messages_and_sources_never_count(
    chain: Chain, line: int, said: str, shows_source: bool
) -> None:
    source = "    return 1\n           ^" if shows_source else ""
    assert made(chained(chain, line, said, source)) == made(chained(chain))


@given(CHAINS, CHAINS)
def test_tracebacks_are_the_same_just_when_types_and_frames_are(one: Chain, other: Chain) -> None:
    def told(chain: Chain) -> Chain:
        return [(list(dict.fromkeys(frames)), error) for frames, error in chain]

    assert (made(chained(one)) == made(chained(other))) == (told(one) == told(other))


@given(CHAINS)
def test_remembered_frames_change_nothing(chain: Chain) -> None:
    spots = Spots(KNOWN_FOLDERS)
    results = [made(chained(chain), known=spots) for _ in range(2)]
    assert results == [made(chained(chain))] * 2
