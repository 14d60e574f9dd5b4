"""Apps that report their errors while servers die, and who remembers what was promised them.

Each event has an id of its own. What is not answered as kept is sent again with the same ids, as a patient client does, until
it is; some clients give up. Some send again what was promised already. By our own API, and as a Sentry SDK does.
"""

import json
import random
import threading
import time
from collections.abc import Iterable
from uuid import UUID

import httpx

from tests.chaos.writing import WORDS

CLIENTS = 4
_AWAY = (429, 503)


class Sender(threading.Thread):
    """Sends until `stop`; `word_of` knows what each id that was sent means, `promised` holds those answered as kept."""

    def __init__(self, url: str, dsn: httpx.URL, number: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.word_of: dict[str, str] = {}
        self.promised: set[str] = set()
        self.repeated = 0
        """Events that were answered as being there already."""
        self.refused = 0
        """Requests that were not answered, or answered with no promise."""
        self.failure: BaseException | None = None
        self._is_sentry = number % 2 == 1
        self._app = dsn.path.strip("/")
        self._key = dsn.username
        self._chance = random.Random(f"{seed} {number}")
        self._ending = threading.Event()
        self._client = httpx.Client(base_url=url, timeout=10)

    def run(self) -> None:
        """Go on until `stop`; what was begun is brought to its end."""
        try:
            while not self._ending.is_set():
                self._send_patiently(self._new())
                if self._chance.random() < 0.05 and self.promised:
                    some = self._chance.sample(sorted(self.promised), min(5, len(self.promised)))
                    self._send_patiently(some)
                time.sleep(self._chance.random() * 0.02)
        except BaseException as failure:  # noqa: BLE001  raised by `stop`
            self.failure = failure

    def stop(self) -> None:
        """End, once what was begun is promised. Raises what went wrong."""
        self._ending.set()
        self.join(120)
        assert not self.is_alive(), "what was begun is never promised"
        self._client.close()
        if self.failure:
            raise self.failure

    def _new(self) -> list[str]:
        ids = [
            UUID(int=self._chance.getrandbits(128), version=4).hex for _ in range(self._chance.randint(1, 20))
        ]
        self.word_of |= {id_: self._chance.choice(WORDS) for id_ in ids}
        return ids

    def _send_patiently(self, ids: list[str]) -> None:
        gives_up = self._chance.random() < 0.1
        while not self._send(ids):
            self.refused += 1
            if gives_up:
                return
            time.sleep(0.05 + self._chance.random() * 0.1)

    def _send(self, ids: list[str]) -> bool:
        """Whether all of them are promised now."""
        try:
            if self._is_sentry:
                return all(self._report(id_) for id_ in ids)
            return self._ingest(ids)
        except httpx.TransportError:
            return False

    def _ingest(self, ids: list[str]) -> bool:
        events = [{"id": id_, **self._event(id_), "session_id": id_[:1]} for id_ in ids]
        answer = self._client.post(
            "/v1/ingest", json={"events": events}, headers={"X-Snaglist-Key": self._key}
        )
        if answer.status_code in _AWAY:
            return False
        told = answer.json()
        assert answer.status_code == 202, told
        assert told["rejected"] == 0, told
        assert told["accepted"] + told["duplicates"] == len(ids), told
        assert told["duplicates"] >= len(self.promised.intersection(ids)), "what was promised is there"
        self.repeated += told["duplicates"]
        self.promised.update(ids)
        return True

    def _report(self, id_: str) -> bool:
        if id_ in self.promised and self._chance.random() < 0.9:
            return True
        payload = json.dumps({"event_id": id_, **self._event(id_), "tags": {"session_id": id_[:1]}})
        head = json.dumps({"type": "event", "length": len(payload)})
        answer = self._client.post(
            f"/api/{self._app}/envelope/",
            content=f'{{"event_id":"{id_}"}}\n{head}\n{payload}\n',
            headers={"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={self._key}"},
        )
        if answer.status_code in _AWAY:
            return False
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"id": id_}
        self.promised.add(id_)
        return True

    def _event(self, id_: str) -> dict[str, str]:
        number = int(id_[:6], 16)  # a number in it that varies, as in real ones
        return {"level": "error", "message": f"attempt {number} failed: {self.word_of[id_]}"}


def meanings(senders: Iterable[Sender]) -> dict[str, str]:
    """The word of every id that was sent."""
    return {id_: word for sender in senders for id_, word in sender.word_of.items()}
