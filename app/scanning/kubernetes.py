"""The source that is the log of a container in one or several pods, read with `kubectl logs`.

Comes in: the namespace, what tells the pods, and the position where the last scan stopped. Goes out: the text from there
on, one pod at a time, each with a cursor of its own. After a restart the rest of the old container's log comes first.

What cannot be read: lines that the node has rotated away since the last scan (kubectl gives only the newest file), and what
a pod wrote after the last scan before it was removed. Both are said.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Final

import msgspec

from app.errors import SourceUnreadable
from app.scanning import positions
from app.scanning.host import Host
from app.scanning.kubernetes_streams import Nothing, UnprovenStream
from app.scanning.pods import Pod, Pods
from app.scanning.source import Bounds, Stream
from app.scanning.stamped_stream import LOST, Habits, Heard, StampedStream, first_since, heard, opened, utc
from app.scanning.tail_cursor import Tail

_log = logging.getLogger(__name__)

_LOGS: Final = """
command -v kubectl >/dev/null || { echo 'there is no program kubectl' >&2; exit 1; }
echo "ok $(date +%s)"
namespace=$1 container=$2 previous=$3 pod=$4
if [ -n "$5" ]; then set -- "--since-time=$5"; else set --; fi
exec kubectl logs --namespace "$namespace" --container "$container" "--previous=$previous" --timestamps "$@" -- "$pod"
"""
"""Arguments: the namespace, container, whether the one before it, the pod, when to begin."""
_END: Final = """
command -v kubectl >/dev/null || { echo 'there is no program kubectl' >&2; exit 1; }
said=$({ kubectl logs --namespace "$1" --container "$2" --timestamps "--tail=$4" -- "$3"; printf '\\n%s\\n' "$?"; } |
    tail -c "$5" | sed -n -e '1,/^[0-9]*-[0-9]*-[0-9]*T/{/^[0-9]*-[0-9]*-[0-9]*T/p;}' -e '$p' | cut -b 1-500)
case $said in
    0|*[!0-9]0) printf '%s\\n' "$said" ;;
    *) exit 1 ;;
esac
"""
"""Arguments: the namespace, container, pod, so many lines at most, so many bytes at most. Writes the first line of that
part that has a timestamp; ends badly where kubectl does: the pipe alone would not say so."""
_SHORT_LINE: Final = 32


class Cursor(msgspec.Struct, frozen=True):
    """How far the log of one container was read; it is told by its id, the pod by its uid."""

    pod: str
    uid: str
    id: str
    tail: Tail


class Position(msgspec.Struct, frozen=True):
    """The cursors of all pods. `last` is the name of the pod that was read last; the uids of those `done` are in turn again
    when all are. `selector` is what tells the pods."""

    namespace: str
    target: str
    container: str
    selector: str
    cursors: list[Cursor] = []
    done: list[str] = []
    last: str = ""


class Kubernetes:
    """The log of a container in pods. `container`: empty for the pod's default, or its first one."""

    def __init__(self, host: Host, namespace: str, target: str, container: str, bounds: Bounds) -> None:
        """Raises SourceUnreadable where a name is none."""
        self._host = host
        self._pods = Pods(namespace, target, container)
        self._bounds = bounds

    @contextmanager
    def open(self, position: str, *, now: datetime) -> Iterator[Stream]:
        """The text from the position on, of the pod whose turn it is. Raises SourceUnreadable."""
        pods = self._pods
        known = positions.known(position, Position)
        if not known or (known.namespace, known.target, known.container) != (
            pods.namespace,
            pods.target,
            pods.container,
        ):
            known = Position(pods.namespace, pods.target, pods.container, pods.selector(self._host))
        with ExitStack() as stack:
            yield self._next(known, stack)

    def _next(self, known: Position, stack: ExitStack) -> Stream:
        """The stream of the pod whose turn it is; of those that cannot be read, the next one's."""
        pods = self._pods.listed(self._host, known.selector)
        missed = _gone(known, pods)
        if not pods:
            raise SourceUnreadable(f"no pod that has started is named by {known.target}")
        known = _among(known, pods)
        failed: list[SourceUnreadable] = []
        for pod in _in_turn(known, pods):
            try:
                turn = _Turn(self._host, self._pods, self._bounds, known, pod, len(pods))
                stream = stack.enter_context(turn.stream())
            except SourceUnreadable as refused:
                # Nothing of it is lost: its turn comes again with the next scan, from where it was read to.
                failed.append(refused)
                told = {"pod": pod.name, "reason": refused.message}
                _log.warning("a pod cannot be read for the moment", extra=told)
                known = msgspec.structs.replace(known, done=[*known.done, pod.uid], last=pod.name)
                continue
            stream.missed = "; ".join(filter(None, [*missed, stream.missed]))
            return stream
        if len(failed) >= len(pods):
            raise failed[0]
        begun = msgspec.structs.replace(known, done=[])
        return Nothing(msgspec.json.encode(begun).decode(), "; ".join(missed))


