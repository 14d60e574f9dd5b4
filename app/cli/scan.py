"""`snaglist scan`: errors of log files as a table for people or as JSON lines for programs."""

import gzip
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import msgspec
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from app.domain import enrichment, severity
from app.domain.detections import Detection, Detector, Rules
from app.scanning.log_scan import Finding, detections

STANDARD_INPUT: Final = "-"
_GZIP_MAGIC: Final = b"\x1f\x8b"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_COLOURS: Final = {"critical": "bold red", "high": "yellow", "medium": "cyan"}


def as_json(files: Sequence[str], rules: Rules) -> int:
    """Write one JSON object per detection to standard output, one a line; the exit status comes out."""
    failures = _Failures()
    encoder = msgspec.json.Encoder()
    out = sys.stdout.buffer
    for name, finding in _findings(files, Detector(rules), failures):
        out.write(encoder.encode(shown(name, finding)) + b"\n")
    out.flush()
    return failures.exit_status


def as_table(files: Sequence[str], rules: Rules) -> int:
    """Write a table with one row per fingerprint to standard output; the exit status comes out."""
    failures = _Failures()
    rows: dict[str, _Row] = {}
    for _, finding in _findings(files, Detector(rules), failures):
        found = finding.detection
        row = rows.get(found.fingerprint.digest)
        if row is None:
            row = rows[found.fingerprint.digest] = _Row(found)
        row.add(found)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    if rows:
        console.print(_table(list(rows.values()), console.width))
    total = sum(row.count for row in rows.values())
    console.print(f"{total} detections, {len(rows)} different errors" if rows else "No errors found.")
    return failures.exit_status


class _Failures:
    """The files that could not be read; each is told on standard error."""

    exit_status = 0

    def tell(self, name: str, why: str) -> None:
        print(f"snaglist: {_plain(name)}: {why}", file=sys.stderr)  # noqa: T201  the command's own output
        self.exit_status = 1


@dataclass
class _Row:
    """One different error in the table."""

    example: Detection
    count: int = 0
    first: str = ""
    last: str = ""

    def add(self, detection: Detection) -> None:
        self.count += 1
        if detection.timestamp:
            seen = detection.timestamp.strftime("%Y-%m-%d %H:%M:%S")
            self.first = min(self.first or seen, seen)
            self.last = max(self.last, seen)


def _findings(files: Sequence[str], detector: Detector, failures: _Failures) -> Iterator[tuple[str, Finding]]:
    for name in files:
        try:
            with _opened(name) as stream, _Watched(stream, name) as watched:
                for finding in detections(watched, detector):
                    yield name, finding
        except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
            failures.tell(name, f"broken gzip data, read up to there ({broken})")
        except BrokenPipeError:
            raise
        except OSError as refused:
            failures.tell(name, refused.strerror or str(refused))


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    with nullcontext(sys.stdin.buffer) if name == STANDARD_INPUT else Path(name).open("rb") as raw:
        is_packed = cast("BufferedReader", raw).peek(2)[:2] == _GZIP_MAGIC
        with gzip.GzipFile(fileobj=raw) if is_packed else nullcontext(raw) as stream:
            yield cast("BinaryIO", stream)


class _Watched:
    """A stream that shows on a terminal how far it was read."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._file = getattr(stream, "fileobj", stream)
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        size = Path(name).stat().st_size if name != STANDARD_INPUT else 0
        self._task = self._progress.add_task(_plain(name), total=size or None)

    def __enter__(self) -> "_Watched":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def readinto(self, buffer: memoryview) -> int:
        count = self._stream.readinto(buffer)  # type: ignore[attr-defined]
        if not self._progress.disable and self._file.seekable():
            self._progress.update(self._task, completed=self._file.tell())
        return cast("int", count)


def shown(name: str, finding: Finding) -> dict[str, Any]:
    """One detection as a JSON object: every key always present, None where unknown."""
    detection, block, around = finding.detection, finding.block, finding.around
    header = detection.header
    return {
        "file": name,
        "line": block.line,
        "end_line": block.end_line,
        "kind": detection.kind,
        "severity": detection.severity,
        "level": header.level if header else None,
        "logger": (header.logger or None) if header else None,
        "database": header.database if header else None,
        "pid": header.pid if header else None,
        "timestamp": detection.timestamp.isoformat(timespec="milliseconds") if detection.timestamp else None,
        "exception_type": detection.exception_type,
        "message": detection.message,
        "chain": detection.chain,
        "frames": [
            {"path": f.path, "line": f.line, "function": f.function, "module": f.module, "in_app": f.in_app}
            for f in detection.frames
        ],
        "module": detection.module,
        "fingerprint": detection.fingerprint.digest,
        "context_before": around.context_before(),
        "context_after": around.context_after(),
        "enrichment": asdict(enrichment.enrich(detection, block.text, around)),
    }


def _table(rows: list[_Row], width: int) -> Table:
    is_narrow = width < 120
    cut = slice(5, 16) if is_narrow else slice(0, 16)  # without the year
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    table.add_column("Severity", no_wrap=True, min_width=8)
    table.add_column("Count", no_wrap=True, min_width=5, justify="right")
    table.add_column("Exception", overflow="fold", max_width=12 if is_narrow else 40)
    table.add_column("Module", overflow="fold", max_width=9 if is_narrow else 24)
    table.add_column("Message", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("First seen", no_wrap=True, min_width=11 if is_narrow else 16)
    table.add_column("Last seen", no_wrap=True, min_width=11 if is_narrow else 16)
    for row in sorted(
        rows, key=lambda row: (severity.ORDER.index(row.example.severity), -row.count, row.first)
    ):
        found = row.example
        cells = [
            str(row.count),
            (found.exception_type or found.kind).rpartition(".")[2],
            found.module or "-",
            found.message[:500],
        ]
        cells += [row.first[cut] or "-", row.last[cut] or "-"]
        table.add_row(
            Text(found.severity, style=_COLOURS[found.severity]), *(Text(_plain(cell)) for cell in cells)
        )
    return table


def _plain(text: str) -> str:
    """Text of a log, safe to print on a terminal and in one line."""
    return _UNPRINTABLE.sub(" ", text)
