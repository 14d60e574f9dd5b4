"""What is looked at again and again: how often, by how many, how urgent, and whether scans and quotas are well.

Comes in: the time. Goes out: what has come over the lines of rules since the last look, gathered in `alert_pending`. Each kind
is one transaction, of a fixed number of statements whatever the number of rules and groups. May run many times at once: who
finds that another one looks leaves, as that one finds the same.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.alerts.evaluating import counts, operating, reaching, samples
from app.alerts.evaluating.counts import Counted, Window
from app.alerts.evaluating.edges import looked_at, settle
from app.alerts.evaluating.gathering import Match, Matches, gather
from app.alerts.evaluating.rules_in_force import Rule, rules_in_force, unchanged
from app.alerts.evaluating.spiking import spikes
from app.alerts.evaluating.subjects import subjects
from app.domain.alerts.alert_text import detail
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.matching import match
from app.tables.database import fetch, transaction

LOCK: Final = 0x5A61_1E47
"""The advisory lock of whoever looks, and the key of each kind."""

Reached = Mapping[tuple[UUID, Condition], Mapping[UUID, tuple[int, float | None]]]
"""By project and condition: groups, how often it was, and how often was to be expected."""


async def look(*, now: datetime) -> int:
    """Look at all rules of these kinds; how many things have come over a line.

    TransactionError: it was called inside of a transaction. What is raised by a kind comes out once all others were looked
    at; what those have found stays gathered.
    """
    total = 0
    failure: Exception | None = None
    for key, kind in enumerate(_LOOKS):
        try:
            total += await _look_at(kind, key, now)
        except Exception as error:  # noqa: BLE001  it is raised below
            failure = failure or error
    if failure is not None:
        raise failure
    return total


async def _look_at(kind: ConditionKind, key: int, now: datetime) -> int:
    async with transaction():
        [row] = await fetch("select pg_try_advisory_xact_lock($1, $2)", LOCK, key)
        rules = await rules_in_force([kind]) if row[0] else []
        if not rules:
            return 0
        matched = await _LOOKS[kind](rules, now)
        await gather(matched, now=now)
        return sum(its.total for its in matched.values())


async def upkeep(*, now: datetime) -> int:
    """Delete what no look needs any more; how many rows that were."""
    return await samples.thin(now=now) + await reaching.forget_fallen(now=now)


async def _scans(rules: Sequence[Rule], now: datetime) -> dict[UUID, Matches]:
    return await settle(rules, await operating.scans_failing(rules, now=now), now=now)


async def _quotas(rules: Sequence[Rule], now: datetime) -> dict[UUID, Matches]:
    return await settle(rules, await operating.quotas_exceeded(rules, now=now), now=now)


async def _priority(rules: Sequence[Rule], now: datetime) -> dict[UUID, Matches]:
    """Levels are settled by `reaching`; here it is asked which rules are about what has reached them."""
    ids_now = await unchanged(rules)
    rules = [rule for rule in rules if rule.id in ids_now]
    await reaching.begin(rules, now=now)
    reached = await reaching.reached(rules, now=now)
    found = await subjects(set().union(*reached.values()), (rule.filter for rule in rules), now=now)
    matched: dict[UUID, Matches] = {}
    for rule in rules:
        ids = sorted(reached.get(rule.id, set()) & found.keys())
        for places in match([(rule.id, rule.filter)], [found[its].subject for its in ids]).values():
            told = detail(rule.condition, None)
            sample = [Match(rule.condition.kind, ids[place], now, None, told) for place in places]
            matched[rule.id] = Matches(len(places), sample)
    return matched


async def _frequency(rules: Sequence[Rule], now: datetime) -> dict[UUID, Matches]:
    windows = _windows(rules)
    sampled = [window for window in windows if window.length <= samples.SAMPLED]
    new = [rule for rule in rules if rule.is_new]
    new_ids = {rule.project_id for rule in new}
    if sampled:
        await samples.begin(_watched([its for its in sampled if its.project_id in new_ids]), now=now)
        await samples.take(_watched(sampled), now=now)
    matched = await _settle(rules, _reached(rules, await counts.happened(windows, now=now)), now)
    await looked_at(await unchanged(new) if new else (), now=now)
    return matched


async def _users(rules: Sequence[Rule], now: datetime) -> dict[UUID, Matches]:
    return await _settle(rules, _reached(rules, await counts.users(_windows(rules), now=now)), now)


async def _spikes(rules: Sequence[Rule], now: datetime) -> dict[UUID, Matches]:
    found = await spikes(rules, now=now)
    reached = {
        key: {group_id: (spike.count, spike.expected) for group_id, spike in its.items()}
        for key, its in found.items()
    }
    return await _settle(rules, reached, now)


_LOOKS: Final[
    Mapping[ConditionKind, Callable[[Sequence[Rule], datetime], Awaitable[dict[UUID, Matches]]]]
] = {
    ConditionKind.SCAN_FAILING: _scans,
    ConditionKind.OVER_QUOTA: _quotas,
    ConditionKind.PRIORITY: _priority,
    ConditionKind.FREQUENCY: _frequency,
    ConditionKind.USERS: _users,
    ConditionKind.SPIKE: _spikes,
}
"""The quick ones first, so that what is slow keeps nobody waiting."""


def _windows(rules: Sequence[Rule]) -> list[Window]:
    """What the rules look at, each project and length once."""
    asked: dict[tuple[UUID, UUID, int], list[int]] = {}
    for rule in rules:
        key = (rule.organization_id, rule.project_id, rule.condition.window_seconds or 0)
        asked.setdefault(key, []).append(rule.condition.count or 1)
    return [
        Window(organization_id, project_id, timedelta(seconds=seconds), min(its), max(its))
        for (organization_id, project_id, seconds), its in asked.items()
    ]


def _watched(windows: Sequence[Window]) -> samples.Watched:
    longest: dict[tuple[UUID, UUID], timedelta] = {}
    for window in windows:
        key = (window.organization_id, window.project_id)
        longest[key] = max(window.length, longest.get(key, window.length))
    return longest


def _reached(rules: Sequence[Rule], counted: Counted) -> Reached:
    """What comes to the counts that the conditions ask for."""
    found: dict[tuple[UUID, Condition], dict[UUID, tuple[int, float | None]]] = {}
    for project_id, condition in {(rule.project_id, rule.condition) for rule in rules}:
        length = timedelta(seconds=condition.window_seconds or 0)
        found[project_id, condition] = {
            group_id: (count, None)
            for group_id, count in counted.get((project_id, length), {}).items()
            if count >= (condition.count or 1)
        }
    return found


async def _settle(rules: Sequence[Rule], reached: Reached, now: datetime) -> dict[UUID, Matches]:
    """Ask which rules are about what was reached, and which of that is new."""
    group_ids = {group_id for its in reached.values() for group_id in its}
    found = await subjects(group_ids, (rule.filter for rule in rules), now=now) if group_ids else {}
    asking: dict[tuple[UUID, Condition], list[Rule]] = {}
    for rule in rules:
        asking.setdefault((rule.project_id, rule.condition), []).append(rule)
    over: dict[UUID, dict[UUID, Match]] = {}
    for key, its_rules in asking.items():
        its = reached.get(key, {})
        ids = sorted(its.keys() & found.keys())
        told = {
            group_id: Match(key[1].kind, group_id, now, its[group_id][0], detail(key[1], *its[group_id]))
            for group_id in ids
        }
        filters = [(rule.id, rule.filter) for rule in its_rules]
        for rule_id, places in match(filters, [found[group_id].subject for group_id in ids]).items():
            over[rule_id] = {ids[place]: told[ids[place]] for place in places}
    return await settle(rules, over, now=now)
