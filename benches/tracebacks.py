"""A traceback of 24 frames to its fingerprint, against one pass of the frame regex over the same bytes."""

import re
from statistics import median
from timeit import repeat

from app.domain import addons, fingerprints, tracebacks

FRAME = re.compile(rb'\n  File "([^"\n]*)", line (\d+)(?:, in ([^\n]*))?')
ROUNDS, CALLS = 15, 1000


def run() -> None:
    """Print the ratio; the goal is 2 at most."""
    text = traceback_of(24)
    known = fingerprints.Spots(addons.KNOWN_FOLDERS)

    def fingerprint() -> None:
        straight = tracebacks.straighten(text, tracebacks.find(text))
        fingerprints.of_traceback(tracebacks.split(straight), "odoo.http", known)

    pairs = [(_once(fingerprint), _once(lambda: FRAME.findall(text))) for _ in range(ROUNDS)]
    ours, regex = median(a for a, _ in pairs), median(b for _, b in pairs)
    ratio = median(a / b for a, b in pairs)
    print(
        f"24-frame traceback to fingerprint  {ours:6.1f} us, frame regex {regex:5.1f} us: {ratio:.2f} x (goal: 2 at most)"
    )


def traceback_of(frames: int) -> bytes:
    """A traceback in Odoo's shape, four of its frames an addon's."""
    lines = ["Traceback (most recent call last):"]
    for i in range(frames):
        path = (
            "/usr/lib/python3/dist-packages/odoo/models.py"
            if i < frames - 4
            else "/mnt/extra-addons/shop/models/cart.py"
        )
        lines += [
            f'  File "{path}", line {100 + i * 37}, in step_{i}',
            f"    return self._continue_{i}(values, context=dict(self.env.context))",
            "           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ]
    return "\n".join([*lines, "ValueError: invalid literal for int() with base 10: '12 pcs'"]).encode()


def _once(call: object) -> float:
    return min(repeat(call, number=CALLS, repeat=1)) / CALLS * 1e6  # type: ignore[arg-type]


if __name__ == "__main__":
    run()
