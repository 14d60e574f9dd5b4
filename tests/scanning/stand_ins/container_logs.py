"""The log of a container as its daemon keeps it, in a file that tests write and stand-ins of programs read.

Only the standard library, and nothing of ours: the programs start often.
"""

import json
from calendar import timegm
from collections.abc import Iterator
from pathlib import Path
from time import gmtime, strftime, strptime
from typing import NamedTuple

SEAM = 16 * 1024
SECOND = 1_000_000_000


class Message(NamedTuple):
    """What a daemon stamps: a line, or a part of a long one, which has no line end."""

    time: int
    text: bytes
    stream: int = 2


def cut(text: bytes, time: int, stream: int = 2) -> list[Message]:
    """What the daemon makes of what a container writes: long lines are cut, and so is what has no end."""
    messages = []
    for line in _lines(text):
        body = line.removesuffix(b"\n")
        parts = [body[at : at + SEAM] for at in range(0, len(body) + 1, SEAM)]
        if line != body:
            parts[-1] += b"\n"
        messages += [Message(time, part, stream) for part in parts if part]
    return messages


def _lines(text: bytes) -> list[bytes]:
    return [line + b"\n" for line in text.split(b"\n")[:-1]] + [
        part for part in text.split(b"\n")[-1:] if part
    ]


def append(path: Path, messages: list[Message]) -> None:
    """Write messages at the end of a log."""
    with path.open("a") as file:
        for message in messages:
            file.write(json.dumps([message.time, message.text.decode("latin-1"), message.stream]) + "\n")


def messages(path: Path) -> list[Message]:
    """All of a log but what is being written at this moment; none where it was never written."""
    if not path.exists():
        return []
    with path.open() as file:
        whole = (json.loads(line) for line in file if line.endswith("\n"))
        return [Message(time, text.encode("latin-1"), stream) for time, text, stream in whole]


def since(log: list[Message], begin: int | None, *, is_lasting: bool) -> Iterator[Message]:
    """What is not too early. `is_lasting`: behind the first of them all come, as Docker does it."""
    is_open = begin is None
    for message in log:
        if is_open or message.time >= (begin or 0):
            is_open = is_open or is_lasting
            yield message


def last_lines(log: list[Message], count: int) -> list[Message]:
    """The last lines; a line that is cut counts once."""
    at = len(log)
    while at and count >= 0:
        at -= 1
        count -= at == 0 or log[at - 1].text.endswith(b"\n")
        if not count:
            break
    return log[at:]


def stamp(time: int) -> bytes:
    """Nanoseconds since 1970 as Docker writes them: always nine digits."""
    return f"{_clock(time // SECOND)}.{time % SECOND:09}Z ".encode()


def _clock(second: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))


def nanoseconds(text: str) -> int:
    """The same time back."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return timegm(strptime(whole, "%Y-%m-%dT%H:%M:%S")) * SECOND + int(fraction.ljust(9, "0") or 0)
