"""Events that no app would send: nothing raises, nothing takes long, and what varies never counts."""

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.events import (
    event_fingerprints,
    event_frames,
    frame_functions,
    frame_paths,
    globs,
    grouping_rules,
)
from app.domain.events.event import Event, EventException, EventFrame, Level
from app.domain.events.event_frames import Rules
from app.domain.events.ignore_rules import Rule as Ignore
from app.domain.events.ignore_rules import ignored
from tests.domain.events.app_events import AT, event, frame, raised, reason

PLATFORMS = [
    "python",
    "javascript",
    "node",
    "java",
    "go",
    "ruby",
    "php",
    "csharp",
    "cocoa",
    "native",
    "dart",
    "other",
    "?",
]
_ODD = "abcXYZ019 ./\\:$<>[]{}()@#?*+-_'`\"|\n\t\x00é\u2028\ud800"
TEXTS = st.text(alphabet=_ODD, max_size=60)
MAYBE = st.none() | TEXTS
FRAMES = st.builds(EventFrame, MAYBE, MAYBE, MAYBE, st.none() | st.integers(), st.none() | st.booleans())
CHAINS = st.lists(
    st.builds(EventException, MAYBE, TEXTS, MAYBE, st.lists(FRAMES, max_size=6).map(tuple)), max_size=3
).map(tuple)
PARTS = st.lists(
    TEXTS | st.sampled_from(["{{ default }}", "{{ tags.a }}", "{{ function }}"]), max_size=4
).map(tuple)
EVENTS = st.builds(
    Event,
    st.sampled_from(Level),
    TEXTS,
    st.just(AT),
    template=MAYBE,
    platform=st.sampled_from(PLATFORMS),
    exceptions=CHAINS,
    module=MAYBE,
    logger=MAYBE,
    transaction=MAYBE,
    tags=st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple),
    fingerprint=PARTS,
)


@settings(max_examples=80)
@given(EVENTS, st.lists(TEXTS, max_size=2).map(tuple), TEXTS)
def test_nothing_raises_and_a_reason_has_a_line_for_each_thing(
    told: Event, starts: tuple[str, ...], pattern: str
) -> None:
    rules = Rules(starts, starts[:1])
    rule = grouping_rules.Rule(
        ("{{ default }}", "x"), pattern, pattern, pattern, pattern, ((pattern, pattern),)
    )
    made = event_fingerprints.fingerprint(told, rules, (rule,))
    assert made == event_fingerprints.fingerprint(replace(told), rules, (rule,))
    head, *lines = made.reason.split("\n")
    assert head.startswith("v1 event ")
    assert all(
        line.removeprefix("default ").startswith(("type ", "frame ", "logger ", "message ")) for line in lines
    )
    assert event_fingerprints.title(told).count("\n") == 0
    assert event_fingerprints.kind(told) in ("traceback", "message")
    assert event_fingerprints.severity(told) in ("critical", "medium")
    assert (event_fingerprints.module(told, rules) or "x").strip()
    ignored(told, (Ignore(pattern, pattern), Ignore(None, pattern)))


@settings(max_examples=60)
@given(EVENTS, st.integers(1, 10**6))
def test_lines_and_sources_never_count(told: Event, line: int) -> None:
    moved = tuple(
        replace(
            one, frames=tuple(replace(frame, line=line, source="x", before=("y",)) for frame in one.frames)
        )
        for one in told.exceptions
    )
    assert reason(replace(told, exceptions=moved)) == reason(told)


@settings(max_examples=60)
@given(
    st.sampled_from(["/srv/{}/", "/builds/{}/", "/home/ada/{}/", "https://{}.acme.com/", "C:\\build\\{}\\"]),
    st.sampled_from(["main.{}.js", "main-{}.chunk.js", "{}.js", "{}.main.js"]),
    st.tuples(*[st.integers(16**7, 16**8 - 1).map("{:x}".format).filter(str.isalnum)] * 4),
)
def test_build_folders_and_hashes_never_count(folder: str, file: str, hashes: tuple[str, ...]) -> None:
    digits = [f"{text[:7]}0" for text in hashes]  # a hash of letters alone may be a word
    one, other = (
        event_frames.label(
            frame(folder.format(digits[place]) + "static/" + file.format(digits[place + 1]), "run"),
            "javascript",
        )
        for place in (0, 2)
    )
    assert one == other


LONG = [
    "a" * 5000,
    "<" * 5000,
    "$" * 5000,
    "/" * 5000,
    "a.1-" * 1250,
    "({[<" * 1250,
    "a/node_modules/" * 330,
    "closure #1 in " * 350,
]


@pytest.mark.parametrize("text", LONG, ids=[text[:6] for text in LONG])
def test_no_name_takes_long(text: str) -> None:
    started = process_time()
    for platform in PLATFORMS:
        for ending in "abc":
            event_frames.label(frame(text + ending, text + ending, text + ending), platform)
            event_fingerprints.fingerprint(event(message=text + ending, module=text + ending), Rules(), ())
    assert process_time() - started < 1.0


def test_many_frames_and_parts_stay_within_bounds() -> None:
    frames = [frame(f"shop/{place}.py", "run" * 100, line=place) for place in range(1000)]
    started = process_time()
    told = reason(event(raised(*frames)))
    assert len(told) == 2 + event_fingerprints.FRAMES_LIMIT
    assert told[-1].startswith("frame shop/999.py ")
    assert process_time() - started < 0.5
    assert max(map(len, told)) < frame_paths.LIMIT + frame_functions.LIMIT + 20


PATTERNS = ["*a" * 250, "?" * 500, "*?a" * 160, "a?" * 250, "*" * 500, "*" + "a" * 498 + "b"]


@pytest.mark.parametrize("pattern", PATTERNS, ids=[pattern[:3] for pattern in PATTERNS])
def test_no_pattern_takes_long(pattern: str) -> None:
    started = process_time()
    for ending in "abcdefghij":
        globs.found(pattern, "a" * 100_000 + ending)
        globs.found(pattern, "a" * 1_990 + ending)
    assert process_time() - started < 1.0
