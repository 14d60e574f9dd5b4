"""How many messages a rule's quiet time makes of what it finds."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.alerts.rules.preview import said
from tests.recording.stage import later


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 500)).map(sorted),
    st.sampled_from((0, 1, 7, 60, 1000)),
)
def test_messages_are_as_many_as_somebody_who_waits_would_send(minutes: list[int], quiet: int) -> None:
    now = later(minutes=500)
    found = said([later(minutes=at) for at in minutes], timedelta(minutes=quiet), now)
    sent: list[int] = []
    waiting = list(minutes)
    for minute in range(501):
        came = [at for at in waiting if at <= minute]
        if came and (not sent or minute >= sent[-1] + quiet):
            sent.append(minute)
            waiting = [at for at in waiting if at > minute]
    assert found == [later(minutes=minute) for minute in sent]
    assert len(found) <= len(set(minutes))
