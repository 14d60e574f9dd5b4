"""Each channel by its own way, as the process was told to send."""

from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from app import config
from app.alerts.channels import settings
from app.alerts.channels.channel import AppriseChannel, EmailChannel, WebhookChannel
from app.alerts.channels.failures import Undelivered
from app.alerts.channels.send import send
from app.errors import ConfigurationError
from tests.alerts.channels.stage import DELIVERY, MESSAGE, NOW, receiver

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where mails are written; nobody has told yet how to send."""
    monkeypatch.setattr(settings._TOLD, "sending", None)
    made = Path(mkdtemp())
    yield made
    rmtree(made)


async def test_each_channel_goes_its_own_way(folder: Path) -> None:
    settings.use(config.from_environment({"SNAGLIST_MAIL_DIR": str(folder), "SNAGLIST_PRIVATE_TARGETS": "1"}))
    async with receiver() as there:
        for channel in (
            EmailChannel(("ann@example.com",)),
            WebhookChannel(f"{there.url}/hook", "correct horse battery"),
            AppriseChannel(f"ntfy://127.0.0.1:{there.port}/topic"),
        ):
            await send(channel, MESSAGE, delivery_id=DELIVERY, now=NOW)
    assert [str(DELIVERY) in name for name in _names(folder)] == [True]
    assert [got.headers["user-agent"] for got in there.got] == ["Snaglist", "Snaglist"]
    assert there.got[0].path == "/hook"


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_private_targets_are_refused_unless_the_operator_said_so(folder: Path) -> None:
    settings.use(config.from_environment({"SNAGLIST_MAIL_DIR": str(folder)}))
    async with receiver() as there:
        for channel in (
            WebhookChannel(f"{there.url}/hook", "correct horse battery"),
            AppriseChannel(f"ntfy://127.0.0.1:{there.port}/topic"),
        ):
            with pytest.raises(Undelivered, match="SNAGLIST_PRIVATE_TARGETS"):
                await send(channel, MESSAGE, delivery_id=DELIVERY, now=NOW)
    assert there.got == []


@pytest.mark.usefixtures("folder")
async def test_nothing_is_sent_by_a_process_that_was_not_told_how() -> None:
    with pytest.raises(ConfigurationError):
        await send(EmailChannel(("ann@example.com",)), MESSAGE, delivery_id=DELIVERY, now=NOW)
