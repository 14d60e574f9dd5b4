"""The stand-in's server: HTTP in, answers out, webhooks posted one after the other.

Comes in: requests on a port of 127.0.0.1. Goes out: answers and faults; deliveries to the URLs of hooks.
"""

import asyncio
from contextlib import suppress

import aiohttp
from aiohttp import web

from tests.github.stand_in.answers import Answer, Refusal, refused
from tests.github.stand_in.gate import Request, admit, carried_out, finished, note
from tests.github.stand_in.records import Delivery, Seen
from tests.github.stand_in.trouble import Trouble
from tests.github.stand_in.world import World

LARGEST = 8 * 1024 * 1024
LONGEST_POST = 10.0
"""Seconds that GitHub waits for the receiver of a webhook."""


class Server:
    """Listens from `start` to `stop`; `more` are routes beside those of the API."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.more: list[web.RouteDef] = []
        self._runner: web.AppRunner | None = None
        self._poster: asyncio.Task[None] | None = None

    async def start(self, port: int = 0) -> None:
        """Listen on this port (0: a free one) and set the world's `url`."""
        self._trouble = Trouble(self.world)
        self._outgoing: asyncio.Queue[Delivery] = asyncio.Queue()
        self.world.send = self._outgoing.put_nowait
        app = web.Application(client_max_size=LARGEST)
        app.add_routes([*self.more, web.route("*", "/{path:.*}", self._receive)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.world.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._poster = asyncio.create_task(self._post_all())

    async def stop(self) -> None:
        """Let go of everything that hangs, and listen no more."""
        self.world.send = None
        await self._trouble.end()
        if self._poster:
            self._poster.cancel()
            with suppress(asyncio.CancelledError):
                await self._poster
        if self._runner:
            await self._runner.cleanup()

    async def delivered(self) -> None:
        """Wait until nothing is left to post."""
        await self._outgoing.join()

    @property
    def late(self) -> int:
        """How many writes are still to land after their client has gone."""
        return len(self._trouble.late)

    async def settled(self) -> None:
        """Wait until they have landed."""
        await asyncio.gather(*self._trouble.late)

    async def _receive(self, http: web.Request) -> web.StreamResponse:
        query = dict(http.query)
        headers = {name.lower(): value for name, value in http.headers.items()}
        path = http.rel_url.raw_path.rstrip("/") or "/"
        request = Request(http.method, path, query, headers, await http.read())
        seen = note(self.world, request)
        answer = await self._answer(http, request, seen)
        if answer is None:
            return web.Response()
        answer = finished(self.world, request, seen, answer)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    async def _answer(self, http: web.Request, request: Request, seen: Seen) -> Answer | None:
        try:
            call = admit(self.world, request, seen)
        except Refusal as refusal:
            return refused(refusal)
        fault = self.world.faults.take(seen.method, seen.path)
        if fault is None:
            return carried_out(call)
        seen.fault = fault.kind.value
        return await self._trouble.meet(fault, http, seen, lambda: carried_out(call))

    async def _post_all(self) -> None:
        timeout = aiohttp.ClientTimeout(LONGEST_POST)
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session:
            while True:
                delivery = await self._outgoing.get()
                try:
                    delivery.statuses.append(await _post(session, delivery))
                finally:
                    self._outgoing.task_done()


async def _post(session: aiohttp.ClientSession, delivery: Delivery) -> int:
    try:
        async with session.post(
            delivery.url or "", data=delivery.body, headers=delivery.headers, allow_redirects=False
        ) as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return 0
