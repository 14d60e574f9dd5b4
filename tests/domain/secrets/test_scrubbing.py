"""What goes out of an event before it is kept, and what must stay."""

import time
import timeit
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.secrets.redaction import redact, signs
from app.domain.secrets.scrubbed_texts import holding, is_harmless, is_option, mended
from app.domain.secrets.scrubbing import Scrubbing, check, plain, restored, scrub
from tests.domain.json_trees import nested, shape, trees
from tests.domain.secrets.test_redaction import PIECES, SECRETS, as_logged

RULES = Scrubbing()
CARD = "4111 1111 1111 1111"
KEY = "0123456789abcdef" * 2
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

# (before, after); what comes before stays where there is nothing after.
GONE: list[tuple[Any, Any]] = [
    ({"request": {"headers": {"Authorization": "Basic dTpw"}}}, {"request": {"headers": {"Authorization": "[redacted credentials]"}}}),
    ({"request": {"headers": [["X-Api-Key", "abc1"], ["Accept", "*/*"]]}}, {"request": {"headers": [["X-Api-Key", "[redacted key]"], ["Accept", "*/*"]]}}),
    ({"request": {"headers": {"Cookie": "a=1; b=2"}}}, {"request": {"headers": {"Cookie": "[redacted cookie]"}}}),
    ({"request": {"headers": {"set-cookie": "a=1"}}}, {"request": {"headers": {"set-cookie": "[redacted cookie]"}}}),
    ({"request": {"cookies": {"theme": "dark", "n": 12}}}, {"request": {"cookies": {"theme": "[redacted cookie]", "n": "[redacted cookie]"}}}),
    ({"request": {"query_string": "a=1&token=s3cr3t99"}}, {"request": {"query_string": "a=1&token=[redacted token]"}}),
    ({"request": {"data": {"user": {"password": "hunter2", "name": "Ann"}}}}, {"request": {"data": {"user": {"password": "[redacted password]", "name": "Ann"}}}}),
    ({"request": {"data": '{"password": "hunter2"}'}}, {"request": {"data": '{"password": "[redacted password]"}'}}),
    ({"request": {"env": {"DB_PASSWD": "x1"}}}, {"request": {"env": {"DB_PASSWD": "[redacted password]"}}}),
    ({"extra": {"passwords": ["a1", "b2", None]}}, {"extra": {"passwords": ["[redacted password]", "[redacted password]", None]}}),
    ({"extra": {"auth": {"user": "ann", "pin": 1234}}}, {"extra": {"auth": {"user": "[redacted credentials]", "pin": "[redacted credentials]"}}}),
    ({"extra": {"sys.argv": ["run", "--password", "hunter2", "-v"]}}, {"extra": {"sys.argv": ["run", "--password", "[redacted password]", "-v"]}}),
    ({"extra": {"form": [{"name": "csrf", "value": "abc"}]}}, {"extra": {"form": [{"name": "csrf", "value": "[redacted CSRF token]"}]}}),
    ({"extra": {"pin": CARD}}, {"extra": {"pin": "[redacted card number]"}}),
    ({"extra": {"number": 4111111111111111}}, {"extra": {"number": "[redacted card number]"}}),
    ({"extra": {JWT: 1}}, {"extra": {"[redacted JWT]": 1}}),
    ({"contexts": {"auth": {"token": "abc"}}}, {"contexts": {"auth": {"token": "[redacted token]"}}}),
    ({"contexts": {"cart": {"cardNumber": "411", "cvv2": "123"}}}, {"contexts": {"cart": {"cardNumber": "[redacted card number]", "cvv2": "[redacted card code]"}}}),
    ({"exception": {"values": [{"value": f"for {JWT}"}]}}, {"exception": {"values": [{"value": "for [redacted JWT]"}]}}),
    ({"exception": [{"stacktrace": {"frames": [{"lineno": 1, "vars": {"private_key": "'x1y2'"}}]}}]}, {"exception": [{"stacktrace": {"frames": [{"lineno": 1, "vars": {"private_key": "[redacted key]"}}]}}]}),
    ({"breadcrumbs": {"values": [{"data": {"secret": "abc"}}]}}, {"breadcrumbs": {"values": [{"data": {"secret": "[redacted secret]"}}]}}),
    ({"attributes": {"credentials": "abc"}}, {"attributes": {"credentials": "[redacted credential]"}}),
    ({"attributes": {"session": "abc"}}, {"attributes": {"session": "[redacted session]"}}),
    ({"tags": {"token": "abc", "a": "b"}}, {"tags": {"token": "[redacted token]", "a": "b"}}),
    ({"tags": [["token", "abc"], ["a", "b"]]}, {"tags": [["token", "[redacted token]"], ["a", "b"]]}),
    ({"tags": [{"key": "token", "value": "abc"}]}, {"tags": [{"key": "token", "value": "[redacted token]"}]}),
    ({"message": "login with password=hunter22"}, {"message": "login with password=[redacted password]"}),
    ({"extra": {"sys.argv": ["run", "--dsn", f"https://{KEY}:{KEY}@o1.io/4"]}}, {"extra": {"sys.argv": ["run", "--dsn", "https://[redacted Sentry key]:[redacted password]@o1.io/4"]}}),
    ({"extra": {"token": f"https://{KEY}@o1.io/4"}}, {"extra": {"token": "[redacted token]"}}),
    ({"message": f"https://{KEY}@o1.io/4, password=hunter22"}, {"message": f"https://{KEY}@o1.io/4, password=[redacted password]"}),
    ({"message": f"https://{KEY}@o1.io/{JWT}/4"}, {"message": "https://[redacted Sentry key]@o1.io/[redacted JWT]/4"}),
    *(({"message": f"{start}{KEY}@{end}"}, {"message": f"{start}[redacted Sentry key]@{end}"}) for start, end in [
        ("https://", "o1.io/x"), ("https://", "o1.io/4?a=1"), ("https://", "o1.io"), ("redis://", "db/4"), ("https://", "o1.io/4:x@h"), ("https://", "o1.io/4\ue000")]),
    ({"password": "hunter2", "message": "x"}, {"password": "[redacted password]", "message": "x"}),
]  # fmt: skip

