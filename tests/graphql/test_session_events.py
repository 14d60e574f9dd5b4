"""The other events of an occurrence's session: in their order, of its organization and its session only."""

from typing import Any

import pytest

from app.domain.events.event import Format
from app.graphql import ids
from app.tables.database import fetch
from tests.graphql.sent_events import sent, stage_with
from tests.graphql.stage import ask, member
from tests.reading.stage import delete
from tests.recording.stage import Stage, later
from tests.scanning.events.stage import put, scanned

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

SESSION = """
query S($first: Int, $after: String) {
  errors { nodes { latestOccurrence { sessionEvents(first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes { id occurredAt receivedAt level message exceptionType errorId }
  } } } }
}
"""


async def session_of(stage: Stage, **window: Any) -> list[dict[str, Any]]:
    """The other events of the session of each error."""
    found = await ask(SESSION, member(stage.organization_id), **window)
    return [node["latestOccurrence"]["sessionEvents"] for node in found["errors"]["nodes"]]


async def test_the_other_events_of_a_session_are_shown_in_their_order() -> None:
    def said(number: int, level: str, **more: Any) -> dict[str, Any]:
        told = sent(number, level=level, **more)
        if level != "error":
            del told["exception"]
            told["message"] = f"{level} {number}"
        return told

    stage, app, _ = await stage_with(
        said(3, "warning"),
        said(1, "info"),
        said(2, "error"),
        said(4, "info", tags={"session_id": "s-2"}),
    )
    await put(app, said(9, "debug"), format=Format.SENTRY, received_at=later(days=9))
    await scanned(later(days=9))
    [session] = await session_of(stage)
    assert session["totalCount"] == 2
    assert [(node["level"], node["message"], node["exceptionType"]) for node in session["nodes"]] == [
        ("INFO", "info 1", None),
        ("WARNING", "warning 3", None),
    ]
    [first] = await session_of(stage, first=1)
    [rest] = await session_of(stage, first=1, after=first["pageInfo"]["endCursor"])
    assert first["nodes"] + rest["nodes"] == session["nodes"]
    # Another organization has an app with the same session, and sees only its own.
    other, _, _ = await stage_with(said(2, "error"))
    assert [(found["totalCount"], found["nodes"]) for found in await session_of(other)] == [(0, [])]


async def test_a_session_is_found_also_where_its_name_looks_like_a_secret() -> None:
    named = {"session_id": "ghp_" + "a1B2c3D4" * 5}
    stage, _, _ = await stage_with(sent(1, tags=named), sent(2, tags=named, level="info"))
    [row] = await fetch("select session_id from occurrence")
    assert row["session_id"].startswith("[redacted GitHub token] ")  # and a digest, so that two stay two
    [session] = await session_of(stage)
    assert [node["level"] for node in session["nodes"]] == ["INFO"]


async def test_another_error_of_the_session_is_named() -> None:
    second = sent(2, exception={"values": [{"type": "RangeError", "value": "too long"}]})
    stage, _, _ = await stage_with(sent(1), second)
    groups = {row["exception_type"]: row["id"] for row in await stage.groups()}
    sessions = await session_of(stage)
    assert len(sessions) == 2
    for session in sessions:
        [node] = session["nodes"]
        assert node["errorId"] == ids.encode("ErrorGroup", groups[node["exceptionType"]])
    await delete(groups["RangeError"])
    [[session]] = [[session["nodes"][0]["errorId"] for session in await session_of(stage)]]
    assert session is None
