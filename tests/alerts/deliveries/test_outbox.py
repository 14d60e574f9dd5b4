"""What is to be sent is written once, whole, and with nothing secret to be seen in it."""

from contextlib import suppress

import pytest

from app.accounts import keys_in_force
from app.alerts.channels.channel import EmailChannel, unsealed
from app.alerts.channels.outgoing import Outgoing
from app.alerts.deliveries.outbox import add, unpacked
from app.errors import ConfigurationError
from app.tables.database import fetch, transaction
from tests.alerts.deliveries.stage import SECRET, added, new, row, webhook
from tests.database import NOW
from tests.recording.stage import noted_statements, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_the_same_key_is_never_added_twice_and_any_number_takes_one_statement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = await set_up()
    statements: list[str] = []
    with noted_statements(monkeypatch, statements):
        first = await add([new(stage, f"k{n}") for n in (*range(50), 7, 7)], NOW)
    assert len(statements) == 1
    assert len(set(first)) == 50
    assert len(await add([new(stage, "k7"), new(stage, "new")], NOW)) == 1
    assert await add([], NOW) == []
    assert await fetch("select key from delivery group by key having count(*) > 1") == []
    assert [row[0] for row in await fetch("select count(*) from delivery")] == [51]


async def test_a_mail_to_several_is_a_message_for_each_with_a_key_of_its_own() -> None:
    stage = await set_up()
    three = EmailChannel(("ann@acme.test", "Bea@acme.test", "ann@acme.test"))
    for _ in range(2):
        await add([new(stage, "k", channel=three)], NOW)
    rows = await fetch("select key, target, channel from delivery order by key")
    assert [(one["key"], one["target"]) for one in rows] == [
        ("k:ann@acme.test", "ann@acme.test"),
        ("k:bea@acme.test", "Bea@acme.test"),
    ]
    assert unsealed(stage.organization_id, rows[1]["channel"]) == (EmailChannel(("Bea@acme.test",)),)


async def test_a_message_comes_out_as_it_went_in_but_for_what_no_text_holds() -> None:
    stage = await set_up()
    hostile = Outgoing(
        "a\0b",
        "half \ud800 of it",
        None,
        {"errors": [{"na\0me": "\udfff", "n": 1, "none": None}]},
        (("spark", b"\x89PNG\0\xff"),),
        {"List-Unsubscribe": "<https://x.test>"},
    )
    [delivery_id] = await added(new(stage, message=hostile))
    found = unpacked(await row(delivery_id, "body::text"))
    assert (found.title, found.text, found.html) == ("a\ufffdb", "half \ufffd of it", None)
    assert found.data == {"errors": [{"na\ufffdme": "\ufffd", "n": 1, "none": None}]}
    assert (found.images, found.headers) == (hostile.images, hostile.headers)


async def test_nothing_secret_stands_in_the_row_and_without_a_key_nothing_does() -> None:
    stage = await set_up()
    [delivery_id] = await added(new(stage))
    shown = str(await row(delivery_id, "to_jsonb(delivery)::text"))
    assert SECRET not in shown
    assert "hidden-token" not in shown
    assert unsealed(stage.organization_id, await row(delivery_id, "channel")) == (webhook(),)
    keys_in_force.use_keys()
    with pytest.raises(ConfigurationError):
        await add([new(stage, "other")], NOW)
    assert len(await fetch("select from delivery")) == 1


async def test_it_is_part_of_the_transaction_of_what_it_tells() -> None:
    stage = await set_up()
    with suppress(ZeroDivisionError):
        async with transaction():
            assert await add([new(stage)], NOW)
            _ = 1 / 0
    assert await fetch("select from delivery") == []


async def test_a_body_that_is_none_is_told_from_one() -> None:
    for body in ("{}", "[]", '{"title": 1}', "nonsense"):
        with pytest.raises(ValueError, match=r".+"):
            unpacked(body)
