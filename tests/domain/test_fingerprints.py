"""What makes two tracebacks, or two messages, the same error, and what keeps them apart."""

import re
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.addons import KNOWN_FOLDERS
from app.domain.fingerprints import SPOTS_LIMIT, VERSION, Fingerprint, Spots, of_message, of_traceback
from app.domain.tracebacks import split

DEB = "/usr/lib/python3/dist-packages/odoo"
SHOP = "/mnt/extra-addons/shop"
DISPATCH = [(f"{DEB}/http.py", "dispatch"), (f"{DEB}/addons/base/models/ir_http.py", "_dispatch")]
TOTAL = [(f"{SHOP}/controllers/main.py", "checkout"), (f"{SHOP}/models/cart.py", "total")]
CAUSE = "\n\nThe above exception was the direct cause of the following exception:\n\n"
DURING = "\n\nDuring handling of the above exception, another exception occurred:\n\n"

Frames = Sequence[tuple[str, str | None]]
Chain = list[tuple[list[tuple[str, str]], str]]


def printed(frames: Frames, error: str = "ValueError: 12 pcs", first_line: int = 7, source: str = "") -> str:
    lines = ["Traceback (most recent call last):"]
    for number, (path, function) in enumerate(frames, first_line):
        lines.append(f'  File "{path}", line {number}' + (f", in {function}" if function else ""))
        lines += [source] if source else []
    return "\n".join([*lines, error])


def made(
    traceback: str, logger: str = "odoo.http", known: Spots | None = None
) -> tuple[Fingerprint, str | None]:
    return of_traceback(split(traceback.encode()), logger, Spots(KNOWN_FOLDERS) if known is None else known)


def reason(traceback: str, logger: str = "odoo.http") -> list[str]:
    return made(traceback, logger)[0].reason.split("\n")


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


GENERATED: dict[str, Frames] = {
    "server action": [
        (f"{DEB}/tools/safe_eval.py", "safe_eval"),
        ("ir.actions.server(85,)", "<module>"),
    ],
    "template": [(f"{DEB}/addons/base/models/ir_qweb.py", "_render"), ("<225>", "template_225_content")],
}


@pytest.mark.parametrize("name", GENERATED)
def test_ids_in_generated_code_do_not_count(name: str) -> None:
    here = printed(GENERATED[name], "ZeroDivisionError: division by zero")
    there = re.sub("85|225", "1417", here)
    assert here != there
    assert made(here) == made(there)


def test_a_server_action_is_part_of_the_reason() -> None:
    assert reason(printed(GENERATED["server action"], "ZeroDivisionError: division by zero")) == [
        "v1 traceback",
        "type ZeroDivisionError",
        "frame odoo/tools/safe_eval.py safe_eval",
        "frame ir.actions.server(0,) <module>",
        "module ?",
    ]


STACK = [(f"{DEB}/models.py", name) for name in ("a", "b", "c", "d", "e", "f", "g")]


def labels(frames: Frames) -> list[str]:
    return [line.rpartition(" ")[2] for line in reason(printed(frames)) if line.startswith("frame ")]


def test_without_a_custom_frame_the_five_innermost_serve() -> None:
    assert labels(STACK) == ["c", "d", "e", "f", "g"]
    assert labels(STACK[:2]) == ["a", "b"]


def test_frames_of_libraries_and_wrappers_do_not_serve() -> None:
    beside = [
        ("/usr/lib/python3/dist-packages/werkzeug/serving.py", "w"),
        ("/usr/lib/python3.11/json/decoder.py", "j"),
        ("src/lxml/etree.pyx", "x"),
        ("<decorator-gen-12>", "create"),
        ("<frozen importlib._bootstrap>", "_load"),
        ("<string>", "__init__"),
    ]
    mixed = [frame for pair in zip(STACK, [*beside, beside[0]], strict=True) for frame in pair]
    assert labels(mixed) == ["c", "d", "e", "f", "g"]
    assert labels(beside) == ["j", "x", "create", "_load", "__init__"]


@pytest.mark.parametrize("cycle", [1, 2, 3, 4])
def test_without_a_custom_frame_recursion_of_any_depth_is_the_same(cycle: int) -> None:
    outer, inner = STACK[:2], STACK[2 : 2 + cycle]
    depths = [labels(outer + (inner * 400)[:length]) for length in range(cycle, 200)]
    assert depths == [[name or "" for _, name in (outer + inner)][-5:]] * len(depths)


def test_each_part_of_a_chain_has_its_own_innermost_frames() -> None:
    chain = printed(STACK, "KeyError: 1") + CAUSE + printed(STACK[::-1], "ValueError: 2")
    functions = [line.rpartition(" ")[2] for line in reason(chain)[1:-1]]
    assert functions == ["KeyError", "c", "d", "e", "f", "g", "ValueError", "e", "d", "c", "b", "a"]


def test_a_custom_frame_anywhere_in_the_chain_silences_all_others() -> None:
    assert reason(printed(TOTAL, "KeyError: 1") + CAUSE + printed(STACK, "ValueError: 2")) == [
        "v1 traceback",
        "type KeyError",
        "frame shop/controllers/main.py checkout",
        "frame shop/models/cart.py total",
        "type ValueError",
        "module shop",
    ]


