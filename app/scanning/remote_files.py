"""What a host says of files: one command each, of what every POSIX system or busybox has, with `stat`.

Comes in: paths. Goes out: how files look, and their bytes, followed by how the file looks then.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from app.errors import SourceUnreadable
from app.scanning.host import Host
from app.scanning.log_place import Seen
from app.scanning.rotation import HEAD, is_rotated
from app.scanning.stamped_stream import BLOCK, Heard, heard

_PAGE: Final = 64 * 1024
_LOOK: Final = "stat -L -c '%d %i %s %y'"
_READ: Final = f"""
path=$1 device=$2 inode=$3 offset=$4 back=$5 limit=$6 first=$7
say() {{ echo "$1 $(date +%s)"; exit 0; }}
[ -e "$path" ] || say absent
[ -f "$path" ] || say odd
[ -r "$path" ] || say closed
exec 3<"$path"
file=/dev/fd/3
bytes() {{ set -- $(od -An -v -tx1 -N {HEAD} "$file"); IFS=; echo "$*"; }}
set -- $({_LOOK} "$file")
size=$3 from=0 end=0
if [ -z "$inode" ]; then
    offset=$(( size > first ? size - first : 0 ))
elif [ "$1" != "$device" ] || [ "$2" != "$inode" ] || [ "$size" -lt "$offset" ]; then
    offset=$size
fi
if [ "$offset" -lt "$size" ]; then
    from=$(( (offset > back ? offset - back : 0) / {_PAGE} * {_PAGE} ))
    end=$(( size - offset > limit ? (offset + limit) / {_PAGE} * {_PAGE} : size ))
fi
whole=$(( (end - from) / {_PAGE} ))
rest=$(( end - from - whole * {_PAGE} ))
echo "file $1 $2 $3 $4 $5 ${{6:-+0000}} -$(bytes) $from $end $(date +%s)"
if [ "$whole" -gt 0 ]; then
    dd "if=$file" bs={_PAGE} skip=$(( from / {_PAGE} )) count="$whole" || exit 1
fi
if [ "$rest" -gt 0 ]; then
    tail -c "+$(( end - rest + 1 ))" "$file" | head -c "$rest"
fi
echo "$(stat -L -c '%s' "$file") -$(bytes)"
"""
"""Arguments: the path; device, inode and offset of the position, empty where there is none; how many bytes at most before
it, behind it, and of the end of the file where there is no position. More may come before it, to the begin of a page.
A pipe would take as long again as reading whole pages does; so the two programs of one get the end only."""
_LIST: Final = f"""
bytes() {{ set -- $(od -An -v -tx1 -N {HEAD} "$1"); IFS=; echo "$*"; }}
list() {{
    for path in "$@"; do
        if [ -f "$path" ] && [ -r "$path" ] && [ -s "$path" ]; then
            echo "$({_LOOK} "$path") -$(bytes "$path")"
            printf '%s\\0' "$path"
        fi
    done
}}
echo "ok $(date +%s)"
cd -- "$1" 2>/dev/null || exit 0
list ./"$2"?* ./"$3"?*"$4"
"""
"""Arguments: the folder; the file's name, its stem and suffix."""
_LOOKED: Final = re.compile(
    r"(\d+) (\d+) (\d+) (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d* ?([+-]\d{4})? -([0-9a-f]*)(?: (\d+) (\d+))?"
)
_MOST: Final = 8 * 1024 * 1024
_REFUSALS: Final = {
    "absent": "there is no file {}",
    "odd": "{} is not a file",
    "closed": "there is no permission to read {}",
}


@dataclass(slots=True)
class Chunk:
    """A part of a file, from offset `start` to `end`; `clock` is the time there, in seconds."""

    file: Seen
    start: int
    end: int
    clock: int
    _source: Heard
    _at: int = 0

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none: that was all. Raises SourceUnreadable."""
        left = self.end - self.start - self._at
        if left <= 0:
            return b""
        read = self._source.rest or self._source.output.read(BLOCK)
        size = min(size, left)
        self._source.rest = read[size:]
        self._at += len(read[:size])
        return read[:size]

    def is_intact(self) -> bool:
        """Whether the file still reached to the end and began as before when that had been read. Raises SourceUnreadable."""
        while self.read(BLOCK):
            pass
        if self._at < self.end - self.start:
            return False
        trailer = b""
        while len(trailer) <= 4 * HEAD and (read := self._source.read()):
            trailer += read
        found = re.fullmatch(rb"(\d+) -([0-9a-f]*)\n", trailer)
        if not found:
            return False
        return int(found[1]) >= self.end and bytes.fromhex(found[2].decode()).startswith(self.file.head)


@contextmanager
def chunk(
    host: Host, path: str, at: tuple[int, int, int] | None, back: int, limit: int, first: int
) -> Iterator[Chunk]:
    """A file from a place on, told by device, inode and offset; nothing of it, if it is not there.

    `back`: so many bytes before the place, or some more, come first; `limit`, of 64 KiB and more: so many behind it, or
    some less. Raises SourceUnreadable, and FileNotFoundError as its cause where there is no file.
    """
    place = [str(number) for number in at] if at else ["", "", "0"]
    with host.run(["sh", "-c", _READ, "sh", path, *place, str(back), str(limit), str(first)]) as output:
        source = heard(output)
        word, _, rest = source.header.partition(" ")
        if word in _REFUSALS:
            cause = FileNotFoundError(path) if word == "absent" else None
            raise SourceUnreadable(_REFUSALS[word].format(path)) from cause
        file, start, end = _seen(path, rest)
        yield Chunk(file, start, end, source.clock, source)


def rotated_files(host: Host, path: str, current: Seen | None) -> list[Seen]:
    """The files beside a log that it may have been rotated to, by their last change, oldest first. Raises SourceUnreadable.

    Compressed and empty ones are not among them, nor is the log itself by another name.
    """
    log = PurePosixPath(path)
    words = ["sh", "-c", _LIST, "sh", str(log.parent), log.name, log.stem, log.suffix]
    with host.run(words) as output:
        source, text = heard(output), b""
        while read := source.read():
            text += read
            if len(text) > _MOST:
                raise SourceUnreadable(f"there are too many files beside {path}")
    files: dict[str, Seen] = {}
    for look, name in re.findall(rb"([^\n\0]*)\n\./([^\0]*)\0", text):
        named = name.decode("utf-8", "surrogateescape")
        # A name that is no text could not be asked for.
        if not named.isprintable() or not is_rotated(named, log):
            continue
        file, _, _ = _seen(str(log.parent / named), look.decode("ascii", "replace"))
        if not current or file.inode != current.inode:
            files[named] = file
    return sorted(files.values(), key=lambda file: file.modified)


def _seen(path: str, look: str) -> tuple[Seen, int, int]:
    found = _LOOKED.fullmatch(look)
    if not found:
        raise SourceUnreadable(f"what stat says of {path} is not understood: {look[:200]}")
    device, inode, size, day, clock, fraction, zone, head, start, end = found.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}{zone or '+0000'}")
    modified = int(moment.timestamp()) * 10**9 + int((fraction or "0").ljust(9, "0"))
    seen = Seen(path, int(device), int(inode), int(size), modified, bytes.fromhex(head)[: int(size)])
    return seen, int(start or 0), int(end or 0)
