"""Every job: its name, its queue, how often it runs by itself, and the function that it calls.

Comes in: a run, with its time and arguments. Goes out: what the job did, in the database. A job may be cut off at any
moment and run again: all of them pick up where they were.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from app import reactions
from app.alerts.evaluating.waking import wake_alerts
from app.errors import AlreadyScanning, BadInput, NotFound, SourceUnreadable
from app.github.asking.waking import DELIVERIES, GITHUB, wake_github
from app.github.hearing import deliveries
from app.github.writing import installations
from app.github.writing.sync import sync
from app.ingest.purge import purge_client_events, purge_tallies
from app.jobs.job import Job as Job
from app.jobs.job import Run as Run
from app.jobs.job import begun
from app.jobs.telling import TELLING
from app.live import queue
from app.live.announce import REACT
from app.live.queue import ISSUE_SCAN, Queue
from app.projects.delete_project import delete_rest
from app.recording.auto_resolve import auto_resolve
from app.recording.retention import retain
from app.recording.settle_priorities import settle_priorities
from app.scanning.events import one_scan
from app.scanning.events.issue_scan import waits
from app.scanning.scan_instance import due, scan
from app.tables.partitions import make_partitions
from app.triage.end_mutes import end_mutes
from app.triage.purge_comments import purge_comments

logger = logging.getLogger(__name__)

MOST_DUE: Final = 1000
"""Instances whose scans are started in one go; the rest follow with the next."""
SPARE: Final = timedelta(seconds=60)
"""How long before its time is up a scan begins no further pass."""


_LONG: Final = Queue.SCAN.timeout - SPARE
"""How long a job that goes through many groups works before it leaves the rest to its next run."""


async def _scan(run: Run) -> None:
    """Scan the instances that are due."""
    for instance_id in await due(run.now, MOST_DUE):
        await run.start("scan-instance", str(instance_id))


async def _scan_instance(run: Run) -> None:
    """Scan the instance whose id is the argument, until all of its log is read."""
    instance_id = _id(run.arguments)
    told = {"instance_id": str(instance_id)}
    detections = bytes_read = 0
    is_behind = True
    try:
        while is_behind and run.lasted() < Queue.SCAN.timeout - SPARE:
            scanned = await scan(instance_id, now=run.now + run.lasted(), bounds=run.bounds)
            detections += scanned.detections
            bytes_read += scanned.bytes_read
            is_behind = scanned.is_behind
    except (AlreadyScanning, NotFound) as reason:
        logger.info("an instance was not scanned", extra={**told, "reason": reason.message})
    except SourceUnreadable as reason:
        logger.warning("a log cannot be read", extra={**told, "reason": reason.message})
    else:
        counts = {"detections": detections, "bytes_read": bytes_read, "is_behind": is_behind}
        logger.info("an instance was scanned", extra={**told, **counts})


async def _react(run: Run) -> None:
    """Carry out what follows the newest changes."""
    await begun(REACT)
    count = 0
    while found := await reactions.react(now=run.now + run.lasted()):
        count += found
        await wake_alerts(run.time())
        if found == reactions.AT_ONCE and run.lasted() > Queue.QUICK.timeout / 2:
            await queue.wake(REACT, Queue.QUICK)
            break
        if found < reactions.AT_ONCE:
            break
    if count:
        await wake_github()


async def _github(run: Run) -> None:
    """Have done what is due on GitHub, and what GitHub told followed."""
    await begun(GITHUB)
    for key in await installations.due(run.now, MOST_DUE):
        await run.start("github-installation", key)
    if await deliveries.waits(run.now):
        await queue.wake(DELIVERIES, Queue.QUICK)


async def _github_installation(run: Run) -> None:
    """Write on GitHub for the installation whose key is the argument, until nothing more is due."""
    if len(run.arguments) != 1:
        raise BadInput("github-installation takes one argument, the key of an installation")
    count = await sync(
        run.arguments[0], clock=lambda: run.now + run.lasted(), goes_on=lambda: run.lasted() < _LONG
    )
    if count:
        logger.info("GitHub was brought up to date", extra={"count": count})


async def _github_deliveries(run: Run) -> None:
    """Follow what people did on GitHub."""
    await begun(DELIVERIES)
    while await deliveries.carry_out_deliveries(now=run.now + run.lasted()):
        if run.lasted() > Queue.QUICK.timeout / 2:
            await queue.wake(DELIVERIES, Queue.QUICK)
            return
    await wake_github()


async def _purge_github(run: Run) -> None:
    """Forget what GitHub told a month ago, which labels were there, and what is connected no more."""
    await installations.forget_labels()
    await installations.purge_installations()
    if count := await deliveries.purge_deliveries(now=run.now):
        logger.info("old deliveries of GitHub were forgotten", extra={"count": count})


async def _issue_scan(run: Run) -> None:
    """Record the errors among the events of apps; where this process does so already, that goes on."""
    await begun(ISSUE_SCAN)
    count = await one_scan.scan(now=lambda: run.now + run.lasted(), goes_on=lambda: run.lasted() < _LONG)
    if count:
        logger.info("events were scanned", extra={"count": count})
    if run.lasted() >= _LONG:
        await queue.wake(ISSUE_SCAN, Queue.SCAN)


async def _sweep(run: Run) -> None:
    """Find changes that nobody reacted to, and react; and events that nobody scans."""
    if await waits():
        await queue.wake(ISSUE_SCAN, Queue.SCAN)
    if found := await reactions.sweep(now=run.now):
        logger.warning("changes had been forgotten", extra={"count": found})


async def _auto_resolve(run: Run) -> None:
    """Resolve the errors of logs that were not seen for days."""
    if count := await auto_resolve(now=run.now):
        logger.info("groups were resolved", extra={"count": count})


async def _end_mutes(run: Run) -> None:
    """End the mutes whose time has passed."""
    if count := await end_mutes(now=run.now):
        logger.info("mutes ended", extra={"count": count})


async def _priorities(run: Run) -> None:
    """Bring the scores of groups up to date where time has passed."""
    if count := await settle_priorities(now=run.now, goes_on=lambda: run.lasted() < _LONG):
        logger.info("priorities were changed", extra={"count": count})


async def _deleted_projects(run: Run) -> None:
    """Delete what is left of the groups of deleted projects."""
    if count := await delete_rest(now=run.now, goes_on=lambda: run.lasted() < _LONG):
        logger.info("groups of deleted projects were deleted", extra={"count": count})


async def _purge_comments(run: Run) -> None:
    """Remove for good the comments that were deleted a week ago."""
    if count := await purge_comments(now=run.now):
        logger.info("deleted comments were removed", extra={"count": count})


async def _retention(run: Run) -> None:
    """Remove what is older than projects keep."""
    done = await retain(now=run.now, goes_on=lambda: run.lasted() < _LONG)
    counts = {"deleted": done.deleted, "kept": done.kept, "filled": done.filled, "ended": done.ended}
    if done.dropped or any(counts.values()):
        logger.info("what was too old was removed", extra={"dropped": done.dropped, **counts})


async def _purge_ingest(run: Run) -> None:
    """Forget ids and statistics of events that are too old to matter."""
    ids = await purge_client_events(run.now, lambda: run.lasted() < _LONG)
    tallies = await purge_tallies(run.now, lambda: run.lasted() < _LONG)
    if ids or tallies:
        logger.info("ids and statistics of events were forgotten", extra={"ids": ids, "tallies": tallies})


async def _partitions(run: Run) -> None:
    """Make the partitions of the days to come."""
    await make_partitions(run.now)


JOBS: Final[Mapping[str, Job]] = {
    job.name: job
    for job in (
        Job("scan", Queue.QUICK, timedelta(seconds=10), _scan),
        Job("scan-instance", Queue.SCAN, None, _scan_instance),
        Job(ISSUE_SCAN, Queue.SCAN, timedelta(hours=1), _issue_scan),
        Job(REACT, Queue.QUICK, None, _react),
        Job(GITHUB, Queue.QUICK, timedelta(seconds=5), _github),
        Job("github-installation", Queue.SCAN, None, _github_installation),
        Job(DELIVERIES, Queue.QUICK, None, _github_deliveries),
        Job("purge-github", Queue.QUICK, timedelta(days=1), _purge_github),
        Job("sweep", Queue.QUICK, timedelta(seconds=15), _sweep),
        Job("auto-resolve", Queue.QUICK, timedelta(hours=1), _auto_resolve),
        Job("end-mutes", Queue.QUICK, timedelta(minutes=1), _end_mutes),
        Job("priorities", Queue.SCAN, timedelta(minutes=3), _priorities),
        Job("deleted-projects", Queue.SCAN, timedelta(minutes=5), _deleted_projects),
        Job("purge-comments", Queue.QUICK, timedelta(days=1), _purge_comments),
        Job("retention", Queue.SCAN, timedelta(days=1), _retention),
        Job("purge-ingest", Queue.SCAN, timedelta(days=1), _purge_ingest),
        Job("partitions", Queue.QUICK, timedelta(days=1), _partitions),
        *TELLING,
    )
}
"""By name. A new job is one line here, or in the catalogue of its kind."""


def _id(arguments: tuple[str, ...]) -> UUID:
    try:
        [text] = arguments
        return UUID(text)
    except ValueError:
        raise BadInput("scan-instance takes one argument, the id of an instance") from None