KEPT: list[Any] = [
    {"session_id": "dGhpcyBpcyBhIHNlc3Npb24", "tags": {"session": "s", "session_id": "dGhpcyBpcyBhIHNlc3Npb24"}},
    {"tags": [["session.id", "dGhpcyBpcyBhIHNlc3Npb24"]], "contexts": {"session": {"id": "abc", "session_id": "dGhpcyBpcyBhIHNlc3Npb24"}}},
    {"modules": {"cookies": "2.2.1", "tokenize-rt": "5.2", "secretstorage": "3.3", "session": "1"}},
    {"request": {"headers": {"Authorization": "[Filtered]", "Cookie": ""}, "cookies": {}}},
    {"extra": {"password": None, "token": False, "secret": "None", "auth": {}, "token_type": "bearer", "total_tokens": 512}},
    {"extra": {"author": "Ann", "authority": "x", "monkey": "banana", "keyboard": "qwerty", "cache_key": "user:1", "passenger": "Ann"}},
    {"extra": {"password": "[redacted password]", "session": "<Session object at 0x7f00>"}},
    {"extra": {"id": "41111111-1111-1111-1111-111111111111", "order": 4111111111111112, "at": 1763800000000}},
    {"extra": {"amount": "0.4111111111111111", "hash": "a4111111111111111", "phone": "+4111111111111111"}},
    {"exception": [{"stacktrace": {"frames": [{"lineno": 3, "context_line": "    if token == other.token:", "pre_context": ["password = form.password"], "post_context": ["", "key = a"]}]}}]},
    {"fields": ["password", "email"]},
    {"extra": {"sys.argv": ["run", "--dsn", f"http://{KEY}@127.0.0.1:8000/errors/1"], "SENTRY_DSN": f"https://{KEY}@o1.ingest.sentry.io/4"}},
    {"message": f"sent to https://{KEY}@o1.ingest.sentry.io/4."},
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), GONE)
def test_a_secret_goes_out_and_the_rest_stays(before: Any, after: Any) -> None:
    untouched = repr(before)
    assert scrub(before, RULES) == (after, True)
    assert repr(before) == untouched
    assert scrub(after, RULES) == (after, False)


@pytest.mark.parametrize("tree", KEPT)
def test_what_is_no_secret_stays(tree: Any) -> None:
    scrubbed, is_changed = scrub(tree, RULES)
    assert (scrubbed is tree, is_changed) == (True, False)


