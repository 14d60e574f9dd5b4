"""Any bytes are a record, and none takes long."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.detections import Detector
from app.domain.log_lines import header
from tests.domain.detected_records import CAUSE, HTTP, TRACEBACK, record

ANY = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                record(HTTP),
                record("odoo.addons.shop: ", "WARNING"),
                record("odoo.sql_db: bad query: "),
                b"Traceback (most recent call last):",
                b"  + Exception Group Traceback (most recent call last):\n  | ",
                b'\n  File "/srv/a.py", line 1, in f',
                b"\nException in thread ",
                b"\nERROR: ",
                CAUSE.encode(),
                b"\n",
                b" ",
                b"\xff",
                b"\x00",
                b"KeyError: 1",
                b" - - -",
            ]
        ),
        max_size=12,
    ).map(b"".join),
)


@given(ANY, ANY)
def test_any_bytes_are_a_record(text: bytes, under: bytes) -> None:
    head = header(text)
    for found in (Detector().detect(text, head, under), Detector().detect(text, None, under)):
        if found is not None:
            assert found.frames == [frame for part in found.exceptions for frame in part.frames]
            assert (found.kind == "traceback") == bool(found.exceptions)
            assert (found.severity == "critical") == bool(
                found.analysis and any(p.frames for p in found.analysis.parts)
            )
            assert found.message == found.message.strip()


NASTY = {
    "newlines": "\n",
    "tracebacks": "Traceback (most recent call last):\n",
    "frames": '  File "x", line 1, in f\n',
    "different frames": None,
    "connectors": CAUSE,
    "one long line": "x",
    "dotted": "a.",
    "spaces": " ",
    "quotes": '"',
    "parentheses": "(",
    "bad queries": "bad query: ",
    "tails": " - - -",
    "groups": "  + Exception Group Traceback (most recent call last):\n",
}


def filled(filling: str, size: int) -> str:
    piece = NASTY[filling]
    if piece is not None:
        return piece * (size // len(piece))
    return "".join(f'  File "/srv/{n}/a.py", line {n}, in f{n}\n' for n in range(size // 40))


@pytest.mark.parametrize("filling", NASTY)
@pytest.mark.parametrize(
    "start", [HTTP, "odoo.sql_db: bad query: ", f"{HTTP}\n{TRACEBACK}\n", f"{HTTP}\n{TRACEBACK[:35]}"]
)
def test_no_record_takes_long(start: str, filling: str) -> None:
    times: list[float] = []
    for size in (100_000, 200_000):
        text = record(start + filled(filling, size))
        head = header(text)
        limit = 3.5 * max(0.05, *times) if times else 1.5
        took = limit + 1
        for _ in range(3):
            detector = Detector()
            began = process_time()
            found = detector.detect(text, head)
            assert found is not None
            assert found.message is not None
            took = min(took, process_time() - began)
            if took <= limit:
                break
        assert took <= limit
        times.append(took)
