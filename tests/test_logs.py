"""Log lines: one object a line, whatever is logged, and no secrets in them."""

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import logs
from app.config import Settings, from_environment

PASSWORD = 'pass"word\\of é mine'  # noqa: S105
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://snaglist:in%20the%2Furl@db/x",
    "SNAGLIST_OWNER_PASSWORD": PASSWORD,
    "SNAGLIST_SECRET_KEY": "the key of all keys",
    "SNAGLIST_LOG_LEVEL": "DEBUG",
}
SECRETS = [
    PASSWORD,
    "the key of all keys",
    "in%20the%2Furl",
    "in the/url",
    "snag_c3VyZWx5IG5vdCBhIHNlY3JldA",
    "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
]
_log = logging.getLogger("tests.logs")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; everything is as it was afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    stream = io.StringIO()
    logs.configure(configured(), stream)
    yield stream
    root.handlers[:], root.level, sys.excepthook, threading.excepthook = before
    logging.captureWarnings(False)


def configured(**more: str) -> Settings:
    return from_environment({**ENVIRONMENT, **more})


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines since the last look."""
    written = stream.getvalue().split("\n")
    stream.seek(0)
    stream.truncate()
    assert written.pop() == ""
    return [json.loads(line) for line in written]


def test_a_line_says_when_where_and_what(stream: io.StringIO) -> None:
    _log.warning("no more than %d", 3, extra={"instance": "shop", "took": 1.5, "is_behind": None})
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert list(line.items()) == [
        ("level", "warning"),
        ("event", "no more than 3"),
        ("logger", "tests.logs"),
        ("instance", "shop"),
        ("took", 1.5),
        ("is_behind", None),
    ]


def test_an_exception_is_a_text_in_the_line(stream: io.StringIO) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        _log.exception("it failed")
    (line,) = lines(stream)
    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert line["exception"].endswith("ValueError: two\nlines")


@pytest.mark.parametrize(
    ("key", "is_hidden"),
    [
        ("token", True),
        ("apiKey", True),
        ("Set-Cookie", True),
        ("dsn", True),
        ("SNAGLIST_SECRET_KEY", True),
        ("proxy_authorization", True),
        ("token_id", False),
        ("key_count", False),
        ("tier", False),
    ],
)
def test_a_key_that_names_a_secret_hides_its_value(stream: io.StringIO, key: str, is_hidden: bool) -> None:
    _log.info("told", extra={key: "plain", "within": [{key: b"plain"}]})
    (line,) = lines(stream)
    shown = [line[key], line["within"][0][key]]
    assert shown == (["[redacted]"] * 2 if is_hidden else ["plain"] * 2)


def raised(text: str, cause: str) -> Exception:
    try:
        try:
            raise KeyError(cause)
        except KeyError as error:
            raise ValueError(text) from error
    except ValueError as error:
        return error


class Odd:
    """Something with a text of its own, or none."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def __repr__(self) -> str:
        if self._text is None:
            raise RuntimeError("no text")
        return f"<Odd {self._text}>"


WAYS: list[Callable[[str], None]] = [
    _log.info,
    lambda text: _log.info("said %s", text),
    lambda text: _log.info("said %r %s", {"a": [text]}, Odd(text)),
    lambda text: _log.info("told", extra={"detail": text}),
    lambda text: _log.info("told", extra={"detail": [{"deep": (text, text.encode(), Odd(text))}]}),
    lambda text: _log.info("told", extra={"detail": {text: {text}}}),
    lambda text: _log.error("failed", exc_info=raised(text, text)),
    lambda text: _log.error("failed", exc_info=raised("no", text), stack_info=True),
    lambda text: _log.error("broken %d", text),
    lambda text: logging.getLogger("uvicorn.error").error(text),
    lambda text: logging.getLogger(text).warning("from a name"),
    lambda text: sys.excepthook(ValueError, raised(text, text), None),
]


def without_pytest() -> None:
    """Take away pytest's own handlers, which raise where a record is broken; they are back for the next test."""
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if type(one).__module__ == logs.__name__]


