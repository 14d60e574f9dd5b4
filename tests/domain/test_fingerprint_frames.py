"""Which frames of a traceback serve in its fingerprint."""

import re

import pytest

from tests.domain.fingerprinted_tracebacks import (
    CAUSE,
    DEB,
    DISPATCH,
    SHOP,
    STACK,
    TOTAL,
    Frames,
    made,
    printed,
    reason,
)

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
