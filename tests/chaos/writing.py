"""An Odoo that goes wrong in a few ways, and whose log is rotated now and then, and who counts what it wrote.

Where the log is, and what it is to be rotated, `logs` knows.
"""

import random
import threading
import time
from datetime import UTC, datetime

from tests.chaos.logs import Log

WORDS = ("apple", "birch", "cedar", "daisy", "elder", "fern", "grass", "hazel")


class Writer(threading.Thread):
    """Writes records in pieces until `stop`; `truth` is what a reader must have counted then.

    `most`: so many errors at once; `pause`: seconds between two pieces, on average; `turns`: how likely it is that the
    log is rotated after each of them.
    """

    def __init__(
        self, log: Log, seed: int, *, most: int = 120, pause: float = 0.01, turns: float = 0.02
    ) -> None:
        super().__init__(daemon=True)
        self.truth = dict.fromkeys(WORDS, 0)
        self.rotations = 0
        self._log = log
        self._chance = random.Random(seed)
        self._most, self._pause, self._turns = most, pause, turns
        self._number = 0
        self._ending = threading.Event()
        self._turning = threading.Event()
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Go on until `stop`; whatever is counted has been written whole then."""
        try:
            while not self._ending.is_set():
                self._step()
        except BaseException as failure:  # noqa: BLE001  raised by `stop`
            self._failure = failure

    def rotate_soon(self) -> None:
        """Have the log rotated after the present piece."""
        self._turning.set()

    def stop(self) -> dict[str, int]:
        """End with a record that is no error, so that the last one is complete; what was written."""
        self._ending.set()
        self.join()
        if self._failure:
            raise self._failure
        self._log.append(self._quiet())
        return self.written

    @property
    def written(self) -> dict[str, int]:
        """How often each word was written, those that were."""
        return {word: count for word, count in self.truth.items() if count}

    def _step(self) -> None:
        chance = self._chance
        text = self._text(chance.randint(1, self._most))
        cut = chance.randint(0, len(text))
        self._log.append(text[:cut])
        time.sleep(chance.random() * self._pause * 2)
        self._log.append(text[cut:])
        if self._turning.is_set() or chance.random() < self._turns:
            self._turning.clear()
            self._log.append(self._quiet())
            self.rotations += self._log.rotate(chance, self._ending.is_set)

    def _text(self, count: int) -> bytes:
        text = b""
        for _ in range(count):
            word = self._chance.choice(WORDS)
            self._number += 1
            self.truth[word] += 1
            text += self._error(word) + self._quiet() * self._chance.randint(0, 3)
        return text

    def _error(self, word: str) -> bytes:
        header = f"{self._now()} 7 ERROR shop odoo.addons.sale: it failed: {word}\n"
        if self._number % 2:
            return header.encode()
        frame = '  File "/mnt/extra-addons/sale_more/models/sale.py", line 7, in write\n    raise KeyError\n'
        return f"{header}Traceback (most recent call last):\n{frame}Key{word.title()}Error: {word}\n".encode()

    def _quiet(self) -> bytes:
        long = "&" * 40_000 if self._number % 499 == 0 else ""
        return (
            f"{self._now()} 7 INFO shop odoo.http: 10.0.0.{self._number % 256} GET /web{long} 200\n".encode()
        )

    def _now(self) -> str:
        now = datetime.fromtimestamp(time.time(), UTC)
        return f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03}"