@pytest.mark.parametrize("number", [
    "4111111111111111", "4111-1111-1111-1111", "5555 5555 5555 4444", "2223003122003222", "378282246310005", "3782 822463 10005",
    "30569309025904", "3056 930902 5904", "6011111111111117", "3530111333300000", "6205500000000000004", "4222222222222", "6759649826438453",
])  # fmt: skip
def test_the_number_of_a_card_goes_out_of_any_text(number: str) -> None:
    for text in (number, f"charged {number}.", f"card={number}, ok", f"5 {number} 12/27", f'["{number}"]'):
        scrubbed, is_changed = scrub({"message": text}, RULES)
        assert (scrubbed["message"], is_changed) == (text.replace(number, "[redacted card number]"), True)


@pytest.mark.parametrize("text", [
    "4111111111111112", "1234567890123452", "a4111111111111111", "4111111111111111b", "94111111111111111111", "0.4111111111111111",
    "9f0c4111-1111-4111-8111-411111111111", "2026-11-22 10:20:30", "1763800000000", "1763800000000000000", "4111 11111111 1111",
    "x_4111111111111111", "4111111111111111.5",
])  # fmt: skip
def test_other_digits_are_no_card(text: str) -> None:
    assert scrub({"message": text}, RULES) == ({"message": text}, False)


def test_a_private_key_goes_out_of_lines_of_source() -> None:
    frame = {
        "lineno": 2,
        "pre_context": ["KEY = '''-----BEGIN RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEAzzzzzzzzzzzzzzzzzz", "aB3/aB3/aB3/aB3/aB3/aB3/aB3/"],
        "context_line": "-----END RSA PRIVATE KEY-----'''",
        "post_context": ["connect(password='hunter2')", "token = other"],
    }  # fmt: skip
    tree = {"exception": [{"stacktrace": {"frames": [frame]}}]}
    scrubbed, is_changed = scrub(tree, RULES)
    assert is_changed
    assert scrubbed["exception"][0]["stacktrace"]["frames"][0] == {
        "lineno": 2,
        "pre_context": ["KEY = '''[redacted private key]", "", ""],
        "context_line": "'''",
        "post_context": ["connect(password='[redacted password]')", "token = other"],
    }
    assert scrub(scrubbed, RULES) == (scrubbed, False)


def test_what_holds_nothing_is_not_copied() -> None:
    frames = [{"lineno": line, "vars": {"a": [line], "b": "x"}} for line in (11, 12)]
    tree: Any = {
        "exception": [{"stacktrace": {"frames": frames}}],
        "extra": {"a": {"b": CARD}, "c": {"d": 1}},
    }
    scrubbed, _ = scrub(tree, RULES)
    assert scrubbed == {**tree, "extra": {"a": {"b": "[redacted card number]"}, "c": {"d": 1}}}
    assert scrubbed["exception"] is tree["exception"]
    assert scrubbed["extra"]["c"] is tree["extra"]["c"]
    again: Any = {**tree, "exception": {"token": frames}}  # known by now, and yet a part of what has to go
    assert scrub(again, RULES)[0]["exception"]["token"][0]["vars"] == {
        "a": ["[redacted token]"],
        "b": "[redacted token]",
    }


def test_two_secrets_as_names_stay_two_entries() -> None:
    other = JWT.replace("sdoz", "sdoy") + "x"
    scrubbed, _ = scrub({"extra": {JWT: 1, other: 2, "a": 3}}, RULES)
    assert scrubbed == {"extra": {"[redacted JWT]": 1, "[redacted JWT] 2": 2, "a": 3}}


def test_a_project_adds_names_and_declares_others_safe() -> None:
    rules = Scrubbing(sensitive=("Customer No",), safe=("token", "X-Api-Key"))
    tree = {
        "extra": {
            "homeCustomerNo": "A17",
            "token": "abc",
            "x_api_key": "k1",
            "password": "p1",
            "auth": {"token": "t"},
        }
    }
    scrubbed, is_changed = scrub(tree, rules)
    assert is_changed
    assert scrubbed["extra"] == {
        "homeCustomerNo": "[redacted value]",
        "token": "abc",
        "x_api_key": "k1",
        "password": "[redacted password]",
        "auth": {"token": "t"},
    }
    assert scrub(tree, Scrubbing(enabled=False, sensitive=("a",))) == (tree, False)
    assert scrub({"extra": {"homeCustomerNo": "A17"}}, RULES)[1] is False


def test_rules_are_stored_and_restored() -> None:
    rules = Scrubbing(False, ("customer_no",), ("token",))
    assert restored(plain(rules)) == rules
    assert check(plain(rules)) == []
    senseless: list[Any] = [{}, None, [], "x", {"sensitive_keys": 3, "safe_keys": [1, "", " ", "x" * 101]}]
    for nothing in senseless:
        assert restored(nothing) == RULES


