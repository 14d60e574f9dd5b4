"""The keys by which a new error finds those that are probably the same one.

Comes in: a batch, with its new fingerprints. Goes out: rows that hang on the fingerprints and never change, so that a
merge has nothing to move.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.domain import similarity
from app.recording.grouping import REASON_LIMIT, Key, Place
from app.recording.sightings import Sighting
from app.recording.texts import safe
from app.tables.database import fetch


async def add_likenesses(
    places: Sequence[int],
    sightings: Sequence[Sighting],
    leads: Sequence[Place],
    opened: Mapping[int, Key],
    messages: Mapping[int, str],
) -> None:
    """Note what the new fingerprints are like; their first sighting is always among the stored ones, at `places`.

    `leads`: where each sighting leads to. `opened`: the fingerprints that are new.
    """
    firsts = {led: place for place in reversed(places) if (led := leads[place].fingerprint_id) in opened}
    rows: set[tuple[int, int]] = set()
    for fingerprint_id, place in firsts.items():
        key = opened[fingerprint_id]
        reason = safe(sightings[place].fingerprint.reason, REASON_LIMIT)
        sketch = similarity.sketch(reason, messages[place])
        rows.update(
            (each, fingerprint_id) for each in similarity.keys(sketch, scope(key.scope_id, key.is_dev))
        )
    if not rows:
        return
    ordered = sorted(rows)
    await fetch(
        "insert into fingerprint_likeness (key, fingerprint_id) select * from unnest($1::bigint[], $2::bigint[])",
        [key for key, _ in ordered],
        [fingerprint_id for _, fingerprint_id in ordered],
    )


def scope(scope_id: UUID, is_dev: bool) -> str:
    """Errors are like one another within a project (LOG) or an app (EVENT), those of developers' builds apart."""
    return f"{scope_id} {is_dev}"
