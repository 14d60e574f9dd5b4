"""Trends as small pictures, for mails: no mail program draws SVG, and none runs a script.

Comes in: counts, oldest first. Goes out: a PNG of bars, with twice the pixels at which it is shown, on nothing: it is
legible on white and in the dark. The same counts give the same bytes.
"""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from app.domain.alerts.digest_html import HEIGHT, WIDTH

_SCALE: Final = 2
_MOST: Final = 60
"""Bars; of more counts several share one."""
_CLEAR: Final = (0, 0, 0)
_BAR: Final = (122, 116, 240)  # 3.4 to 1 on white, 4.6 to 1 on the dark card
_GROUND: Final = (139, 143, 153)
_PALETTE: Final = [*_CLEAR, *_BAR, *_GROUND]


def sparkline(counts: Sequence[int]) -> bytes:
    """The PNG; what happened at all is seen, however little it is beside the most."""
    bars = _shared(counts) or [0]
    width, height = WIDTH * _SCALE, HEIGHT * _SCALE
    image = Image.new("P", (width, height), 0)
    image.putpalette(_PALETTE)
    draw = ImageDraw.Draw(image)
    most = max(bars)
    room = height - 2 * _SCALE
    for place, count in enumerate(bars):
        left, right = width * place // len(bars), width * (place + 1) // len(bars) - _SCALE
        if count > 0:
            top = room - max(2 * _SCALE, room * count // most)
            draw.rectangle((left, top, max(left, right - 1), height - 1), fill=1)
        else:
            draw.rectangle((left, height - _SCALE, max(left, right - 1), height - 1), fill=2)
    written = io.BytesIO()
    image.save(written, "PNG", transparency=0, optimize=False, compress_level=9, bits=2)
    return written.getvalue()


def _shared(counts: Sequence[int]) -> list[int]:
    """At most so many counts as there is room for; the last one ends where they end."""
    size = -(-len(counts) // _MOST) or 1
    return [sum(counts[max(0, end - size) : end]) for end in range(len(counts), 0, -size)][::-1]
