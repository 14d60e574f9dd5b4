"""Persisted documents: a client may send a document's SHA-256 instead of the document.

Comes in: what a request asks for, and who asks. Goes out: the document's text. `documentId: "sha256:..."` and Apollo's
`extensions.persistedQuery.sha256Hash` mean the same. The front end's own documents are read from its build, and known to
everybody; others are known to the organization whose members sent them, once they were found to be valid.

With SNAGLIST_DOCUMENTS=own nothing is answered but the front end's own documents, by their hash or in full.

    text = await persisted.text(asked, caller)      # before it is executed; any way in calls this
    await persisted.remember(asked, caller)         # after it, unless the document was refused
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID

import msgspec

from app.accounts.roles import Caller
from app.config import Settings
from app.errors import BadInput, ConfigurationError, DocumentNotAllowed, DocumentNotFound, Unavailable
from app.graphql.requests import Asked
from app.live import documents

MANIFEST: Final = Path(__file__).parent.parent.parent / "frontend_stub" / "dist" / "documents.json"
"""Texts by their SHA-256, as graphql-codegen writes them."""

PATIENCE: Final = 0.5
"""Seconds that Redis has for an answer."""
AWAY: Final = 5.0
"""Seconds for which a Redis that did not answer is not asked again."""
REMEMBERED: Final = 200
"""Texts in this process."""
FRESH: Final = 3600.0
"""Seconds after which Redis is asked again for one of them, so that it is not forgotten there while it is in use."""

_log = logging.getLogger(__name__)


class Persisted:
    """The documents that one server knows by their hash."""

    def __init__(self, own: Mapping[str, str], *, only_own: bool) -> None:
        self._own = own
        self._only_own = only_own
        self._sent = _Sent()

    async def text(self, asked: Asked, caller: Caller | None) -> str:
        """The text of the document that is asked for.

        BadInput: there is neither a text nor a hash, or the hash is another text's. DocumentNotAllowed: not one of the
        front end's own, where only these are answered. DocumentNotFound: send the text. Unavailable: Redis is away,
        and a client asked by `documentId`; Apollo's clients are told to send the text, which they always have.
        """
        digest = asked.digest
        if asked.query:
            if digest is not None and digest != _sha256(asked.query):
                raise BadInput("the hash is not this document's SHA-256")
            if self._only_own and (digest or _sha256(asked.query)) not in self._own:
                raise _not_allowed()
            return asked.query
        if digest is None:
            raise BadInput("there is neither a `query` nor a `documentId`")
        own = self._own.get(digest)
        if own is not None:
            return own
        if self._only_own:
            raise _not_allowed()
        try:
            found = await self._sent.find(caller.organization_id, digest) if caller else None
        except Unavailable:
            if asked.document_id is not None:
                raise
            found = None
        if found is None:
            raise DocumentNotFound
        return found

    async def remember(self, asked: Asked, caller: Caller | None) -> None:
        """Keep the document that came with its hash, which `text` has compared; only for those who are signed in."""
        digest, text = asked.digest, asked.query
        if digest and text and caller and not self._only_own and digest not in self._own:
            await self._sent.keep(caller.organization_id, digest, text)


class _Sent:
    """What clients sent: in Redis, and those asked for last in this process, each organization's by themselves."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[UUID, str], tuple[str, float]] = OrderedDict()
        self._away_until = 0.0

    async def find(self, organization_id: UUID, digest: str) -> str | None:
        """The text with this hash; None: nobody of the organization has sent it. Unavailable: that is not known now."""
        text, fresh_until = self._known.get((organization_id, digest), (None, 0.0))
        if text is not None and monotonic() < fresh_until:
            return self._hold(organization_id, digest, text, fresh_until)
        try:
            async with self._asking():
                found = await documents.find(organization_id, digest)
        except Unavailable:
            if text is None:
                raise
            return text
        if found is None or _sha256(found) != digest:
            return None
        return self._hold(organization_id, digest, found, monotonic() + FRESH)

    async def keep(self, organization_id: UUID, digest: str, text: str) -> None:
        """Keep it where it can be found again; where Redis is away the client will have to send it again."""
        _, fresh_until = self._known.get((organization_id, digest), ("", 0.0))
        if monotonic() < fresh_until or len(text) > documents.LARGEST:
            return
        with suppress(Unavailable):
            async with self._asking():
                if await documents.keep(organization_id, digest, text):
                    self._hold(organization_id, digest, text, monotonic() + FRESH)

    def _hold(self, organization_id: UUID, digest: str, text: str, fresh_until: float) -> str:
        self._known[organization_id, digest] = (text, fresh_until)
        self._known.move_to_end((organization_id, digest))
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return text

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Around a question to Redis. Unavailable: no answer in time, or it gave none a moment ago."""
        away = "documents cannot be looked up, as Redis is away: send `query`"
        if monotonic() < self._away_until:
            raise Unavailable(away)
        try:
            async with asyncio.timeout(PATIENCE):
                yield
        except (Unavailable, TimeoutError) as reason:
            self._away_until = monotonic() + AWAY
            _log.warning("documents cannot be looked up", extra={"reason": str(reason)})
            raise Unavailable(away) from None


def persisted(settings: Settings, manifest: Path | None = None) -> Persisted:
    """What this server knows. ConfigurationError: its own documents are all it may answer, and they are not there."""
    try:
        own = _read(manifest or MANIFEST)
    except (OSError, ValueError) as wrong:
        if settings.only_own_documents:
            raise ConfigurationError(
                "SNAGLIST_DOCUMENTS=own needs the front end's documents.json: build the front end"
            ) from wrong
        if not isinstance(wrong, FileNotFoundError):
            _log.warning("the front end's documents cannot be read", extra={"reason": str(wrong)})
        own = {}
    return Persisted(own, only_own=settings.only_own_documents)


def _read(manifest: Path) -> dict[str, str]:
    found = msgspec.json.decode(manifest.read_bytes(), type=dict[str, str])
    for digest, text in found.items():
        if _sha256(text) != digest:
            raise ValueError(f"{digest[:80]!r} is not the SHA-256 of its document")
    return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _not_allowed() -> DocumentNotAllowed:
    return DocumentNotAllowed("this server answers only the documents of its own front end")
