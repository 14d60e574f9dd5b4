"""What a refusal means: of one issue, of the whole repository, or of a name that has changed.

Comes in: a head whose write was refused, and how. Goes out: rows that say so, for people and for the next attempt.
"""

from app.github.api.answers import Repository
from app.github.api.failures import BadCredentials, GithubFailure, Gone, Missing, Moved, NotAllowed
from app.github.writing import heads
from app.github.writing.heads import Head
from app.github.writing.turns import Turn

OF_REPOSITORY = (BadCredentials, NotAllowed, Missing, Gone, Moved)
"""What may be the repository's fault rather than the issue's."""


async def judge(head: Head, failure: GithubFailure, turn: Turn) -> None:
    """Find out what is wrong, and write it down. Raises GithubFailure: GitHub cannot be asked."""
    await heads.refused_for_now(head)
    if isinstance(failure, BadCredentials):
        await heads.repository_failed(head, failure.message, turn.clock(), turn.tempo)
        return
    repository = await _repository(head, turn)
    if repository is None:
        why = f"{head.repository} is not there any more, or may no longer be read"
        await heads.repository_failed(head, why, turn.clock(), turn.tempo)
    elif repository.full_name != head.repository:
        await heads.renamed(head, repository.full_name)
    elif broken := _broken(repository, failure, head):
        await heads.repository_failed(head, broken, turn.clock(), turn.tempo)
    elif isinstance(failure, Moved):
        await heads.detach(head, "the issue was moved to another repository on GitHub")
    else:
        await heads.detach(head, "the issue was deleted on GitHub")


async def _repository(head: Head, turn: Turn) -> Repository | None:
    """The repository that is meant, whatever it is called now; None: it is gone, or we may not see it."""
    try:
        found = await turn.github.repository(head.repository)
    except (Moved, Missing, Gone):
        found = None
    if found is not None and found.id == head.repository_id:
        return found
    try:
        return await turn.github.repository_by_id(head.repository_id)
    except (Missing, Gone, Moved):
        return None


def _broken(repository: Repository, failure: GithubFailure, head: Head) -> str | None:
    """Why nothing can be written in the repository, which is there; None: it is only this issue."""
    if repository.archived:
        return f"{repository.full_name} is archived"
    if not repository.has_issues:
        return f"issues are turned off in {repository.full_name}"
    if isinstance(failure, NotAllowed):
        return failure.message
    if head.number is None:
        return f"issues in {repository.full_name} may not be written: {failure.message}"
    return None
