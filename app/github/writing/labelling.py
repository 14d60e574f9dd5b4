"""Labels that must be there before they are given: made once, with their colours, and remembered.

Comes in: labels, and a turn at a repository. Goes out: those that the repository has.
"""

import logging
from collections.abc import Iterable

from app.domain.github.labels import Label
from app.github.api.failures import GithubFailure, Missing, NotAllowed, Refused
from app.github.writing import heads
from app.github.writing.heads import Head
from app.github.writing.turns import Turn

logger = logging.getLogger(__name__)


async def ensured(head: Head, labels: Iterable[Label], turn: Turn) -> list[str]:
    """The names of the labels that the repository has; those that are not known are made, where GitHub takes them.

    Who has the role Triage may make issues, but no labels: a refusal is no reason to have no issue. Where more is wrong,
    the write that follows finds it out. Raises GithubFailure as the client does, but for those; and LeaseLost.
    """
    names = []
    may_be_made = True
    for label in labels:
        if label.name in head.labels:
            names.append(label.name)
        elif may_be_made:
            await turn.ready()
            try:
                await turn.send(turn.github.ensure_label(head.repository, label))
            except Refused as refused:
                _log(label, refused)
            except (NotAllowed, Missing) as refused:
                _log(label, refused)
                may_be_made = False
            else:
                await heads.labelled(head, label.name)
                names.append(label.name)
    return names


def _log(label: Label, refused: GithubFailure) -> None:
    logger.warning("a label cannot be made", extra={"label": label.name, "reason": refused.message})