@pytest.mark.parametrize(("told", "field"), [
    ([], ""), ({"enabled": 1}, "enabled"), ({"other": 1}, "other"), ({"sensitive_keys": "a"}, "sensitive_keys"),
    ({"sensitive_keys": [1]}, "sensitive_keys"), ({"safe_keys": [""]}, "safe_keys"), ({"safe_keys": ["x" * 101]}, "safe_keys"),
    ({"safe_keys": ["a"] * 101}, "safe_keys"), ({"safe_keys": ["X-Token"], "sensitive_keys": ["x_token"]}, "safe_keys"),
])  # fmt: skip
def test_rules_that_make_no_sense_are_named(told: Any, field: str) -> None:
    assert [problem[0] for problem in check(told)] == [field]


@settings(max_examples=50, deadline=None)
@given(trees)
def test_any_tree_is_scrubbed_keeps_its_shape_and_stays_the_same_when_scrubbed_again(tree: Any) -> None:
    untouched = repr(tree)
    scrubbed, is_changed = scrub(tree, RULES)
    assert repr(tree) == untouched
    assert shape(scrubbed) == shape(tree)
    assert is_changed == (repr(scrubbed) != untouched)
    again, is_changed_again = scrub(scrubbed, RULES)
    assert (repr(again), is_changed_again) == (repr(scrubbed), False)


@pytest.mark.parametrize("name", [None, "a", "password"])
def test_a_tree_may_be_nested_deeply(name: str | None) -> None:
    scrubbed, is_changed = scrub({"extra": nested(20_000, name), "message": f"card {CARD}"}, RULES)
    assert is_changed
    value = scrubbed["extra"]
    while type(value) in (dict, list):
        (value,) = value.values() if type(value) is dict else value
    assert value == ("[redacted password]" if name == "password" else "hunter2")


def test_a_huge_tree_takes_time_in_line_with_its_size() -> None:
    small, large = (
        {"extra": {f"password{n}": f"pässword={n} " * 5 for n in range(size)}} for size in (500, 5000)
    )
    once = min(timeit.repeat(lambda: scrub(small, RULES), number=1, repeat=3))
    assert min(timeit.repeat(lambda: scrub(large, RULES), number=1, repeat=3)) < 60 * once


def test_names_that_are_secrets_themselves_are_each_told_apart_in_no_time() -> None:
    names = [f"xoxb-{number:010}" for number in range(8_000)]
    start = time.process_time()
    scrubbed, _ = scrub({"extra": {"[redacted Slack token] 2": 0, **dict.fromkeys(names, 1)}}, RULES)
    assert time.process_time() - start < 3  # linear: 0.2 seconds; each counted anew from the first: 6
    assert len(scrubbed["extra"]) == 8_001
    assert list(scrubbed["extra"])[:3] == [
        "[redacted Slack token] 2",
        "[redacted Slack token]",
        "[redacted Slack token] 3",
    ]


@pytest.mark.parametrize("marked", [marked for marked in SECRETS if "Sentry key:{hex32}»@" not in marked])
def test_what_redaction_finds_has_a_sign_also_among_other_texts(marked: str) -> None:
    text = as_logged(marked)
    joined = f"first line\n{text}\nlast = line"
    assert any(11 <= place < 11 + len(text) for place in signs(joined))
    scrubbed, is_changed = scrub({"extra": {"a": text, "b": "password"}}, RULES)
    assert is_changed
    assert scrub(scrubbed, RULES) == (scrubbed, False)


@settings(max_examples=50, deadline=None)
@given(PIECES)
def test_where_there_is_no_sign_redaction_finds_nothing(text: str) -> None:
    if redact(text) != text:
        joined = f"password\n{text}\n='last'"
        assert any(9 <= place < 9 + len(text) for place in signs(joined))


@settings(max_examples=200, deadline=None)
@given(
    PIECES
    | st.lists(
        st.sampled_from(["a b", CARD, f"https://{KEY}@o1.ingest.sentry.io/4", "://", "--token", "\n", JWT]),
        max_size=4,
    ).map("".join)
)
def test_what_is_remembered_as_harmless_is_left_by_redaction(text: str) -> None:
    holding([text])
    if is_harmless(text):
        assert redact(text) == text
    else:
        assert "://" in text or mended(text) != text or is_option(text)
