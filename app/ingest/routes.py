"""The doors for events, all together. Comes in: nothing. Goes out: their routes, and what they share while they are open."""

from typing import Final

from starlette.routing import BaseRoute, Route

from app.ingest.bodies import Bodies
from app.ingest.inbox import Inbox
from app.ingest.keys import Keys
from app.ingest.own_api import OwnDoor, SchemaDoor
from app.ingest.sentry_api import SentryDoor

PATHS: Final = ("/v1/", "/api/")
"""What the paths of these doors begin with."""


class Doors:
    """The doors of one server."""

    def __init__(self) -> None:
        keys, bodies = Keys(), Bodies()
        self._inbox = Inbox()
        own = OwnDoor(keys, self._inbox, bodies)
        envelope = SentryDoor(keys, self._inbox, bodies, has_envelopes=True)
        store = SentryDoor(keys, self._inbox, bodies, has_envelopes=False)
        self.routes: list[BaseRoute] = [
            Route("/api/{number}/envelope/", envelope),
            Route("/v1/ingest", own),
            Route("/v1/ingest/schema.json", SchemaDoor()),
            Route("/api/{number}/store/", store),
            Route("/api/{number}/envelope", envelope),
            Route("/api/{number}/store", store),
        ]

    def open(self) -> None:
        """Begin to keep what comes."""
        self._inbox.start()

    async def close(self) -> None:
        """Keep what was taken, and end."""
        await self._inbox.stop()
