"""The whole way: what is committed arrives at a real receiver, also where a sender is killed on the way."""

import asyncio
import signal
import sys
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiohttp import web

from app.alerts.channels import settings
from app.alerts.channels.channel import WebhookChannel
from app.alerts.deliveries.waking import QUEUE
from app.graphql import ids
from app.jobs.starting import run_here
from app.live import keys
from app.live.connection import client
from app.tables.database import fetch
from tests.alerts.channels.stage import receiver
from tests.alerts.deliveries.real_sender import speak
from tests.alerts.deliveries.stage import SECRET, added, let_leases_end, new, row, sent_at
from tests.database import NOW
from tests.graphql.stage import ask, joined
from tests.reading.stage import seen
from tests.recording.stage import later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


@pytest.fixture
def mail_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where mails are written; messages are sent for real, webhooks to this machine too."""
    monkeypatch.setattr(settings._TOLD, "sending", None)
    speak(tmp_path)
    return tmp_path


def mails(folder: Path) -> list[EmailMessage]:
    return [message_from_bytes(path.read_bytes(), policy=default) for path in folder.glob("*.eml")]


@pytest.mark.usefixtures("mail_dir")
async def test_one_whose_sender_is_killed_before_it_is_stored_arrives_again_with_its_id(
    database: str,
) -> None:
    stage = await set_up()
    sender: list[asyncio.subprocess.Process] = []

    async def kill_once(_: web.Request) -> web.StreamResponse:
        if sender:
            sender.pop().kill()
        return web.Response()

    async with receiver(kill_once) as hooks:
        [delivery_id] = await added(new(stage, channel=WebhookChannel(f"{hooks.url}/hook", SECRET)))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.alerts.deliveries.real_sender", database
        )
        sender.append(process)
        assert await process.wait() == -signal.SIGKILL
        assert (await row(delivery_id))[:2] == ("waiting", 1)
        assert await sent_at(later(hours=1)) == 0
        await let_leases_end()
        assert await sent_at(NOW) == 1
        assert [one.headers["x-snaglist-delivery"] for one in hooks.got] == [str(delivery_id)] * 2
        assert await row(delivery_id) == ("sent", 2, None)


@pytest.mark.usefixtures("valkey")
async def test_a_comment_of_the_graph_becomes_a_mail_by_one_job(mail_dir: Path) -> None:
    stage = await set_up()
    error_id = ids.encode("ErrorGroup", await seen(stage.shop, "KeyError"))
    ann, bea = await joined(stage.organization_id), await joined(stage.organization_id)
    await fetch("update person set name = 'Bea', email = 'bea@acme.test' where id = $1", bea.person_id)
    await ask(
        """mutation ($id: ID!) { commentAdd(input: {errorId: $id, body: "look, @bea"}) { userErrors { code } } }""",
        ann,
        id=error_id,
    )
    assert await client().zcard(keys.queue(QUEUE)) == 1, "the job is wanted at once"
    await run_here("deliveries", now=later(seconds=1))
    await run_here("deliveries", now=later(seconds=2))
    [mail] = mails(mail_dir)
    assert (mail["To"], mail["Subject"]) == ("bea@acme.test", "Ann mentioned you: KeyError: 'partner_id'")
    listed = await ask("{ deliveries { totalCount nodes { kind status target member { name } } } }", ann)
    assert listed["deliveries"] == {
        "totalCount": 1,
        "nodes": [
            {"kind": "MENTIONED", "status": "SENT", "target": "bea@acme.test", "member": {"name": "Bea"}}
        ],
    }
    await run_here("purge-deliveries", now=later(days=40))
    assert await fetch("select from delivery") == []
