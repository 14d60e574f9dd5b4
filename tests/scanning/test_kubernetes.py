"""Logs that `kubectl logs` writes: of one pod or several, through restarts and replacement, exactly once."""

import json
import random
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import SourceUnreadable
from app.scanning import kubernetes as subject
from app.scanning import tail_cursor
from app.scanning.host import Host
from app.scanning.kubernetes import Kubernetes, Position
from app.scanning.local_host import LocalHost
from app.scanning.source import Bounds
from tests.scanning.reader import Copyist, Reader, error
from tests.scanning.stand_ins.container_logs import SECOND, append, cut
from tests.scanning.stand_ins.hosts import Inside, install
from tests.scanning.stand_ins.kubectl import kubectl
from tests.scanning.test_blocks import PATIENT

BEGIN = 1_772_352_000
LATER = BEGIN + 360_000


class Cluster:
    """Pods, and somebody who writes to their logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pods: list[dict[str, Any]] = []
        self.time = BEGIN * SECOND
        self.started = 0
        self.meanwhile: list[Any] = []
        """What happens before the next commands."""

    def add(self, name: str, uid: str = "") -> None:
        """A new pod."""
        self.pods.append(
            {"name": name, "uid": uid or f"uid-{name}", "labels": {"app": "odoo"}, "previous": "", "id": ""}
        )
        self.restart(name)

    def remove(self, name: str) -> None:
        self.pods = [pod for pod in self.pods if pod["name"] != name]
        self._store()

    def restart(self, name: str) -> None:
        """Its container goes and another comes; the one before the last is forgotten."""
        self.started += 1
        pod = self.pod(name)
        pod["previous"], pod["id"] = pod["id"], f"container{self.started}"
        (self.folder / f"{pod['id']}.log").touch()
        self._store()

    def pod(self, name: str) -> dict[str, Any]:
        return next(pod for pod in self.pods if pod["name"] == name)

    def log(self, name: str) -> Path:
        return self.folder / f"{self.pod(name)['id']}.log"

    def write(self, name: str, text: bytes, *, back: int = 0, step: int = 1000) -> None:
        self.time += step
        parts = cut(text, self.time - back)
        append(self.log(name), [part._replace(time=part.time + number) for number, part in enumerate(parts)])

    def rotate(self, name: str) -> None:
        """Begin a new file; of the old one `kubectl` shows nothing. That takes a moment: no clock stands still."""
        self.time += 777_777
        self.log(name).write_text("")

    def host(self, sizes: Sequence[int] = (1 << 20,)) -> Inside:
        return Inside(self._answer, cycle(sizes))

    def _store(self) -> None:
        selector = {"matchLabels": {"app": "odoo"}}
        found = {"namespace": "prod", "pods": self.pods, "controllers": {"deploy/odoo": selector}}
        (self.folder / "pods.json").write_text(json.dumps(found))

    def _answer(self, command: Sequence[str]) -> tuple[bytes, bytes, int]:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        if command[0] == "kubectl":
            return kubectl(self.folder, list(command[1:]))
        script, words = command[2], list(command[4:])
        if script == subject._END:
            namespace, container, pod, count, size = words
            options = ["--namespace", namespace, "--container", container, "--timestamps", f"--tail={count}"]
            said, _, _ = kubectl(self.folder, ["logs", *options, "--", pod])
            return said[-int(size) :], b"", 0
        namespace, container, previous, pod, since = words
        options = [
            "--namespace",
            namespace,
            "--container",
            container,
            f"--previous={previous}",
            "--timestamps",
        ]
        options += [f"--since-time={since}"] if since else []
        said, complaint, status = kubectl(self.folder, ["logs", *options, "--", pod])
        assert not (status and b"understood" in complaint)
        return f"ok {LATER}\n".encode() + said, complaint, status


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


def _whose(position: str) -> str:
    return msgspec.json.decode(position, type=Position).last


def copyist(host: Host, target: str = "deploy/odoo") -> Copyist:
    return Copyist(lambda bounds: Kubernetes(host, "prod", target, "odoo", bounds), Bounds(), _whose)


def reader(host: Host, target: str = "deploy/odoo", bounds: Bounds = Bounds()) -> Reader:  # noqa: B008  frozen
    return Reader(lambda some: Kubernetes(host, "prod", target, "odoo", some), bounds)


def forever(copy: Copyist) -> bytes:
    for _ in range(1000):
        if not copy.batch(1 << 30, 1 << 20):
            return copy.text
    raise AssertionError("there is always more")


LINES = st.sampled_from([b"same", b"", b"x" * 300, b"\0\xff", b"l" * 16384, b"l" * 16385, b"l" * 50_000])
WRITTEN = st.tuples(
    st.sampled_from("ab"),
    LINES,
    st.sampled_from([0, 1, 500, SECOND, 9 * SECOND]),
    st.sampled_from([0, 0, 1, 3 * SECOND]),
)
EVENTS = st.one_of(WRITTEN, WRITTEN, WRITTEN, st.sampled_from(["scan", "batch", "restart", "rotate"]))


@settings(PATIENT, max_examples=250)
@given(
    st.lists(EVENTS, max_size=30),
    st.booleans(),
    st.integers(0, 2**20),
    st.sampled_from([0, 100, 2000, 70_000]),
    st.lists(st.sampled_from([40, 1000, 100_000]), min_size=1, max_size=3),
)
def test_each_pods_log_is_read_as_it_was_written(
    events: list[tuple[str, bytes, int, int] | str], is_old: bool, seed: int, context: int, sizes: list[int]
) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as folder, patch.object(tail_cursor, "BLOCKS", SimpleNamespace(back=context)):
        cluster = Cluster(Path(folder))
        cluster.add("a")
        cluster.add("b")
        if is_old:
            (cluster.folder / "old").touch()
        copy = copyist(cluster.host(sizes))
        written: dict[str, list[bytes]] = {"a": [], "b": []}
        for number, event in enumerate(events):
            if isinstance(event, tuple):
                name, text, step, back = event
                line = b"%s %d " % (name.encode(), number) + text + b"\n"
                cluster.write(name, line, step=step, back=back)
                written[name].append(line)
            elif event == "batch":
                copy.batch(chance.randint(1, 40_000), 9999, chance.randint)
            else:
                forever(copy)
                forever(copy)
                name = chance.choice("ab")
                if event == "restart":
                    cluster.restart(name)
                elif event == "rotate":
                    cluster.rotate(name)
        forever(copy)
        forever(copy)  # a pod may have had its turn before the last lines came
        pods = {name: cluster.pod(name)["uid"] for name in "ab"}
    assert pods == {"a": "uid-a", "b": "uid-b"}
    for name in "ab":
        assert copy.texts.get(name, b"") == b"".join(written[name])


def test_the_end_of_a_dead_containers_log_is_read_before_the_new_one(cluster: Cluster) -> None:
    cluster.add("a")
    scans = reader(cluster.host(), "a")
    cluster.write("a", error(1))
    scans.scan()
    cluster.write("a", error(2) + error(3))
    cluster.restart("a")
    cluster.write("a", error(4))
    assert scans.scan().scan().numbers == [1, 2, 3, 4]


def test_a_dead_containers_log_is_read_on_in_batches(cluster: Cluster) -> None:
    cluster.add("a")
    scans = reader(cluster.host(), "a", Bounds(batch=300))
    scans.scan()
    for number in range(30):
        cluster.write("a", error(number))
    cluster.restart("a")
    for number in range(30, 60):
        cluster.write("a", error(number))
    assert scans.scan().scan().numbers == list(range(60))


def test_what_was_written_between_two_restarts_is_missed_only_where_it_is_gone(cluster: Cluster) -> None:
    cluster.add("a")
    copy = copyist(cluster.host(), "a")
    cluster.write("a", b"one\n")
    forever(copy)
    for line in (b"two\n", b"three\n"):
        cluster.restart("a")
        cluster.write("a", line)
    assert forever(copy) == b"one\ntwo\nthree\n"
    assert copy.missed == ["the container of a was started anew more than once; a log in between is gone"]


def test_a_log_of_before_the_restart_that_is_gone_is_said(cluster: Cluster) -> None:
    cluster.add("a")
    copy = copyist(cluster.host(), "a")
    cluster.write("a", b"one\n")
    forever(copy)
    path = cluster.log("a")
    cluster.restart("a")
    path.unlink()
    cluster.write("a", b"two\n")
    assert forever(copy) == b"one\ntwo\n"
    assert copy.missed == ["the log of the container of a before its restart is gone"]


@pytest.mark.parametrize("moment", range(1, 5))
def test_a_restart_while_it_is_asked_for_loses_nothing(cluster: Cluster, moment: int) -> None:
    cluster.add("a")
    copy = copyist(cluster.host(), "a")
    forever(copy)
    cluster.write("a", b"one\n")

    def restart() -> None:
        cluster.restart("a")
        cluster.write("a", b"two\n")

    cluster.meanwhile = [lambda: None] * moment + [restart]
    copy.batch(1000, 1000)
    while cluster.meanwhile:
        forever(copy)
    assert forever(copy) == b"one\ntwo\n"


def test_lines_that_the_node_rotated_away_are_missed_and_that_is_said(cluster: Cluster) -> None:
    cluster.add("a")
    copy = copyist(cluster.host(), "a")
    cluster.write("a", b"one\n")
    forever(copy)
    cluster.write("a", b"gone\n")
    cluster.rotate("a")
    cluster.write("a", b"two\n")
    assert forever(copy) == b"one\ntwo\n"
    assert copy.missed == ["the log was rotated; lines that were not read yet may be gone"]


def test_a_replaced_pod_is_followed(cluster: Cluster) -> None:
    cluster.add("odoo-7d-abc")
    copy = copyist(cluster.host(), "app=odoo")
    cluster.write("odoo-7d-abc", b"one\n")
    forever(copy)
    cluster.remove("odoo-7d-abc")
    cluster.add("odoo-9f-xyz")
    cluster.write("odoo-9f-xyz", b"two\n")
    assert forever(copy) == b"one\ntwo\n"
    assert copy.missed == ["the pod odoo-7d-abc is gone, and with it what it wrote after the last scan"]


def test_a_pod_that_cannot_be_read_keeps_no_other_from_it(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    for name in "abc":
        cluster.add(name)
    copy = copyist(cluster.host())
    (cluster.folder / "NODE-gone-b").touch()
    for number in range(3):
        for name in "abc":
            cluster.write(name, b"%s%d\n" % (name.encode(), number))
        forever(copy)
    assert sorted(copy.text.split()) == [b"a0", b"a1", b"a2", b"c0", b"c1", b"c2"]
    assert copy.missed == [], "it is read later"
    assert "a pod cannot be read for the moment" in caplog.messages
    (cluster.folder / "NODE-gone-b").unlink()
    assert sorted(forever(copy).split())[3:6] == [b"b0", b"b1", b"b2"]


def test_where_no_pod_can_be_read_it_fails(cluster: Cluster) -> None:
    cluster.add("a")
    (cluster.folder / "NODE-gone-a").touch()
    scans = reader(cluster.host())
    with pytest.raises(SourceUnreadable):
        scans.scan()
    assert scans.position == "{}"


def test_a_flood_in_one_pod_lets_the_others_have_their_turn(cluster: Cluster) -> None:
    cluster.add("a")
    cluster.add("b")
    for number in range(200):
        cluster.write("a", error(number))
    cluster.write("b", error(1000))
    scans = reader(cluster.host(), bounds=Bounds(batch=500))
    scans.batch()
    scans.batch()
    assert 1000 in scans.numbers
    assert sorted(scans.scan().scan().numbers) == [*range(200), 1000]


@pytest.mark.parametrize(
    ("namespace", "target", "container"),
    [
        ("x; rm -rf /", "odoo", ""),
        ("prod", "x; rm -rf /", ""),
        ("prod", "odoo", "x; rm -rf /"),
        ("prod", "-f", ""),
        ("prod", "--raw=/x", ""),
        ("prod", "app=$(id)", ""),
        ("prod", "app=`id`", ""),
        ("prod", "secret/odoo", ""),
        ("prod", "deploy/", ""),
        ("prod", "", ""),
        ("", "odoo", ""),
    ],
)
def test_what_is_no_name_is_refused(namespace: str, target: str, container: str) -> None:
    with pytest.raises(SourceUnreadable, match="name"):
        Kubernetes(LocalHost(), namespace, target, container, Bounds())


@pytest.fixture
def path(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    programs = tmp_path / "programs"
    install("kubectl", programs, cluster.folder)
    monkeypatch.setenv("PATH", f"{programs}:/bin")
    return programs


@pytest.mark.usefixtures("path")
class TestTheProgram:
    """The commands for real, with a stand-in for `kubectl`."""

    @pytest.mark.parametrize("target", ["a", "app=odoo", "deploy/odoo"])
    def test_a_log_is_read_on_and_on(self, cluster: Cluster, target: str) -> None:
        cluster.add("a")
        copy = copyist(LocalHost(), target)
        cluster.write("a", b"one\n" + b"l" * 40_000 + b"\n")
        assert forever(copy) == b"one\n" + b"l" * 40_000 + b"\n"
        cluster.write("a", b"two\n")
        cluster.restart("a")
        cluster.write("a", b"three\n")
        assert forever(copy).endswith(b"\ntwo\nthree\n")
        assert copy.missed == []

    @pytest.mark.parametrize("target", ["nobody", "app=other", "deploy/other"])
    def test_nothing_of_that_name(self, cluster: Cluster, target: str) -> None:
        cluster.add("a")
        with pytest.raises(SourceUnreadable, match=r"not found|no pod|not understood"):
            forever(copyist(LocalHost(), target))

    def test_no_such_container(self, cluster: Cluster) -> None:
        cluster.add("a")
        copy = Copyist(lambda bounds: Kubernetes(LocalHost(), "prod", "a", "web", bounds), Bounds())
        with pytest.raises(SourceUnreadable, match="has no container web: it has odoo, proxy"):
            forever(copy)

    def test_no_kubectl(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (path / "kubectl").unlink()
        monkeypatch.setenv("PATH", str(path))
        with pytest.raises(SourceUnreadable, match="there is no program kubectl"):
            forever(copyist(LocalHost()))
