"""The source that is a Docker container's log, read with `docker logs`.

Comes in: the container's name, and the position where the last scan stopped. Goes out: the text from there on, without
Docker's timestamps. Standard output and error come as one text in the order in which the container wrote them.
What a container wrote goes with it: one that was created anew is a log never read, and that is said.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import msgspec

from app.scanning import positions
from app.scanning.host import Host
from app.scanning.log_names import docker_container
from app.scanning.source import Bounds
from app.scanning.stamped_stream import LOST, Habits, Heard, StampedStream, first_since, heard, opened, utc
from app.scanning.tail_cursor import Tail

_LOGS: Final = """
command -v docker >/dev/null || { echo 'there is no program docker' >&2; exit 1; }
id=$(docker container inspect --format '{{.Id}}' -- "$1") || exit 1
echo "$id $(date +%s)"
if [ -n "$2" ] && [ "$2" != "$id" ]; then exit 0; fi
if [ -n "$3" ]; then set -- --since "$3"; else set --; fi
exec docker logs --timestamps "$@" -- "$id" 2>&1
"""
"""Arguments: the container, its id if it must be that one, when to begin."""
_END: Final = """
command -v docker >/dev/null || { echo 'there is no program docker' >&2; exit 1; }
said=$({ docker logs --timestamps --tail "$2" -- "$1" 2>&1; printf '\\n%s\\n' "$?"; } | tail -c "$3" |
    sed -n -e '1,/^[0-9]*-[0-9]*-[0-9]*T/{/^[0-9]*-[0-9]*-[0-9]*T/p;}' -e '$!{/./h;d;}' -e 'x;p;x;p' | cut -b 1-500)
case $said in
    0|*[!0-9]0) printf '%s\\n' "$said" ;;
    *) printf '%s\\n' "$said" | tail -n 2 | head -n 1 >&2; exit 1 ;;
esac
"""
"""Arguments: the container, so many lines at most, so many bytes at most. Writes the first line of that part that has a
timestamp; ends badly where docker does, and tells its last words: the pipe alone would not say so."""
_SHORT_LINE: Final = 32


class Position(msgspec.Struct, frozen=True):
    """How far a container's log was read; a container is told by its id."""

    container: str
    id: str
    tail: Tail


class _OtherContainer(Exception):
    """The name is that of another container now."""


class DockerLogs:
    """The log of a Docker container."""

    def __init__(self, host: Host, container: str, bounds: Bounds) -> None:
        """Raises SourceUnreadable where it is no name of a container."""
        self._host = host
        self._container = docker_container(container)
        self._bounds = bounds

    @contextmanager
    def open(self, position: str, *, now: datetime) -> Iterator[StampedStream]:
        """The text from the position on. Raises SourceUnreadable."""
        known = positions.known(position, Position)
        missed = ""
        if known and known.container == self._container:
            try:
                with self._stream(known.tail, known.id) as stream:
                    yield stream
                    return
            except _OtherContainer:
                missed = "the container was created anew; what the old one wrote after the last scan is gone with it"
        count = max(1, self._bounds.first // _SHORT_LINE)
        command = ["sh", "-c", _END, "sh", self._container, str(count), str(self._bounds.first)]
        with self._stream(Tail(since=first_since(self._host, command)), "") as stream:
            stream.missed = missed
            yield stream

    @contextmanager
    def _stream(self, tail: Tail, container_id: str) -> Iterator[StampedStream]:
        found = container_id

        @contextmanager
        def run(since: int | None) -> Iterator[Heard]:
            nonlocal found
            begin = "" if since is None else utc(since)
            words = ["sh", "-c", _LOGS, "sh", self._container, found, begin]
            with self._host.run(words) as output:
                source = heard(output)
                if found and source.header != found:
                    raise _OtherContainer
                found = source.header
                yield source

        def place(tail: Tail, has_more: bool) -> tuple[str, bool]:
            position = Position(self._container, found, tail)
            return msgspec.json.encode(position).decode(), has_more

        with opened(run, tail) as (opening, place_in_it):
            missed = LOST if tail.count and not place_in_it.count else ""
            habits = Habits(is_lasting=True, idle=self._bounds.idle)
            yield StampedStream(opening, place_in_it, habits, place, missed)
