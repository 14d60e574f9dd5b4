"""The graph behind its door, for tests: requests go in as HTTP, without a network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import process_time
from typing import Any

import httpx
from starlette.applications import Starlette

from app.config import from_environment
from app.graphql.endpoint import endpoint

NEW = "application/graphql-response+json"


@asynccontextmanager
async def door(**environment: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the graph, whose settings are those of this environment."""
    app = Starlette(routes=endpoint(from_environment(environment)))
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://snaglist.test") as client:
        yield client


async def post(
    client: httpx.AsyncClient, query: object, secret: str | None = None, **more: Any
) -> httpx.Response:
    """The answer to a query; `variables`, `operationName` and `accept` as in HTTP."""
    headers = {"accept": more.pop("accept", "application/json")}
    if secret is not None:
        headers["authorization"] = f"Bearer {secret}"
    return await client.post("/graphql", json={"query": query, **more}, headers=headers)


def codes(response: httpx.Response) -> list[str]:
    """The codes of the errors in an answer."""
    return [error["extensions"]["code"] for error in response.json().get("errors", [])]


class Stopwatch:
    """Processor time of this process, in milliseconds."""

    def __enter__(self) -> "Stopwatch":
        self.spent = -process_time() * 1000
        return self

    def __exit__(self, *_: object) -> None:
        self.spent += process_time() * 1000
