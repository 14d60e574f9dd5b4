"""The JSON Schema of our own API says what the door does: whatever it allows is taken, whatever is refused it forbids."""

import copy
import json
from typing import Any

import jsonschema
import pytest

from app.domain.events import own_events
from app.ingest.own_api import SCHEMA

WHOLE: dict[str, Any] = {
    "id": "e-1",
    "level": "error",
    "message": "it broke",
    "source_module": "shop.checkout",
    "logger": "shop",
    "session_id": "s-1",
    "user_id": "u-1",
    "app_version": "1.4.2",
    "environment": "production",
    "is_dev": False,
    "platform": "python",
    "timestamp": "2026-11-22T10:00:00Z",
    "attributes": {"order": {"id": 7}},
    "tags": {"tenant": "t7", "paid": True, "lines": 3},
    "fingerprint": ["{{ default }}", "t7"],
    "exception": {
        "type": "ValueError",
        "value": "no price",
        "module": "builtins",
        "stacktrace": {
            "frames": [
                {
                    "filename": "shop/checkout.py",
                    "function": "pay",
                    "module": "shop.checkout",
                    "lineno": 7,
                    "in_app": True,
                    "pre_context": ["a"],
                    "context_line": "b",
                    "post_context": ["c"],
                    "vars": {"order": 7},
                }
            ]
        },
        "cause": {"type": "KeyError", "value": "'price'"},
        "chain": [{"type": "OSError", "value": "gone"}],
    },
}
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        7,
        -1,
        1.5,
        1e12,
        1e18,
        1e30,
        "",
        " ",
        "x",
        "x" * 201,
        "info",
        "loud",
        "2026-11-22",
    ),
    *(
        "yesterday",
        [],
        {},
        ["x"],
        [7],
        [None],
        [[]],
        [{}],
        {"a": "b"},
        {"a": None},
        {"a": []},
        {"a": {"b": "c"}},
    ),
    *(
        {"type": "E"},
        {"value": 7},
        {"type": ""},
        {"stacktrace": None},
        {"stacktrace": {"frames": []}},
        {"frames": []},
    ),
    *(
        {"stacktrace": {"frames": [{"function": "f"}]}},
        {"stacktrace": {"frames": [{}]}},
        [{"type": "E"}],
        [{"type": []}],
    ),
    *({f"k{number}": "v" for number in range(51)}, ["x"] * 51),
]


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    found = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in the tree, at any depth."""
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [found for name, below in steps for found in ((*path, name), *places(below, (*path, name)))]


def put(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The tree with `value` at the place; `...` takes away what stands there."""
    changed = copy.deepcopy(tree)
    at = changed
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return changed


def test_what_the_schema_allows_is_taken(schema: jsonschema.Draft202012Validator) -> None:
    """Each field is taken away, and each value is tried in its place."""
    allowed = refused = 0
    for path in places(WHOLE):
        for value in (..., *VALUES):
            event = put(WHOLE, path, value)
            is_allowed = schema.is_valid([event])
            problems = own_events.check(event)
            assert not (is_allowed and problems), (path, value, problems)
            allowed += is_allowed
            refused += bool(problems)
    assert allowed > 100
    assert refused > 100


def test_it_knows_every_field_that_the_door_reads(schema: jsonschema.Draft202012Validator) -> None:
    assert schema.is_valid([WHOLE])
    known = schema.schema["$defs"]["event"]["properties"]
    assert set(known) == set(WHOLE)
    assert all("description" in field or "$ref" in field for field in known.values())


@pytest.mark.parametrize(
    ("event", "is_taken"),
    [
        ({"message": "a"}, True),
        ({"exception": {"type": "E"}}, True),
        ({"exception": [{"value": "v"}]}, True),
        ({"message": "a", "something": ["new"]}, True),
        ({"message": 7}, True),
        ({}, False),
        ({"message": ""}, False),
        ({"message": " \n"}, False),
        ({"message": None}, False),
        ({"exception": {}}, False),
        ({"exception": []}, False),
        ([], False),
        ("a", False),
        (None, False),
    ],
)
def test_both_say_the_same_of_what_an_event_needs(
    schema: jsonschema.Draft202012Validator, event: object, is_taken: bool
) -> None:
    assert schema.is_valid([event]) is is_taken
    assert schema.is_valid({"events": [event]}) is is_taken
    assert (not own_events.check(event)) is is_taken


@pytest.mark.parametrize("batch", [{}, {"events": None}, {"events": {}}, 7, [{"message": "a"}] * 1001])
def test_it_knows_what_is_no_batch(schema: jsonschema.Draft202012Validator, batch: object) -> None:
    assert not schema.is_valid(batch)
    assert schema.is_valid([])
    assert schema.is_valid({"events": [], "sent_by": "us"})
