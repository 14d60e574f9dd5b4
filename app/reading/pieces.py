"""Which piece of a text that is searched for is rare, so that the index is asked for that piece alone.

Comes in: the text, in small letters. Goes out: a piece of it, or the text itself. The index knows groups of three
letters; of `addon_277/models` nearly all are in nearly every text, and reading where costs more than looking at the
few texts that have ` 277 `. How rare a piece is, some of the organization's texts tell well enough: a wrong guess
costs time and nothing else, as the whole text is then looked for in what was found.
"""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.reading.conditions import can_be_stored
from app.tables.database import fetch

SAMPLE: Final = 200
"""Texts that are looked at."""
COMMON: Final = 0.1
"""The part of all texts from which on a piece is left out."""
_WORD: Final = re.compile(r"[^\W_]{2,}")

# Some or other: whichever the planner comes by first.
_TEXTS: Final = f"""
select its.text from (
    select g.id from error_group as g
    where g.organization_id = $1 and g.merged_into_id is null and g.deleted_at is null limit {SAMPLE}
) as g join group_text as its on its.group_id = g.id and its.organization_id = $1
"""  # noqa: S608  our own words


async def rare_piece(organization_id: UUID, text: str) -> str:
    """The piece of the text that fewest texts have, or the text where it has no common one. One statement at most."""
    found = pieces(text)
    if len(found) < 2 or not can_be_stored(text):
        return text
    return rarest(text, [row[0] for row in await fetch(_TEXTS, organization_id)])


def rarest(text: str, sample: Sequence[str]) -> str:
    """The piece of the text that fewest of the sample have, the longest one of these, if others are common."""
    shares = {piece: sum(piece in one for one in sample) for piece in pieces(text)}
    few, common = min(shares.values(), default=0), COMMON * len(sample)
    if few >= common or max(shares.values(), default=0) < common:
        return text
    return max((piece for piece, share in shares.items() if share == few), key=len)


def pieces(text: str) -> list[str]:
    """The words of the text, each with the characters beside it: the index knows where a word begins and ends."""
    return [text[max(found.start() - 1, 0) : found.end() + 1] for found in _WORD.finditer(text)]
