"""A traceback without a header: the record above and the outermost frame tell whether it is one."""

import pytest

from app.domain.detections import Detector
from tests.domain.detected_records import CAUSE, DEB, HTTP, TRACEBACK, record

UNDER = {
    "nothing": (b"", True),
    "a finished request": (
        record('werkzeug: 10.0.0.7 - - [x] "GET /web HTTP/1.1" 200 - 3 0.005 0.021', "INFO"),
        True,
    ),
    "the database server": (b"2026-03-05 21:10:00 UTC [88] LOG:  checkpoint complete", True),
    "no header": (b"just text", True),
    "an INFO record": (record("odoo.addons.shop: read", "INFO"), False),
    "a DEBUG record": (record("odoo.sql_db: x", "DEBUG"), False),
    "an INFO record of werkzeug that is no request": (record("werkzeug: running", "INFO"), False),
    "a thread's end": (record("odoo.x: y", "INFO") + b"\nException in thread odoo.bus.Loop:", True),
    "a thread's end, one blank line": (
        record("odoo.x: y", "INFO") + b"\nException in thread a (run):\n",
        True,
    ),
    "an ignored exception": (
        record("odoo.x: y", "INFO") + b"\nException ignored in: <function f at 0x7f>",
        True,
    ),
    "a thread further up": (record("odoo.x: y", "INFO") + b"\nException in thread a:\nmore", False),
}


@pytest.mark.parametrize("name", UNDER)
def test_a_traceback_without_header_is_judged_by_the_record_above(name: str) -> None:
    under, expected = UNDER[name]
    found = Detector().detect(TRACEBACK.encode(), None, under)
    assert (found is not None) == expected
    if found:
        assert (found.kind, found.severity, found.module) == ("traceback", "critical", "shop")
        assert (found.header, found.timestamp) == (None, None)


OUTERMOST = {
    '"/usr/bin/odoo", line 8, in <module>': True,
    '"/opt/odoo/odoo-bin", line 5, in <module>': True,
    '"/srv/shop/main.py", line 5, in <module>': True,
    '"main.py", line 5, in <module>': True,
    '"<stdin>", line 1, in <module>': True,
    '"<console>", line 1, in <module>': True,
    '"/usr/lib/python3.11/threading.py", line 1038, in _bootstrap_inner': True,
    '"/usr/lib/python3.11/threading.py", line 1038, in _bootstrap': True,
    '"<frozen runpy>", line 198, in _run_module_as_main': True,
    '"src/gevent/greenlet.py", line 908, in gevent._gevent_cgreenlet.Greenlet.run': True,
    '"/mnt/extra-addons/shop/models/cart.py", line 3, in total': False,
    '"/mnt/extra-addons/shop/__init__.py", line 3, in <module>': False,
    f'"{DEB}/http.py", line 3, in _serve_db': False,
    f'"{DEB}/addons/base/models/ir_model.py", line 3, in <module>': False,
    '"/usr/lib/python3/dist-packages/docutils/x.py", line 3, in <module>': False,
    '"ir.actions.server(85,)", line 3, in <module>': False,
    '"/srv/shop/main.py", line 5, in main': False,
}


@pytest.mark.parametrize("frame", OUTERMOST)
def test_below_an_info_record_the_outermost_frame_tells_what_nobody_caught(frame: str) -> None:
    uncaught = f"Traceback (most recent call last):\n  File {frame}\nKeyError: 1"
    below = f'{uncaught}\n  File "/mnt/extra-addons/shop/a.py", line 1, in b'
    for text in (uncaught, f"{TRACEBACK}{CAUSE}{uncaught}"):
        found = Detector().detect(text.encode(), None, record("odoo.addons.shop: x", "INFO"))
        assert (found is not None) == OUTERMOST[frame]
    assert (Detector().detect(below.encode(), None, record("odoo.x: y", "INFO")) is not None) == OUTERMOST[
        frame
    ]


def test_text_without_header_and_traceback_is_none() -> None:
    assert Detector().detect(b"", None) is None
    assert Detector().detect(b"Segmentation fault", None, b"") is None
    assert Detector().detect(b"ValueError: x", None, record(HTTP)) is None
