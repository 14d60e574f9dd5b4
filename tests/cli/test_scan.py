"""`snaglist scan`, used as a person and as a program would."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REAL_LOG = Path(__file__).parent.parent / "corpus" / "logs" / "odoo-17.0.log"
SNAGLIST = Path(sys.executable).parent / "snaglist"
KEYS = [
    "file",
    "line",
    "end_line",
    "kind",
    "severity",
    "level",
    "logger",
    "database",
    "pid",
    "timestamp",
    "exception_type",
    "message",
    "chain",
    "frames",
    "module",
    "fingerprint",
    "context_before",
    "context_after",
    "enrichment",
]
ENRICHMENT = [
    "cron_job_name",
    "server_action_id",
    "odoo_model",
    "database_name",
    "http_url",
    "acl_operation",
    "acl_uid",
]
ONE_ERROR = (
    b"2026-03-01 08:00:00,001 7 INFO shop odoo.addons.base.models.ir_cron: Starting job `Stock: nightly`. \n"
    b"2026-03-01 08:00:01,002 7 ERROR shop odoo.addons.stock_feed.models.feed: feed of ada has 3 bad rows \n"
    b"2026-03-01 08:00:02,003 7 INFO shop odoo.addons.base.models.ir_cron: Job done: `Stock: nightly` (1.0s). \n"
)


def snaglist(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([SNAGLIST, *arguments], input=stdin, capture_output=True, timeout=60, check=False)


def scan_json(*arguments: str | Path, stdin: bytes = b"") -> list[dict[str, Any]]:
    done = snaglist("scan", "--json", *arguments, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_real_servers_log_gives_just_its_errors() -> None:
    found = scan_json(REAL_LOG)
    kinds = [detection["kind"] for detection in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "traceback": 30,
        "database": 6,
        "access": 2,
        "warning": 2,
        "message": 1,
    }


def test_every_key_is_always_there() -> None:
    for detection in scan_json(REAL_LOG):
        assert list(detection) == KEYS
        assert list(detection["enrichment"]) == ENRICHMENT
        for frame in detection["frames"]:
            assert list(frame) == ["path", "line", "function", "module", "in_app"]


def test_a_detection_says_where_what_and_what_was_around_it(tmp_path: Path) -> None:
    log = tmp_path / "odoo.log"
    log.write_bytes(ONE_ERROR)
    [detection] = scan_json(log)
    assert len(detection.pop("fingerprint")) == 64
    assert detection == {
        "file": str(log),
        "line": 2,
        "end_line": 2,
        "kind": "message",
        "severity": "medium",
        "level": "ERROR",
        "logger": "odoo.addons.stock_feed.models.feed",
        "database": "shop",
        "pid": 7,
        "timestamp": "2026-03-01T08:00:01.002+00:00",
        "exception_type": None,
        "message": "feed of ada has 3 bad rows",
        "chain": [],
        "frames": [],
        "module": "stock_feed",
        "context_before": [ONE_ERROR.decode().splitlines()[0]],
        "context_after": [ONE_ERROR.decode().splitlines()[2]],
        "enrichment": {
            "cron_job_name": "Stock: nightly",
            "server_action_id": None,
            "odoo_model": None,
            "database_name": "shop",
            "http_url": None,
            "acl_operation": None,
            "acl_uid": None,
        },
    }


def test_what_stands_on_standard_error_alone_has_null_for_a_header() -> None:
    [detection] = scan_json(
        "-",
        stdin=b'Traceback (most recent call last):\n  File "/srv/run.py", line 3, in <module>\nKeyError: 1\n',
    )
    assert [detection[key] for key in ("file", "level", "logger", "database", "pid", "timestamp")] == [
        "-",
        *[None] * 5,
    ]
    assert (detection["line"], detection["end_line"], detection["exception_type"]) == (1, 3, "KeyError")


def test_gzip_and_standard_input_say_the_same_as_the_file(tmp_path: Path) -> None:
    packed = tmp_path / "odoo.log.1.gz"
    packed.write_bytes(gzip.compress(REAL_LOG.read_bytes()))
    plain = [{**detection, "file": ""} for detection in scan_json(REAL_LOG)]
    assert len(plain) == 41
    assert [{**detection, "file": ""} for detection in scan_json(packed)] == plain
    assert [{**detection, "file": ""} for detection in scan_json("-", stdin=REAL_LOG.read_bytes())] == plain
    assert [{**detection, "file": ""} for detection in scan_json("-", stdin=packed.read_bytes())] == plain


def test_the_table_has_one_row_for_each_different_error_the_worst_first() -> None:
    done = snaglist("scan", REAL_LOG)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0].split() == [
        "Severity",
        "Count",
        "Exception",
        "Module",
        "Message",
        "First",
        "seen",
        "Last",
        "seen",
    ]
    assert lines[-1] == "41 detections, 22 different errors"
    rows = [line.split() for line in lines[1:-1]]
    assert len(rows) == 22
    assert rows[0][:4] == ["critical", "6", "ValueError", "faulty"]
    assert [row[0] for row in rows] == sorted(
        [row[0] for row in rows], key=["critical", "high", "medium"].index
    )
    assert rows[0][-4:] == ["2026-11-21", "21:55", "2026-11-21", "21:55"]


def test_a_log_without_errors_says_so(tmp_path: Path) -> None:
    log = tmp_path / "quiet.log"
    log.write_bytes(b"2026-03-01 08:00:00,001 7 INFO shop odoo.http: all fine, 0 errors, no Exception \n")
    done = snaglist("scan", log)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"No errors found.\n", b"")


def test_ignore_and_addons_add_to_the_defaults(tmp_path: Path) -> None:
    log = tmp_path / "odoo.log"
    traceback = (
        b"2026-03-01 08:00:01,002 7 ERROR shop odoo.http: Exception during request handling. \n"
        b"Traceback (most recent call last):\n"
        b'  File "/usr/lib/python3/dist-packages/odoo/http.py", line 1, in f\n'
        b'  File "/srv/erp/parts/cart/rules.py", line 2, in g\n'
        b"KeyError: 'token'\n"
    )
    log.write_bytes(ONE_ERROR + traceback)
    assert [found["kind"] for found in scan_json(log)] == ["message", "traceback"]
    assert [found["kind"] for found in scan_json("--ignore", "has 3 bad rows", log)] == ["traceback"]
    assert scan_json("--ignore", "has 3 bad rows", "--ignore", "KeyError: 'token'", log) == []
    assert [found["module"] for found in scan_json("--addons", "/srv/erp/parts/", log)] == [
        "stock_feed",
        "cart",
    ]


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "table"])
def test_a_file_that_cannot_be_read_is_told_and_the_others_are_scanned(tmp_path: Path, as_json: bool) -> None:
    good = tmp_path / "good.log"
    good.write_bytes(ONE_ERROR)
    cut = tmp_path / "cut.log.gz"
    cut.write_bytes(gzip.compress(ONE_ERROR * 1000)[:-20])
    done = snaglist("scan", *(["--json"] if as_json else []), tmp_path / "none.log", tmp_path, cut, good)
    assert done.returncode == 1
    told = done.stderr.decode().splitlines()
    assert [line.split(": ")[1:3] for line in told[:2]] == [
        [str(tmp_path / "none.log"), "No such file or directory"],
        [str(tmp_path), "Is a directory"],
    ]
    assert told[2].startswith(f"snaglist: {cut}: broken gzip data")
    assert len(told) == 3
    assert b"feed of ada has 3 bad rows" in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    secret = tmp_path / "secret.log"
    secret.write_bytes(ONE_ERROR)
    secret.chmod(0)
    done = snaglist("scan", secret)
    assert (done.returncode, done.stderr.decode()) == (1, f"snaglist: {secret}: Permission denied\n")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_bytes(ONE_ERROR * 20_000)
    with subprocess.Popen(
        [SNAGLIST, "scan", "--json", log], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout
        assert running.stderr
        assert json.loads(running.stdout.readline())["line"] == 2
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=60) == 0


def test_a_log_cannot_steer_the_terminal() -> None:
    hostile = ONE_ERROR.replace(b"ada", b"\x1b]0;owned\x07\x1b[2J[bold]ada[/bold]\r\x08")
    done = snaglist("scan", "-", stdin=hostile)
    assert done.returncode == 0
    assert b"[bold]ada[/bold]" in done.stdout
    assert not set(done.stdout) & (set(range(32)) - {10})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\x00" * 5000,
        b"\xff\xfe" + "2026-03-01 ERROR\r\nTraceback".encode("utf-16-le"),
        b"\x80\xff" * 9999,
    ],
    ids=["empty", "one line end", "NUL bytes", "UTF-16", "no text"],
)
def test_what_is_no_log_has_no_errors(content: bytes) -> None:
    assert scan_json("-", stdin=content) == []


def test_broken_text_is_shown_as_far_as_it_is_text() -> None:
    [detection] = scan_json("-", stdin=ONE_ERROR.replace(b"ada", b"\xe9\x00\xff"))
    assert detection["message"] == "feed of \ufffd\x00\ufffd has 3 bad rows"


def test_the_version_and_the_help_explain_themselves() -> None:
    assert snaglist("--version").stdout.startswith(b"snaglist 0.")
    helped = snaglist("scan", "--help").stdout.decode()
    assert all(option in helped for option in ("--json", "--ignore", "--addons", "standard input"))


def test_a_wrong_option_is_refused_and_nothing_is_scanned() -> None:
    done = snaglist("scan", "--jsn", REAL_LOG)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"No such option" in done.stderr


def test_a_machine_without_vector_search_finds_the_same(tmp_path: Path) -> None:
    """StringZilla has no wheel for every platform; Python's own search stands in."""
    code = "import sys; sys.modules['stringzilla'] = None; from app.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "scan", "--json", REAL_LOG],
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == scan_json(REAL_LOG)