class _Turn:
    """Reading one pod."""

    def __init__(self, host: Host, pods: Pods, bounds: Bounds, known: Position, pod: Pod, among: int) -> None:
        self._host = host
        self._pods = pods
        self._bounds = bounds
        self._known = known
        self._pod = pod
        self._among = among
        self._cursor = next((cursor for cursor in known.cursors if cursor.uid == pod.uid), None)
        self._missed = ""

    @contextmanager
    def stream(self) -> Iterator[StampedStream | UnprovenStream]:
        """The text of the container's log, or first that of the one before it. Raises SourceUnreadable."""
        pod, cursor = self._pod, self._cursor
        if cursor is None:
            with self._read(Tail(since=self._first()), is_over=False) as stream:
                yield stream
            return
        if cursor.id == pod.current:
            with self._read(cursor.tail, is_over=False) as stream:
                yield stream
            return
        if cursor.id != pod.previous:
            self._missed = (
                f"the container of {pod.name} was started anew more than once; a log in between is gone"
            )
        with ExitStack() as stack:
            rest = self._rest(stack) if pod.previous else None
            yield rest or stack.enter_context(self._read(Tail(), is_over=False))

    def _rest(self, stack: ExitStack) -> StampedStream | UnprovenStream | None:
        """What the container before the current one wrote; None where its log has gone."""
        cursor = self._cursor
        tail = cursor.tail if cursor and cursor.id == self._pod.previous else Tail()
        try:
            return stack.enter_context(self._read(tail, is_over=True))
        except SourceUnreadable as refused:
            if "not found" not in refused.message:
                raise
            self._missed = f"the log of the container of {self._pod.name} before its restart is gone"
            return None

    @contextmanager
    def _read(self, tail: Tail, *, is_over: bool) -> Iterator[StampedStream | UnprovenStream]:
        pod = self._pod
        container_id = pod.previous if is_over else pod.current

        @contextmanager
        def run(since: int | None) -> Iterator[Heard]:
            begin = "" if since is None else utc(since)
            words = [self._pods.namespace, pod.container, "true" if is_over else "false", pod.name, begin]
            with self._host.run(["sh", "-c", _LOGS, "sh", *words]) as output:
                yield heard(output)

        def place(tail: Tail, has_more: bool) -> tuple[str, bool]:
            is_done = not has_more
            cursor = Cursor(pod.name, pod.uid, container_id, tail)
            if is_over and is_done:
                cursor, is_done = Cursor(pod.name, pod.uid, pod.current, Tail()), False
            return self._place(cursor, is_done=is_done)

        with ExitStack() as command:
            opening, here = command.enter_context(opened(run, tail))
            lost = LOST if tail.count and not here.count else ""
            missed = "; ".join(filter(None, [self._missed, lost]))
            habits = Habits(is_lasting=False, idle=self._bounds.idle, is_over=is_over)
            stream = StampedStream(opening, here, habits, place, missed)
            yield stream if here.count else UnprovenStream(stream, command.close, self._is_the_same)

    def _is_the_same(self) -> bool:
        """Whether the containers are still those that they were when the log was asked for."""
        return self._pod in self._pods.listed(self._host, self._known.selector)

    def _first(self) -> int | None:
        count = max(1, self._bounds.first // _SHORT_LINE)
        words = [
            self._pods.namespace,
            self._pod.container,
            self._pod.name,
            str(count),
            str(self._bounds.first),
        ]
        return first_since(self._host, ["sh", "-c", _END, "sh", *words])

    def _place(self, cursor: Cursor, *, is_done: bool) -> tuple[str, bool]:
        known = self._known
        done = [*known.done, cursor.uid] if is_done else known.done
        is_over = len(done) >= self._among
        cursors = [other for other in known.cursors if other.uid != cursor.uid]
        position = msgspec.structs.replace(
            known, cursors=[*cursors, cursor], done=[] if is_over else done, last=cursor.pod
        )
        return msgspec.json.encode(position).decode(), not is_over


def _in_turn(known: Position, pods: list[Pod]) -> list[Pod]:
    """Those that were not read to their end yet, the next after the last one first."""
    waiting = [pod for pod in pods if pod.uid not in known.done]
    return [pod for pod in waiting if pod.name > known.last] + [
        pod for pod in waiting if pod.name <= known.last
    ]


def _gone(known: Position, pods: list[Pod]) -> list[str]:
    here = {pod.uid for pod in pods}
    return [
        f"the pod {cursor.pod} is gone, and with it what it wrote after the last scan"
        for cursor in known.cursors
        if cursor.uid not in here
    ]


def _among(known: Position, pods: list[Pod]) -> Position:
    """The position without pods that are gone."""
    here = {pod.uid for pod in pods}
    done = [uid for uid in known.done if uid in here]
    return msgspec.structs.replace(
        known,
        cursors=[cursor for cursor in known.cursors if cursor.uid in here],
        done=done if len(done) < len(here) else [],
    )
