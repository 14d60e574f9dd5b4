"""Trends as pictures: small, always the same, and seen on white and in the dark."""

import io
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.alerts.digests.sparkline_images import sparkline
from app.domain.alerts.digest_html import HEIGHT, WIDTH

WHITE, DARK = (255, 255, 255), (27, 29, 34)


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGBA")


def heights(png: bytes, bars: int) -> list[int]:
    """How high each of the bars is, in pixels."""
    image = opened(png)
    middles = [image.width * (2 * bar + 1) // (2 * bars) - 1 for bar in range(bars)]
    return [
        sum(image.getpixel((x, y))[3] > 0 for y in range(image.height))  # type: ignore[index]
        for x in middles
    ]


def luminance(colour: tuple[int, ...]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_bars_are_as_high_as_the_counts_and_nothing_is_a_line() -> None:
    found = heights(sparkline([0, 1, 50, 100, 1_000_000_000_000, 500_000_000_000]), 6)
    full = HEIGHT * 2
    assert found[0] == 2
    assert 2 < found[1] < 10
    assert found[1] == found[2] == found[3]
    assert found[4] >= full - 4
    assert abs(found[5] - full / 2) < 6


def test_it_is_seen_on_white_and_in_the_dark() -> None:
    colours = {
        colour[:3]
        for _, colour in opened(sparkline([0, 1, 2])).getcolors() or []
        if isinstance(colour, tuple) and colour[3]
    }
    assert len(colours) == 2
    for colour in colours:
        for background in (WHITE, DARK):
            assert contrast(colour, background) >= 3


def test_the_largest_is_small() -> None:
    chance = random.Random(7)
    assert len(sparkline([chance.randrange(10**6) for _ in range(2160)])) < 2000


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2**62), max_size=200))
def test_any_counts_make_a_picture_and_always_the_same(counts: list[int]) -> None:
    png = sparkline(counts)
    assert png == sparkline(counts)
    image = opened(png)
    assert image.size == (2 * WIDTH, 2 * HEIGHT)
    assert bool(sum(counts)) == ((122, 116, 240, 255) in {colour for _, colour in image.getcolors() or []})
