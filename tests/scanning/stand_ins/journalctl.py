"""A stand-in for the program `journalctl`, as far as it concerns the entries of a unit.

It behaves as version 252 does: a cursor whose entry has gone leads to the next one, text that is not printable comes as
a list of bytes. The journal is a folder with one file, `journal`, of one JSON list for each entry.
"""

import json
import sys
from pathlib import Path

SEQUENCE = "af0f83291069480d9ec442b3f9b6dae5"
BOOT = "4f3a1e0e4e0a4b61a6c8c5a0a1a1a1a1"


def cursor(number: int, time: int) -> str:
    """That of an entry, by its number and time in microseconds."""
    return f"s={SEQUENCE};i={number:x};b={BOOT};m={time % 10**12:x};t={time:x};x={number * 7919:x}"


def journalctl(folder: Path, words: list[str]) -> tuple[bytes, bytes, int]:
    """What the program writes to standard output and error, and its exit status."""
    options = dict(word.removeprefix("--").partition("=")[::2] for word in words)
    if not {"output", "all", "quiet", "no-pager", "output-fields", "unit"} <= set(options):
        return b"", f"unknown option in {words}\n".encode(), 1
    with (folder / "journal").open() as file:
        entries = [json.loads(line) for line in file]
    if "cursor" in options:
        fields = dict(part.partition("=")[::2] for part in options["cursor"].split(";"))
        if "i" not in fields:
            return b"", b"Failed to seek to cursor: Invalid argument\n", 1
        first = int(fields["i"], 16)
        entries = [entry for entry in entries if entry[0] >= first]
    if "since" in options:
        since = int(options["since"].removeprefix("@")) * 1_000_000
        entries = [entry for entry in entries if entry[1] >= since]
    entries = [entry for entry in entries if entry[2] == options["unit"]]
    if "lines" in options:
        entries = entries[-int(options["lines"]) :]
    said = b"".join(_shown(*entry) for entry in entries)
    if (folder / "cut").exists():
        return said[: int((folder / "cut").read_text())], b"Failed to get data: Bad message\n", 1
    return said, b"", 0


def _shown(number: int, time: int, _unit: str, message: str | None, is_cut: bool) -> bytes:
    fields: dict[str, object] = {"__REALTIME_TIMESTAMP": str(time), "_BOOT_ID": BOOT}
    if message is not None:
        raw = message.encode("latin-1")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = "\0"
        is_text = all(letter.isprintable() or letter in "\n\t" for letter in text)
        fields["MESSAGE"] = text if is_text else list(raw)
    if is_cut:
        fields["_LINE_BREAK"] = "line-max"
    fields["__CURSOR"] = cursor(number, time)
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


if __name__ == "__main__":
    said, complaint, status = journalctl(Path(sys.argv[1]), sys.argv[2:])
    sys.stdout.buffer.write(said)
    sys.stderr.buffer.write(complaint)
    sys.exit(status)
