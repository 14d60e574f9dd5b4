"""A stand-in for the program `docker`, as far as it concerns the logs of containers.

It behaves as version 28 does: `--since` is inclusive and no longer asked once a line has come that is not too early,
each part of a long line has its timestamp, errors end with status 1. What there is stands in a folder: `NAME.id`,
`ID.log`; `down`: there is no daemon; `cut`: so many bytes come until the daemon is gone; `cut-end`: the same, but only
where the end of a log is asked for.
"""

import sys
from pathlib import Path

from tests.scanning.stand_ins import container_logs as logs

Said = list[tuple[int, bytes]]


def docker(folder: Path, words: list[str]) -> tuple[Said, int]:
    """What the program writes, to standard output (1) or error (2), in its order; and its exit status."""
    if (folder / "down").exists():
        return _refused(
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
        )
    match words:
        case ["container", "inspect", "--format", "{{.Id}}", "--", name]:
            found = _id(folder, name)
            return ([(1, found.encode() + b"\n")], 0) if found else _no_such(name)
        case ["logs", "--timestamps", "--tail", count, "--", name]:
            return _logs(folder, name, None, int(count))
        case ["logs", "--timestamps", "--since", since, "--", name]:
            return _logs(folder, name, logs.nanoseconds(since), None)
        case ["logs", "--timestamps", "--", name]:
            return _logs(folder, name, None, None)
    return _refused(f"unknown command: docker {' '.join(words)}")


def _logs(folder: Path, name: str, since: int | None, count: int | None) -> tuple[Said, int]:
    found = _id(folder, name)
    if not found:
        return _no_such(name)
    log = logs.messages(folder / f"{found}.log")
    if count is not None:
        log = logs.last_lines(log, count)
    said = [
        (message.stream, logs.stamp(message.time) + message.text)
        for message in logs.since(log, since, is_lasting=True)
    ]
    limit = folder / ("cut" if count is None or (folder / "cut").exists() else "cut-end")
    if limit.exists():
        text = b"".join(text for _, text in said)[: int(limit.read_text())]
        return [(2, text), (2, b"\nerror from daemon in stream: unexpected EOF\n")], 1
    return said, 0


def _id(folder: Path, name: str) -> str:
    if (folder / f"{name}.log").exists():
        return name
    path = folder / f"{name}.id"
    return path.read_text() if path.exists() else ""


def _no_such(name: str) -> tuple[Said, int]:
    return _refused(f"Error response from daemon: No such container: {name}")


def _refused(words: str) -> tuple[Said, int]:
    return [(2, words.encode() + b"\n")], 1


if __name__ == "__main__":
    spoken, status = docker(Path(sys.argv[1]), sys.argv[2:])
    for stream, text in spoken:
        (sys.stdout if stream == 1 else sys.stderr).buffer.write(text)
        (sys.stdout if stream == 1 else sys.stderr).buffer.flush()
    sys.exit(status)
