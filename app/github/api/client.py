"""GitHub, as we use it: a repository's issues, their labels and comments.

Comes in: where it is, who we are there, and what is to be read or written. Goes out: frozen values of `github.answers`;
or one of `github.api.failures`, and nothing else but ValueError for what callers should have checked.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from app.domain.github.labels import Label
from app.github.api import answers, app_tokens
from app.github.api.answers import Comment, Installation, Issue, Repository
from app.github.api.failures import BadCredentials, Refused, Unknown
from app.github.api.names import checked_base_url, checked_repository
from app.github.api.rest import Rest, rest

PAGE: Final = 30
"""Issues or comments in one answer: so many of the longest ones that GitHub takes (256 KiB) are just what is read."""

PAGES: Final = 100
"""Pages of one list."""

_LONGEST_TOKEN: Final = 1000
_NONE: Final[Mapping[str, str | int]] = {}


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A GitHub App; without an installation it can only tell who it is, and where it is installed."""

    app_id: int
    installation_id: int | None
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenCredentials:
    """A user's personal access token."""

    token: str = field(repr=False)


Credentials = AppCredentials | TokenCredentials


@asynccontextmanager
async def github(
    base_url: str,
    credentials: Credentials,
    *,
    timeout: float = 20.0,  # noqa: ASYNC109  of each request, not of this
) -> AsyncIterator["Github"]:
    """GitHub at a base URL, as somebody. `timeout`: seconds that each request has, with its answer.

    ValueError: the base URL is not one that we send credentials to (`names.checked_base_url`).
    """
    checked = checked_base_url(base_url)
    async with rest(checked, timeout=timeout) as way:
        yield Github(way, credentials)


