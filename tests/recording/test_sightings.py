"""From a detection in a log to what is stored of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain import log_lines
from app.domain.detections import Detection, Detector
from app.domain.neighbourhood import Neighbourhood
from app.recording import details
from app.recording.sightings import FRAME_LIMIT, Description, Detail, Sighting, from_detection
from app.tables.database import fetch
from tests.database import NOW
from tests.recording.stage import recorded, set_up

HEADER = b"2026-11-22 09:58:01,250 4711 ERROR prod odoo.http: "
FRAME = b'  File "/mnt/extra-addons/faulty/models/thing.py", line %b, in _compute\n    %b\n'


def traceback(message: bytes, *frames: tuple[bytes, bytes], header: bytes = HEADER) -> bytes:
    shown = b"".join(FRAME % frame for frame in frames)
    return header + b"Exception\nTraceback (most recent call last):\n" + shown + message


def detected(text: bytes) -> Detection:
    found = Detector().detect(text, log_lines.header(text))
    assert found
    return found


def heard(text: bytes, before: bytes = b"", after: bytes = b"", origin: Any = None) -> Sighting:
    return from_detection(
        detected(text), origin, text=text, around=Neighbourhood(before, after), received_at=NOW
    )


def described(text: bytes, before: bytes = b"", after: bytes = b"") -> Description:
    return heard(text, before, after).describe()


def test_a_traceback_tells_its_title_message_frames_and_surroundings() -> None:
    text = traceback(b"KeyError: 'partner_id'\n", (b"12", b"vals['partner_id']"))
    told = described(text, b"above\n", b"below\n")

    assert (told.title, told.message, told.exception_type) == (
        "KeyError: 'partner_id'",
        "'partner_id'",
        "KeyError",
    )
    [exception] = told.detail.exceptions
    [frame] = exception.frames
    assert (frame.path, frame.line, frame.function) == (
        "/mnt/extra-addons/faulty/models/thing.py",
        12,
        "_compute",
    )
    assert (frame.module, frame.in_app, frame.source) == ("faulty", True, "vals['partner_id']")
    assert (told.detail.context_before, told.detail.context_after) == (("above",), ("below",))
    assert told.detail.enrichment.database_name == "prod"


def test_a_sighting_has_the_time_of_the_log_or_of_its_receipt() -> None:
    text = traceback(b"KeyError: 1\n", (b"1", b"x"))
    assert heard(text).seen_at == datetime(2026, 11, 22, 9, 58, 1, 250000, tzinfo=UTC)
    undated = b"ERROR:odoo.http:" + text[len(HEADER) :]
    assert heard(undated).seen_at == NOW


def test_a_record_without_a_traceback_is_its_message() -> None:
    told = described(
        b"2026-11-22 09:58:01,250 4711 ERROR prod odoo.sql_db: could not obtain lock on row\nagain"
    )
    assert told.title == "could not obtain lock on row"
    assert told.exception_type is None
    assert told.detail.exceptions == ()


def test_no_secret_is_left_anywhere() -> None:
    secret = b"hunter2horse9"
    text = traceback(
        b"ValueError: login failed: password=%b\n" % secret, (b"12", b"connect(password='%b')" % secret)
    )
    told = described(text, b"db_password = %b\n" % secret, b"GET /web?password=%b HTTP\n" % secret)
    assert secret.decode() not in repr(told)
    assert secret not in details.pack(told.detail)
    assert "[redacted password]" in told.message


def test_a_recursion_keeps_its_ends() -> None:
    frames = [(b"%d" % n, b"f(%d)" % n) for n in range(1, 1001)]
    [exception] = described(traceback(b"RecursionError: deep\n", *frames)).detail.exceptions
    assert len(exception.frames) == FRAME_LIMIT
    assert [frame.line for frame in exception.frames[:2]] == [1, 2]
    assert [frame.line for frame in exception.frames[-2:]] == [999, 1000]


def test_an_absurd_line_number_can_be_stored() -> None:
    told = described(traceback(b"KeyError: 1\n", (b"9" * 40, b"x")))
    assert told.detail.exceptions[0].frames[0].line < 2**31


def test_a_detail_comes_back_as_it_was() -> None:
    detail = described(traceback(b"KeyError: 1\n", (b"1", b"x"))).detail
    assert details.unpack(details.pack(detail)) == detail
    assert details.unpack(details.pack(Detail())) == Detail()


HUGE = b"\x28\xb5\x2f\xfd\xe0" + (1 << 62).to_bytes(8, "little") + bytes(20)
"""Claims to hold exabytes."""


@pytest.mark.parametrize("packed", [b"", b"nothing", details.pack(Detail())[:-3], HUGE])
def test_bytes_that_are_no_detail_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match="no detail of an occurrence"):
        details.unpack(packed)


@pytest.mark.anyio
@pytest.mark.usefixtures("database")
async def test_nul_bytes_and_broken_utf8_reach_the_database_as_unknown_characters() -> None:
    stage = await set_up()
    odd = b"\x00\xff\xed\xa0\x80"
    text = traceback(b"KeyError: '%b'\n" % odd, (b"1", b"x = '%b'" % odd)).replace(
        b"faulty", b"fau" + odd + b"lty"
    )
    plain = b"2026-11-22 09:58:01,250 4711 ERROR pr" + odd + b"od odoo.%b: told %b" % (odd, odd)

    done = await recorded([heard(each, odd, odd, stage.shop) for each in (text, plain) if detected(each)])

    assert done.opened == 2
    titles = [group["title"] for group in await stage.groups("title")]
    assert all("\ufffd" in title for title in titles), titles
    rows = await fetch("select detail from occurrence")
    assert all("\0" not in repr(details.unpack(row["detail"])) for row in rows)
