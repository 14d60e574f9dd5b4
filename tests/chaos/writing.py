"""An Odoo that goes wrong in a few ways, and whose log is rotated now and then by either method, and who counts what it wrote."""

import os
import random
import shutil
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

WORDS = ("apple", "birch", "cedar", "daisy", "elder", "fern", "grass", "hazel")


class Writer(threading.Thread):
    """Writes records in pieces until `stop`; `truth` is what a reader must have counted then."""

    def __init__(self, path: Path, seed: int) -> None:
        super().__init__(daemon=True)
        self.truth = dict.fromkeys(WORDS, 0)
        self.rotations = 0
        self._path = path
        self._chance = random.Random(seed)
        self._number = 0
        self._ending = threading.Event()

    def run(self) -> None:
        """Go on until `stop`; whatever is counted has been written whole then."""
        chance = self._chance
        while not self._ending.is_set():
            text = self._text(chance.randint(1, 120))
            cut = chance.randint(0, len(text))
            self._append(text[:cut])
            time.sleep(chance.random() * 0.02)
            self._append(text[cut:])
            if chance.random() < 0.02:
                self._rotate()

    def stop(self) -> dict[str, int]:
        """End with a record that is no error, so that the last one is complete; what was written."""
        self._ending.set()
        self.join()
        self._append(self._quiet())
        return {word: count for word, count in self.truth.items() if count}

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
        return f"{self._now()} 7 INFO shop odoo.http: 10.0.0.{self._number % 256} GET /web 200\n".encode()

    def _now(self) -> str:
        now = datetime.fromtimestamp(time.time(), UTC)
        return f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03}"

    def _append(self, text: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(text)

    def _rotate(self) -> None:
        """As logrotate does; names of old files never come back, so that none is lost while servers are away."""
        self.rotations += 1
        to = self._path.with_name(f"{self._path.name}.{100_000 - self.rotations}")
        time.sleep(0.02)
        if self._chance.random() < 0.5:
            shutil.copyfile(self._path, to)
            os.truncate(self._path, 0)
        else:
            self._path.rename(to)
        time.sleep(0.02)
