"""What a refusal means: of one issue, of the whole repository, or of a name that has changed.

Comes in: a head whose write was refused, and how. Goes out: rows that say so, for people and for the next attempt.
"""

from uuid import UUID

from app.github.api.answers import Repository
from app.github.api.failures import BadCredentials, GithubFailure, Gone, Missing, Moved, NotAllowed
from app.github.writing import heads
from app.github.writing.heads import Head
from app.github.writing.turns import Turn

OF_REPOSITORY = (BadCredentials, NotAllowed, Missing, Gone, Moved)
"""What may be the repository's fault rather than the issue's."""


async def judge(head: Head, failure: GithubFailure, turn: Turn, names: set[tuple[UUID, str]]) -> None:
    """Find out what is wrong, and write it down. Raises GithubFailure: GitHub cannot be asked.

    `names`: of projects' repositories, under which something was written in this run; this one is added.
    """
    await heads.refused_for_now(head)
    names.add((head.project_id, head.repository))
    try:
        if isinstance(failure, BadCredentials):
            raise failure
        repository = await _repository(head, turn)
        if repository is None:
            why = f"{head.repository} is not there any more, or may no longer be read"
            await _repository_failed(head, why, turn)
        elif repository.full_name != head.repository:
            await heads.renamed(head, repository.full_name)
            if (head.project_id, repository.full_name) in names:  # it was tried under that name as well
                await _repository_failed(head, f"{repository.full_name} has two names", turn)
        elif broken := _broken(repository, failure, head):
            await _repository_failed(head, broken, turn)
        else:
            await _judge_issue(head, failure, turn)
    except (BadCredentials, NotAllowed) as closed:
        await _repository_failed(head, closed.message, turn)


async def _judge_issue(head: Head, failure: GithubFailure, turn: Turn) -> None:
    """The repository is there, and issues can be read. Whoever may not write is told 404 and 403, too: so it is looked at."""
    try:
        issue = await turn.github.issue(head.repository, head.number or 0)
    except Moved:
        await heads.detach(head, "the issue was moved to another repository on GitHub")
        return
    except (Missing, Gone):
        await heads.detach(head, "the issue was deleted on GitHub")
        return
    if issue.is_locked and isinstance(failure, NotAllowed):
        why = "the issue is locked on GitHub: unlock it there, or give us the role Write"
        await heads.failed(head, why, turn.clock(), turn.tempo, is_unknown=False)
        return
    # Whether it is this issue alone nobody knows: the others go before it when the repository is tried again.
    await heads.failed(head, failure.message, turn.clock(), turn.tempo, is_unknown=False)
    await _repository_failed(head, f"{head.repository} may not be written to: {failure.message}", turn)


async def _repository_failed(head: Head, why: str, turn: Turn) -> None:
    await heads.repository_failed(head, why, turn.clock(), turn.tempo)


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
    """Why nothing can be written in the repository, which is there; None: it may be this issue alone."""
    if repository.archived:
        return f"{repository.full_name} is archived"
    if not repository.has_issues:
        return f"issues are turned off in {repository.full_name}"
    if head.number is not None:
        return None
    if isinstance(failure, NotAllowed):
        return failure.message
    return f"issues in {repository.full_name} may not be written: {failure.message}"
