"""A process that sends what is due by real channels, once, to be killed: `python -m ... DATABASE_URL`."""

import asyncio
import sys
from pathlib import Path

from app.accounts import keys_in_force
from app.alerts.channels import settings
from app.config import from_environment
from app.tables.database import close_pool, open_pool
from tests.alerts.deliveries.stage import KEY, sent_at
from tests.database import NOW


def speak(mail_dir: Path) -> None:
    """Have this process send for real: mails into the folder, webhooks to this machine too."""
    told = {"SNAGLIST_PRIVATE_TARGETS": "1", "SNAGLIST_MAIL_DIR": str(mail_dir)}
    settings.use(from_environment(told))


async def work(url: str) -> None:
    """Send what is due."""
    keys_in_force.use_keys(KEY)
    speak(Path("unused"))
    await open_pool(url, size=3)
    try:
        await sent_at(NOW)
    finally:
        await close_pool()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