class Github:
    """What we ask of GitHub. Names are `owner/name`; ValueError for those that are not. Every method: GithubFailure."""

    def __init__(self, way: Rest, credentials: Credentials) -> None:
        self._rest = way
        self._credentials = credentials

    async def repository(self, name: str) -> Repository:
        """A repository by its name. Moved: it was renamed."""
        return answers.repository(await self._send("GET", f"/repos/{checked_repository(name)}"))

    async def repository_by_id(self, repository_id: int) -> Repository:
        """A repository, whatever its name is by now."""
        return answers.repository(await self._send("GET", f"/repositories/{int(repository_id)}"))

    async def app_installation(self, name: str) -> Installation:
        """Where our App is installed for a repository. Missing: it is not. ValueError: we are no App."""
        told, _ = await self._as_app("GET", f"/repos/{checked_repository(name)}/installation")
        return answers.installation(told)

    async def login(self) -> str:
        """Who we are: `slug[bot]` as an App, otherwise the token's user."""
        if isinstance(self._credentials, AppCredentials):
            told, _ = await self._as_app("GET", "/app")
            return answers.app_login(told)
        return answers.login(await self._send("GET", "/user"))

    async def create_issue(self, name: str, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Make an issue. Gone: issues are disabled there."""
        sent = {"title": title, "body": body, "labels": list(labels)}
        return answers.issue(await self._send("POST", f"/repos/{checked_repository(name)}/issues", sent))

    async def issue(self, name: str, number: int) -> Issue:
        """An issue. Missing, Moved or Gone: it was deleted or transferred."""
        return answers.issue(await self._send("GET", _issue(name, number)))

    async def issues_since(self, name: str, since: datetime) -> AsyncIterator[Issue]:
        """The issues that were made since then: newest first, in all states, no pull requests.

        Older ones that changed since are in GitHub's list, too, behind those; what comes after the first is not read.
        Unknown, too, where there are more than `PAGES` pages: then nobody knows what is not among them.
        """
        url = f"/repos/{checked_repository(name)}/issues{{?state,sort,direction,since,per_page}}"
        values = {"state": "all", "sort": "created", "direction": "desc", "since": _moment(since)}
        earliest = since.replace(microsecond=0)
        async for told in self._listed(url, values):
            if answers.made_at(told) < earliest:
                return
            if not answers.is_pull_request(told):
                yield answers.issue(told)

    async def set_state(self, name: str, number: int, state: str, state_reason: str) -> Issue:
        """Close or open an issue. Refused: an older server that does not know the reason "duplicate"."""
        sent = {"state": state, "state_reason": state_reason}
        return answers.issue(await self._send("PATCH", _issue(name, number), sent))

    async def add_comment(self, name: str, number: int, body: str) -> Comment:
        """Comment on an issue."""
        return answers.comment(await self._send("POST", f"{_issue(name, number)}/comments", {"body": body}))

    async def comments_since(self, name: str, number: int, since: datetime) -> AsyncIterator[Comment]:
        """The comments of an issue that changed since then, oldest first. Unknown as in `issues_since`."""
        url = f"{_issue(name, number)}/comments{{?since,per_page}}"
        async for told in self._listed(url, {"since": _moment(since)}):
            yield answers.comment(told)

    async def ensure_label(self, name: str, label: Label) -> None:
        """Make a label, if the repository has none of that name; one that is there stays as it is."""
        sent = {"name": label.name, "color": label.color, "description": label.description}
        try:
            answers.label(await self._send("POST", f"/repos/{checked_repository(name)}/labels", sent))
        except Refused as refusal:
            if "already_exists" not in refusal.codes:
                raise

    async def add_labels(self, name: str, number: int, labels: Sequence[str]) -> None:
        """Give labels to an issue; those that it has stay."""
        answers.labels(await self._send("POST", f"{_issue(name, number)}/labels", {"labels": list(labels)}))

    async def _listed(self, url: str, values: Mapping[str, str | int]) -> AsyncIterator[Any]:
        """What a list has, page by page; a page has been read to its end before any of it goes out."""
        page, given = url, {**values, "per_page": PAGE}
        for _ in range(PAGES):
            told, more = await self._ask("GET", page, given)
            if not isinstance(told, list):
                raise Unknown("the server's answer is not one of GitHub's API")
            for one in told:
                yield one
            if not more:
                return
            page, given = more, {}
        raise Unknown(f"GitHub's list has more than {PAGES} pages")

    async def _send(self, method: str, url: str, data: Any = b"") -> Any:
        told, _ = await self._ask(method, url, _NONE, data)
        return told

    async def _ask(
        self, method: str, url: str, values: Mapping[str, str | int], data: Any = b""
    ) -> tuple[Any, str | None]:
        """The answer, and where its next page is. A token of an installation that is refused is fetched anew, once."""
        if isinstance(self._credentials, TokenCredentials):
            token = _sendable(self._credentials.token)
            return await self._rest.ask(method, url, values, data, token=token)
        of, private_key = self._whose(self._credentials), self._credentials.private_key
        token = await app_tokens.token(self._rest, of, private_key)
        try:
            return await self._rest.ask(method, url, values, data, token=token)
        except BadCredentials:
            app_tokens.forget(of, token)
        token = await app_tokens.token(self._rest, of, private_key)
        return await self._rest.ask(method, url, values, data, token=token)

    def _whose(self, credentials: AppCredentials) -> app_tokens.Whose:
        if credentials.installation_id is None:
            raise ValueError("the App's installation has to be found first")
        return app_tokens.whose(
            self._rest.base_url, credentials.app_id, credentials.installation_id, credentials.private_key
        )

    async def _as_app(self, method: str, url: str) -> tuple[Any, str | None]:
        if not isinstance(self._credentials, AppCredentials):
            raise ValueError("a personal access token is no App")
        jwt = app_tokens.app_jwt(self._credentials.app_id, self._credentials.private_key)
        return await self._rest.ask(method, url, _NONE, jwt=jwt)


def _issue(name: str, number: int) -> str:
    return f"/repos/{checked_repository(name)}/issues/{int(number)}"


def _moment(moment: datetime) -> str:
    """As GitHub reads it: in UTC, in whole seconds, with a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sendable(token: str) -> str:
    """The token, if it can stand in a header. BadCredentials: it is none."""
    if not token.isascii() or not token.isprintable() or " " in token or not 0 < len(token) <= _LONGEST_TOKEN:
        raise BadCredentials("the token has characters that no token has, or is empty")
    return token