def test_a_syntax_error_has_a_frame_without_function() -> None:
    broken = printed([*DISPATCH, (f"{SHOP}/models/cart.py", None)], "SyntaxError: invalid syntax")
    assert reason(broken)[2:] == ["frame shop/models/cart.py ?", "module shop"]


BASE = (f"{DEB}/addons/base/models/ir_http.py", "_dispatch")
SALE = (f"{DEB}/addons/sale/models/sale_order.py", "confirm")
STOCK = ("/mnt/extra-addons/stock_x/models/m.py", "move")
PARSED = (
    "odoo.tools.convert.ParseError: while parsing /mnt/extra-addons/shop/views/cart.xml:3, somewhere inside"
)
MODULES = {
    "the innermost custom frame": (printed([*TOTAL, STOCK, SALE]), "odoo.addons.mail.x", "stock_x"),
    "of the earliest part that has one": (
        printed([SALE], "KeyError: 1") + CAUSE + printed([STOCK]) + DURING + printed(TOTAL),
        "odoo.http",
        "stock_x",
    ),
    "rather than an addon frame deeper in": (printed([STOCK, SALE]), "odoo.http", "stock_x"),
    "without: the file of data that was parsed": (printed([BASE], PARSED), "odoo.http", "shop"),
    "parsed in a nested repository": (
        printed(
            [BASE], PARSED.replace("extra-addons/", "extra-addons/OCA/web/").replace("cart.xml", "cart.csv")
        ),
        "odoo.http",
        "shop",
    ),
    "a custom frame rather than the parsed file": (printed([STOCK], PARSED), "odoo.http", "stock_x"),
    "without: the last addon frame of the final part": (
        printed([SALE], "KeyError: 1") + CAUSE + printed([SALE, BASE]),
        "odoo.addons.mail.x",
        "base",
    ),
    "not of an earlier part": (
        printed([SALE], "KeyError: 1") + CAUSE + printed(STACK),
        "odoo.addons.mail.models.mail",
        "mail",
    ),
    "without: the logger's addon": (printed(STACK), "odoo.addons.mail.models.mail", "mail"),
    "without: nothing": (printed(STACK), "odoo.http", None),
}


@pytest.mark.parametrize("name", MODULES)
def test_the_module_is_found_in_order(name: str) -> None:
    traceback, logger, module = MODULES[name]
    fingerprint, found = made(traceback, logger)
    assert found == module
    assert fingerprint.reason.endswith(f"\nmodule {module or '?'}")


def test_the_loggers_module_counts() -> None:
    one, other = made(printed(STACK), "odoo.addons.mail.x")[0], made(printed(STACK), "odoo.addons.sale.x")[0]
    assert one != other


def test_an_instances_own_folder_makes_its_frames_custom() -> None:
    traceback = printed([(f"{DEB}/http.py", "dispatch"), ("/srv/acme/shop/cart.py", "total")])
    own = Spots(("/srv/acme", *KNOWN_FOLDERS))
    assert made(traceback)[1] is None
    assert made(traceback, known=own)[1] == "shop"
    assert made(traceback, known=own)[0].reason.split("\n")[2:] == ["frame shop/cart.py total", "module shop"]


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


def test_a_message_is_told_apart_by_kind_logger_and_words() -> None:
    fingerprint = of_message("message", "odoo.addons.shop", "User 123 not found")
    assert fingerprint.reason.split("\n")[:2] == ["v1 message", "logger odoo.addons.shop"]
    assert fingerprint.reason.split("\n")[2].startswith("message user ")
    assert fingerprint.digest == sha256(fingerprint.reason.encode()).hexdigest()
    assert of_message("warning", "odoo.addons.shop", "User 123 not found") != fingerprint
    assert of_message("message", "odoo.addons.sale", "User 123 not found") != fingerprint
    assert of_message("message", "odoo.addons.shop", "Group 123 not found") != fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("User 123 not found", "User 4567 not found"),
        ("record 5 of sale.order(85,) is gone", "record 61 of sale.order(1417,) is gone"),
        ("<object at 0x7f3a2c1d0e40> is closed", "<object at 0x5581aa00ff10> is closed"),
        (
            "request 9f1c2e34-aaaa-4bbb-8ccc-1234567890ab failed",
            "request 0b8d7c65-1111-4222-8333-ba0987654321 failed",
        ),
        ("took 3.2 s", "took 11.87 s"),
        ("  padded\n and wrapped ", "padded and   wrapped"),
    ],
)
def test_a_message_is_the_same_whatever_its_numbers(one: str, other: str) -> None:
    assert of_message("message", "odoo.x", one) == of_message("message", "odoo.x", other)


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_is_a_message(said: str, logger: str) -> None:
    fingerprint = of_message("message", logger, said)
    assert fingerprint == of_message(
        "message", logger, said.translate(str.maketrans("0123456789", "9876543210"))
    )
    assert re.fullmatch("[0-9a-f]{64}", fingerprint.digest)
