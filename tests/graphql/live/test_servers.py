"""Several API servers on one Redis: whoever listens to one hears what others did, and can go on at another one."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.graphql.live.stage import CHANGED, happen, secret_of
from tests.recording.stage import set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

ROOT = Path(__file__).parents[3]


@contextmanager
def api(database: str, valkey: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A process that serves the API, and where."""
    with socket.create_server(("127.0.0.1", 0)) as listener, (folder / "log").open("ab") as log:
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SNAGLIST_")}
        environment |= {"DATABASE_URL": database, "REDIS_URL": valkey, "SNAGLIST_DATA_DIR": str(folder)}
        process = subprocess.Popen(
            [sys.executable, "-m", "app.launch.api", str(listener.fileno())],
            cwd=ROOT,
            env=environment,
            pass_fds=[listener.fileno()],
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 30
        while httpx.get(f"http://{where}/readyz", timeout=10).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield where, process
    finally:
        process.kill()
        process.wait()


async def signed_in(where: str, secret: str) -> ClientConnection:
    socket = await connect(f"ws://{where}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")])
    await socket.send(
        json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {secret}"}})
    )
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    return socket


async def listen(socket: ClientConnection, **variables: Any) -> None:
    payload = {"query": CHANGED, "variables": variables}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))


async def told(socket: ClientConnection) -> dict[str, Any]:
    message = json.loads(await socket.recv())
    assert message["type"] == "next", message
    found: dict[str, Any] = message["payload"]["data"]["errorChanged"]
    return found


async def test_a_server_that_ends_loses_nothing_for_whoever_goes_on_at_another(
    database: str, valkey: str, tmp_path: Path
) -> None:
    stage = await set_up()
    secret = await secret_of(stage.organization_id)
    with api(database, valkey, tmp_path) as (one, process), api(database, valkey, tmp_path) as (two, _):
        first, second = await signed_in(one, secret), await signed_in(two, secret)
        for client in (first, second):
            await listen(client)
            assert (await told(client))["cursor"]
        headers = {"authorization": f"Bearer {secret}", "accept": "text/event-stream"}
        request = {"json": {"query": CHANGED}, "headers": headers, "timeout": 20}
        async with (
            httpx.AsyncClient() as http,
            http.stream("POST", f"http://{one}/graphql", **request) as events,  # type: ignore[arg-type]
        ):
            lines = events.aiter_lines()
            assert await anext(lines) == "event: next"
            await happen(stage.shop, "KeyError")
            heard = [await told(first), await told(second)]
            assert [update["error"]["title"] for update in heard] == ["KeyError: 'partner_id'"] * 2

            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                await first.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1012
            rest = [line async for line in lines]
        assert "KeyError" in "".join(rest)
        assert "event: complete" not in rest
        process.wait(timeout=10)
        assert time.monotonic() - began < 4
        assert process.returncode in (0, -signal.SIGTERM)

        await happen(stage.shop, "TypeError")
        again = await signed_in(two, secret)
        await listen(again, after=heard[0]["cursor"])
        for client in (second, again):
            assert (await told(client))["error"]["title"] == "TypeError: 'partner_id'"
            await client.close()
    said = (tmp_path / "log").read_text()
    assert "Traceback" not in said, said
    assert secret not in said
