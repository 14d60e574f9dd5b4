"""Labels that must be there before they are given: made once, with their colours, and remembered.

Comes in: a label, and a turn at a repository. Goes out: whether the repository has it.
"""

import logging

from app.domain.github.labels import Label
from app.github.api.failures import Refused
from app.github.writing import heads
from app.github.writing.heads import Head
from app.github.writing.turns import Turn

logger = logging.getLogger(__name__)


async def ensured(head: Head, label: Label, turn: Turn) -> bool:
    """Whether the repository has the label, which is made where it is not known; not where GitHub does not take it.

    Raises GithubFailure as the client does, but for Refused; and LeaseLost.
    """
    if label.name in head.labels:
        return True
    await turn.ready()
    try:
        await turn.send(turn.github.ensure_label(head.repository, label))
    except Refused as refused:
        logger.warning("a label cannot be made", extra={"label": label.name, "reason": refused.message})
        return False
    await heads.labelled(head, label.name)
    return True