@given(
    st.sampled_from(WAYS),
    st.sampled_from(SECRETS),
    st.text(max_size=30),
    st.text(st.characters(categories=["Zs", "Cc", "Po"]), min_size=1, max_size=3),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_planted_secret_never_comes_out(
    stream: io.StringIO, way: Callable[[str], None], secret: str, before: str, between: str
) -> None:
    without_pytest()
    lines(stream)
    way(f"{before}{between}{secret}{between}{before}")
    written = stream.getvalue()
    (line,) = lines(stream)
    assert secret not in written
    assert secret not in str(line)
    assert json.dumps(secret)[1:-1] not in written


@given(st.sampled_from(WAYS), st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_makes_one_line(stream: io.StringIO, way: Callable[[str], None], text: str) -> None:
    without_pytest()
    lines(stream)
    way(text)
    written = stream.getvalue()
    assert written.isascii()
    assert written.count("\n") == 1
    assert len(lines(stream)) == 1


@pytest.mark.parametrize(
    "odd",
    [
        float("nan"),
        float("inf"),
        1 << 100,
        "\ud800",
        b"\xff\x00",
        Odd(None),
        object(),
        {1: {2: {3: {4: {5: {6: {7: 8}}}}}}},
    ],
    ids=lambda odd: type(odd).__name__,
)
def test_odd_values_are_made_plain(stream: io.StringIO, odd: object) -> None:
    _log.info("told", extra={"odd": odd})
    (line,) = lines(stream)
    assert line["event"] == "told"
    json.dumps(line["odd"], allow_nan=False)


def test_what_holds_itself_and_what_is_huge_comes_to_an_end(stream: io.StringIO) -> None:
    endless: dict[str, Any] = {}
    endless["again"] = [endless]
    _log.info("told " + "x" * 1_000_000, extra={"endless": endless, "many": list(range(100_000))})
    assert len(stream.getvalue()) < 2 * logs.LONGEST
    (line,) = lines(stream)
    assert line["event"].endswith(" ... cut")


def test_an_extra_takes_the_place_of_nothing(stream: io.StringIO) -> None:
    _log.info("the event", extra={"event": "forged", "level": "forged", "time": "forged", "logger": "forged"})
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("the event", "info", "tests.logs")
    assert "forged" not in str(line)


def test_the_level_is_the_settings(stream: io.StringIO) -> None:
    logs.configure(configured(SNAGLIST_LOG_LEVEL="error"), stream)
    _log.warning("not told")
    _log.error("told")
    assert [line["event"] for line in lines(stream)] == ["told"]


def test_a_stream_that_is_gone_harms_nobody(stream: io.StringIO) -> None:
    _log.info("told")
    stream.close()
    _log.info("not told")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_text_that_cannot_steer_it(stream: io.StringIO) -> None:
    terminal = Terminal()
    logs.configure(configured(), terminal)
    _log.info("\x1b[2Jgone\nforged \u202e", extra={"text": "a\rb", "token": "hidden"})
    _log.error("failed", exc_info=raised("\x1b]0;title\x07\nforged", "cause"))
    written = terminal.getvalue()
    assert "\\x1b[2Jgone\\nforged \\u202e" in written
    assert "a\\rb" in written
    assert "hidden" not in written
    assert "\x1b]0" not in written
    assert "\r" not in written
    assert "    ValueError: \\x1b]0;title\\x07\n    forged\n" in written
    assert not [line for line in written.splitlines() if line.startswith("forged")]


def test_what_nobody_caught_and_warnings_are_lines_too() -> None:
    script = """
import os, threading, warnings
from app import config, logs
logs.configure(config.from_environment(os.environ))
warnings.warn("beware of snag_abcdefghijklmnop")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise ValueError(os.environ["SNAGLIST_OWNER_PASSWORD"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    warned, thread, uncaught = [json.loads(line) for line in done.stderr.splitlines()]
    assert "beware of [redacted]" in warned["event"]
    assert "ZeroDivisionError" in thread["exception"]
    assert uncaught["exception"].endswith("ValueError: [redacted]")
