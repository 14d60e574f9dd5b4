"""What the servers say, kept in files of bounded size."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from app.embedded.folder import open_file

_LIMIT: Final = 5_000_000


@dataclass
class Log:
    """A server's output, kept in two files of bounded size: `name` and, older, `name`.1."""

    folder: Path
    name: str
    begun: int = 0

    @property
    def path(self) -> Path:
        return self.folder / self.name

    def open(self) -> int:
        """A file to write to, which the caller closes; what comes from now on is this start's."""
        file = open_file(self.folder, self.name, os.O_WRONLY | os.O_APPEND)
        self.begun = os.fstat(file).st_size
        if self.begun > _LIMIT:
            os.close(file)
            self.path.rename(self.path.with_name(f"{self.name}.1"))
            return self.open()
        return file

    def trim(self) -> None:
        """Begin anew if it is too long; a line that is written in this very moment may be lost."""
        with suppress(OSError), self._file(os.O_RDWR) as log:
            if os.fstat(log.fileno()).st_size > _LIMIT:
                with os.fdopen(
                    open_file(self.folder, f"{self.name}.1", os.O_WRONLY | os.O_TRUNC), "wb"
                ) as older:
                    shutil.copyfileobj(log, older)
                os.truncate(log.fileno(), 0)

    def last_words(self) -> str:
        """The last lines since this start."""
        with suppress(OSError), self._file(os.O_RDONLY) as log:
            log.seek(max(self.begun, os.fstat(log.fileno()).st_size - 4000))
            return last_lines(log.read())
        return ""

    def _file(self, flags: int) -> BinaryIO:
        return os.fdopen(open_file(self.folder, self.name, flags), "rb")


def last_lines(output: bytes) -> str:
    """The end of a program's output, as the end of a message."""
    lines = output.decode(errors="replace").strip().splitlines()[-12:]
    return "".join(f"\n  {line[:400]}" for line in lines)
