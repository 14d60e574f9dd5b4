"""The jobs that tell people: each looks for its work itself, so that any of them may be lost, late, or run twice.

Comes in: a run. Goes out: messages, and rows that say what became of them.
"""

import logging
from datetime import timedelta
from typing import Final

from app.alerts.deliveries import taking
from app.alerts.deliveries.purge import purge_deliveries
from app.alerts.deliveries.sending import LONGEST, send_due
from app.alerts.deliveries.waking import DELIVERIES, QUEUE, wake_deliveries
from app.alerts.digests import due
from app.alerts.evaluating import levels, samples, waking
from app.alerts.evaluating.pending import tell_due
from app.alerts.evaluating.waking import ALERTS, wake_alerts
from app.alerts.notices.mentioned import tell_mentioned
from app.jobs.job import Job, Run, begun
from app.live.queue import Queue

logger = logging.getLogger(__name__)

_SPARE: Final = timedelta(seconds=5)
_BEGINS: Final = QUEUE.timeout - LONGEST - _SPARE
"""How long messages are begun: each may take as long as a receiver may, and is then stored."""


async def _deliveries(run: Run) -> None:
    """Find whom comments name, and send what is due."""
    await begun(DELIVERIES)
    try:
        await tell_mentioned(now=run.time())
    except Exception:  # what is due is sent all the same, and the mentions are looked for again
        logger.exception("those whom comments name could not be told")
    count = await send_due(now=run.time, goes_on=lambda: run.lasted() < _BEGINS)
    if count:
        logger.info("messages were tried", extra={"count": count})
    if run.lasted() >= _BEGINS and await taking.waits(run.time()):
        await wake_deliveries()


async def _alerts(run: Run) -> None:
    """Tell what rules have gathered, and come again when more of it is due."""
    await begun(ALERTS)
    if count := await tell_due(now=run.time()):
        logger.info("rules were told", extra={"count": count})
    await wake_alerts(run.time())


async def _alert_levels(run: Run) -> None:
    """Look how often, how urgent, and how well, for rules that ask."""
    if count := await levels.look(now=run.now):
        logger.info("lines of rules were reached", extra={"count": count})
        await wake_alerts(run.time())


async def _alert_upkeep(run: Run) -> None:
    """Forget what rules looked at and need no more."""
    await levels.upkeep(now=run.now)


async def _purge_deliveries(run: Run) -> None:
    """Forget messages that were sent, or given up, long ago."""
    if count := await purge_deliveries(
        now=run.now, goes_on=lambda: run.lasted() < Queue.SCAN.timeout - _SPARE
    ):
        logger.info("old messages were forgotten", extra={"count": count})


async def _digests(run: Run) -> None:
    """Hand over the digests that are due."""
    if count := await due.send_due(now=run.now):
        logger.info("digests are to be sent", extra={"count": count})


TELLING: Final = (
    Job(ALERTS, Queue.QUICK, waking.EVERY, _alerts),
    Job("alert-levels", Queue.QUICK, samples.EVERY, _alert_levels),
    Job("alert-upkeep", Queue.QUICK, timedelta(minutes=5), _alert_upkeep),
    Job(DELIVERIES, QUEUE, timedelta(seconds=5), _deliveries),
    Job("digests", Queue.TELL, timedelta(minutes=1), _digests),
    Job("purge-deliveries", Queue.SCAN, timedelta(days=1), _purge_deliveries),
)
"""A new job of alerts or digests is one line here."""
