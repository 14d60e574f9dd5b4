"""PostgreSQL and Valkey of our own, for a first look, for tests, and for whoever has no servers of their own.

Comes in: a data folder. Goes out: the two servers' URLs, once they are ready. They end with us, however we end.
"""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from app.embedded import postgres as postgresql
from app.embedded import valkey as valkey_server
from app.embedded.binaries import POSTGRES, VALKEY, find
from app.embedded.errors import EmbeddedError
from app.embedded.folder import Place, claim
from app.embedded.running import Server, start_all, stop_all

__all__ = ["Embedded", "EmbeddedError", "Server", "start"]


@dataclass
class Embedded:
    """The servers of one data folder, which is ours until `stop`; None: not asked for."""

    place: Place
    postgres: Server | None = None
    valkey: Server | None = None

    @property
    def servers(self) -> list[Server]:
        """Those that were asked for."""
        return [server for server in (self.postgres, self.valkey) if server]

    def trim_logs(self) -> None:
        """Keep the servers' logs short; to be called now and then."""
        for server in self.servers:
            server.log.trim()

    def stop(self, timeout: float = 7.0) -> None:
        """End the servers and let go of the data folder; done twice it does nothing."""
        try:
            stop_all(self.servers, timeout)
        finally:
            self.place.release()

    def __enter__(self) -> "Embedded":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_folder: Path, *, postgres: bool = True, valkey: bool = True) -> Embedded:
    """Start the servers that are wanted, each on its part of the data folder.

    EmbeddedError: why that is not possible; then nothing was left running.
    """
    for kind in [POSTGRES] * postgres + [VALKEY] * valkey:
        find(kind)  # before anything is made on the disk
    embedded = Embedded(claim(data_folder))
    try:
        if valkey:
            embedded.valkey = valkey_server.server(embedded.place)
        if postgres:  # last, as it may make a whole database
            embedded.postgres = postgresql.server(embedded.place)
        start_all(embedded.servers)
    except BaseException:
        embedded.place.release()
        raise
    return embedded
