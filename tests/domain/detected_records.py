"""Records of Odoo with and without a traceback, and what is detected in them."""

from collections.abc import Callable

from app.domain.detections import Detection, Detector, Rules
from app.domain.log_lines import header

DEB = "/usr/lib/python3/dist-packages/odoo"
HTTP = "odoo.http: Exception during request handling. "
LOUD = ["WARNING", "ERROR", "CRITICAL"]
QUIET = ["INFO", "DEBUG"]
NO_RULES = Rules()

TRACEBACK = f"""Traceback (most recent call last):
  File "{DEB}/http.py", line 2207, in __call__
    response = request._serve_db()
               ^^^^^^^^^^^^^^^^^^^
  File "<decorator-gen-12>", line 2, in checkout
  File "/mnt/extra-addons/shop/models/cart.py", line 25, in total
    return int(raw)
           ^^^^^^^^
ValueError: invalid literal for int() with base 10: '12 pcs'"""

GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/mnt/extra-addons/shop/models/cart.py", line 91, in load
  |     raise ExceptionGroup('import failed', errors)
  | ExceptionGroup: import failed (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/mnt/extra-addons/shop/models/cart.py", line 88, in load
    | ValueError: x
    +------------------------------------"""

CAUSE = "\n\nThe above exception was the direct cause of the following exception:\n\n"


def record(said: str, level: str = "ERROR", database: str = "live") -> bytes:
    return f"2026-03-05 21:10:00,139 814 {level} {database} {said}".encode()


def detect(
    text: bytes, rules: Rules = NO_RULES, denied: Callable[[str], bool] = lambda _: False
) -> Detection | None:
    return Detector(rules).detect(text, header(text), denied=denied)


def detected(text: bytes, rules: Rules = NO_RULES) -> Detection:
    found = detect(text, rules)
    assert found is not None
    return found
