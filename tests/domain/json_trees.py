"""JSON trees for tests: any shape, with the names and values that the readers look for among them."""

from typing import Any

from hypothesis import strategies as st

NAMES = [
    "exception", "values", "value", "type", "module", "stacktrace", "frames", "filename", "abs_path",
    "function", "lineno", "in_app", "vars", "context_line", "pre_context", "post_context", "cause",
    "chain", "threads", "crashed", "current", "thread_id", "id", "message", "logentry", "formatted",
    "params", "level", "timestamp", "tags", "user", "email", "ip_address", "contexts", "session", "trace",
    "breadcrumbs", "data", "category", "request", "headers", "cookies", "query_string", "env", "extra",
    "attributes", "modules", "sdk", "name", "version", "release", "dist", "environment", "fingerprint",
    "feedback", "comments", "password", "token", "Authorization", "api_key", "session_id", "auth", "key",
    "passwords", "x-api-key",
]  # fmt: skip
VALUES: tuple[Any, ...] = (
    "hunter2", "error", "[Filtered]", "password=hunter22", "--password", "postgres://u:pw1@h/db", "https://" + "0a" * 16 + "@h/4", "4111 1111 1111 1111", "None",
    "\0", "\ud800", "\udcff", "😀", "", "   ", "x" * 300, "2026-11-22T08:00:00Z", "{{ default }}", "%s %d {x}", "a=b; c=d",
    "AKIA" + "A1B2C3D4" * 2, "Bearer abcdefgh12345678", "dGhpcyBpcyBhIHNlY3JldA99", "-----BEGIN PRIVATE KEY-----\nabc",
    4111111111111111, 5, -1, 0, 10**30, 10**400, -(10**400), 1e308, float("inf"), float("-inf"), float("nan"), True, False, None,
)  # fmt: skip

names = st.sampled_from(NAMES) | st.text(max_size=8)
leaves = st.sampled_from(VALUES) | st.text(max_size=12) | st.integers() | st.floats()
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=25,
)
trees = st.dictionaries(names, values, max_size=8)


def nested(depth: int, name: str | None = None) -> Any:
    """A list, or an object, nested as deeply as a decoder may allow."""
    tree: Any = "hunter2"
    for _ in range(depth):
        tree = [tree] if name is None else {name: tree}
    return tree


def shape(tree: Any) -> Any:
    """The shape of a tree: its containers and how many entries they have, not what the leaves are."""
    work, found = [tree], []
    while work:
        value = work.pop()
        kind = type(value)
        if kind is dict:
            found.append(("object", len(value)))
            work.extend(value.values())
        elif kind is list:
            found.append(("list", len(value)))
            work.extend(value)
        else:
            found.append(("leaf", 1))
    return found
