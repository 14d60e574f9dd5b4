"""A try of a source before anything depends on it: who answers, whether one gets in, whether the log is there.

Comes in: a source, stored or not. Goes out: how far one came, and why no further, in words. Nothing is stored. As long
as the key of a machine on the way was not accepted, nobody logs in anywhere behind it; that key is told, to be compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.detections import Detector, Rules
from app.domain.lifecycle import Source as Origins
from app.domain.log_source import FileLog, LogSource, Machine
from app.errors import BadInput, SourceUnreadable
from app.recording.sightings import Origin
from app.scanning.batch import read_batch
from app.scanning.host import Host, Output, Patience
from app.scanning.instance_source import host_of, on, target_of
from app.scanning.log_file import LogFile
from app.scanning.source import Bounds, Source, Stream
from app.scanning.ssh.host_key import HostKeyChanged
from app.scanning.ssh.ssh_host import fetch_host_key

MOST: Final = 1024 * 1024
"""Bytes of the log's end that are read."""
PATIENCE: Final = Patience(whole=30, silence=15)

_BOUNDS: Final = Bounds(first=MOST, scan=MOST, batch=MOST, record=MOST)
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Tried:
    """How far one came.

    `host_key` is the key of the machine `host_key_of`, accepted (`is_host_key_pinned`) or presented just now and to be
    accepted; None on this machine. `host_key_field` is the input that accepts it. `detections`: errors in what was
    read. `problem`: why one came no further; None: all is well.
    """

    connected: bool = False
    host_key: str | None = None
    host_key_of: str | None = None
    host_key_field: str | None = None
    is_host_key_pinned: bool = False
    log_found: bool = False
    lines_read: int = 0
    detections: int = 0
    odoo_version: str | None = None
    problem: str | None = None


def try_source(source: LogSource, *, now: datetime) -> Tried:
    """Try it. To be called from a thread that may wait, for a minute at most as a rule."""
    try:
        tried = _keys_of(source)
    except BadInput as refused:
        return Tried(problem=f"{refused.field}: {refused.message}")
    if tried.problem:
        return tried
    noted = _Noted()
    try:
        batch = read_batch(_noting(source, noted), "{}", _origin(), Detector(Rules()), _BOUNDS, now=now)
    except SourceUnreadable as refused:
        return _changed_key(source.machine, refused) or replace(noted.on(tried), problem=refused.message)
    return replace(noted.on(tried), detections=len(batch.sightings), odoo_version=batch.odoo_version)


def _keys_of(source: LogSource) -> Tried:
    """What is known of the machine's key; or the first key on the way there that nobody has accepted."""
    if source.machine is None:
        return Tried(connected=True)
    way = list(enumerate(source.machine.way()))
    for depth, machine in reversed(way):
        target = target_of(machine)
        if machine.host_key is not None:
            continue
        tried = Tried(host_key_of=target.name, host_key_field=_field(depth))
        try:
            presented = fetch_host_key(target)
        except SourceUnreadable as refused:
            return _changed_key(source.machine, refused) or replace(tried, problem=refused.message)
        asked = (
            f"the host key of {target.name} is not accepted yet: compare {presented.fingerprint} with what"
            " `ssh-keygen -l` shows on that machine, and accept it if it is the same"
        )
        return replace(tried, host_key=presented.text, problem=asked)
    return Tried(
        host_key=source.machine.host_key,
        host_key_of=target_of(source.machine).name,
        host_key_field=_field(0),
        is_host_key_pinned=True,
    )


def _changed_key(machine: Machine | None, refused: SourceUnreadable) -> Tried | None:
    """The key that was presented in the place of an accepted one, by the machine or on the way there; None: that is not it."""
    why: BaseException | None = refused
    while why is not None and not isinstance(why, HostKeyChanged):
        why = why.__cause__
    if machine is None or why is None:
        return None
    depth = [target_of(passed) for passed in machine.way()].index(why.target)
    return Tried(
        host_key=why.presented.text,
        host_key_of=why.target.name,
        host_key_field=_field(depth),
        problem=refused.message,
    )


def _field(depth: int) -> str:
    """The input that accepts the key of the machine, or of a jump host so many steps before it."""
    return "source.ssh" + ".jump" * depth + ".hostKey"


class _Noted:
    """What was seen on the way."""

    is_connected = False
    is_opened = False
    lines = 0

    def on(self, tried: Tried) -> Tried:
        return replace(
            tried,
            connected=tried.connected or self.is_connected,
            log_found=self.is_opened,
            lines_read=self.lines,
        )


class _NotedHost:
    """A host, of which is noted that it was reached."""

    def __init__(self, host: Host, noted: _Noted) -> None:
        self._host = host
        self._noted = noted

    @contextmanager
    def run(self, command: Sequence[str], *, with_errors: bool = False) -> Iterator[Output]:
        with self._host.run(command, with_errors=with_errors) as output:
            self._noted.is_connected = True
            yield output


class _NotedSource:
    """A source, of which is noted that it was opened, and how many lines were read."""

    def __init__(self, source: Source, noted: _Noted) -> None:
        self._source = source
        self._noted = noted

    @contextmanager
    def open(self, position: str, *, now: datetime) -> Iterator[Stream]:
        with self._source.open(position, now=now) as stream:
            self._noted.is_opened = True
            self._noted.lines = 0
            yield _NotedStream(stream, self._noted)


class _NotedStream:
    """A stream whose lines are counted."""

    def __init__(self, stream: Stream, noted: _Noted) -> None:
        self.start = stream.start
        self.behind = stream.behind
        self.inside = stream.inside
        self.is_final = False
        self.missed = ""
        self._stream = stream
        self._noted = noted

    def read(self, size: int) -> bytes:
        text = self._stream.read(size)
        self._noted.lines += text.count(b"\n")
        self.is_final = self._stream.is_final
        return text

    def is_intact(self) -> bool:
        return self._stream.is_intact()

    def place(self, at: int, inside: Mapping[bytes, int]) -> tuple[str, bool]:
        return self._stream.place(at, inside)


def _noting(source: LogSource, noted: _Noted) -> Source:
    if source.machine is None and isinstance(source.log, FileLog):
        return _NotedSource(LogFile(source.log.path, _BOUNDS), noted)
    host = _NotedHost(host_of(source, PATIENCE), noted)
    return _NotedSource(on(host, source.log, _BOUNDS), noted)


def _origin() -> Origin:
    """Of an instance that need not exist: nothing of it is stored."""
    return Origin(_NOBODY, _NOBODY, _NOBODY, _NOBODY, Origins.LOG, environment="PRODUCTION")
