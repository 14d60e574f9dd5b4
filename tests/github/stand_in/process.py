"""The stand-in as a process of its own, for tests that kill everything else.

with running() as github:
    shop = github.furnish()                                  # token, App, repository acme/shop
    github.do("faults.at_random", rate=0.2, seed=1, only_writes=True)
    github.set(**{"limits.watched_gap": 0.2})
    ...
    assert not github.state()["duplicates"]
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.github.stand_in.keys import key_pair
from tests.github.stand_in.shop import Shop

ROOT = Path(__file__).parents[3]


class RemoteStandIn:
    """One that listens at `url`; `enterprise_url` is the same with `/api/v3`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.enterprise_url = f"{url}/api/v3"
        self._client = httpx.Client(base_url=url, timeout=30)

    def do(self, name: str, **arguments: Any) -> Any:
        """Call a method of it by name, all arguments named: `person_closes`, `faults.next`, `clock.advance`, `add_repository` ...

        Gives back what it gave, as JSON. ValueError: it could not be done.
        """
        answer = self._client.post("/_stand_in/do", json={"name": name, "arguments": arguments})
        if answer.status_code != 200:
            raise ValueError(answer.text)
        return answer.json()

    def set(self, **values: Any) -> None:
        """Set fields of `limits` and `settings`: `set(**{"limits.per_hour": 100})`."""
        self.do("set", **values)

    def furnish(self) -> Shop:
        """The usual stage (see shop.py); the App's private key is `keys.key_pair().private`."""
        return Shop(**self.do("furnish", public_key=key_pair().public))

    def state(self) -> dict[str, Any]:
        """Repositories with their issues, markers, duplicates, violations, requests, deliveries: see control.state_of."""
        answer = self._client.get("/_stand_in/state").raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()


@contextmanager
def running(port: int = 0) -> Iterator[RemoteStandIn]:
    """One in a process of its own, with nothing in it; in a session of its own, so that signals to us do not reach it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.github.stand_in", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout
        with process.stdout as output:
            url = output.readline().decode().strip()
            assert url, "the stand-in did not start"
            github = RemoteStandIn(url)
            try:
                yield github
            finally:
                github.close()
    finally:
        process.terminate()
        process.wait(timeout=10)
