"""Compressed bodies: every encoding gives back what was packed, and no bomb goes off."""

import gzip
import random
import resource
import zlib
from collections.abc import Callable
from typing import Final

import brotli
import pytest
import zstandard

from app.ingest.encodings import TooLarge, Unknown, names, unpack

TEXT: Final = b'{"message": "' + bytes(random.Random(1).choices(range(32, 127), k=30_000)) + b'"}'
SKIPPED: Final = b"\x50\x2a\x4d\x18\x02\x00\x00\x00no"  # a frame of zstd that holds nothing


def bare_deflate(text: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(text) + packing.flush()


def of_unknown_size(text: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_content_size=False).compress(text)


PACKED: Final[dict[str, tuple[str, Callable[[bytes], bytes]]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip in two members": ("gzip", lambda text: gzip.compress(text[:99]) + gzip.compress(text[99:])),
    "gzip as it was called": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without zlib's header": ("deflate", bare_deflate),
    "br": ("br", lambda text: bytes(brotli.compress(text))),
    "zstd": ("zstd", zstandard.compress),
    "zstd in two frames": (
        "zstd",
        lambda text: zstandard.compress(text[:99]) + zstandard.compress(text[99:]),
    ),
    "zstd that does not say how large it is": ("zstd", of_unknown_size),
    "zstd behind a frame to skip": ("zstd", lambda text: SKIPPED + zstandard.compress(text)),
}
every_encoding = pytest.mark.parametrize(("encoding", "pack"), PACKED.values(), ids=PACKED)


@every_encoding
def test_what_was_packed_comes_out_up_to_the_limit(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    assert unpack(packed, (encoding,), len(TEXT)) == TEXT
    with pytest.raises(TooLarge):
        unpack(packed, (encoding,), len(TEXT) - 1)
    assert unpack(b"", (encoding,), 10) == b""


@every_encoding
def test_what_is_cut_off_or_something_else_is_refused(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(TEXT)
    for broken in (
        packed[:-1],
        packed[: len(packed) // 2],
        packed[:3],
        b"no such thing",
        packed + b"and more",
    ):
        with pytest.raises(ValueError):
            unpack(broken, (encoding,), 2 * len(TEXT))


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(200_000_000), 1)),
        ("deflate", zlib.compress(bytes(200_000_000), 1)),
        ("br", brotli.compress(bytes(200_000_000), quality=1)),
        ("zstd", zstandard.compress(bytes(200_000_000))),
        ("zstd", of_unknown_size(bytes(200_000_000))),
        ("gzip", gzip.compress(b"") * 100_000),
        ("zstd", zstandard.compress(b"") * 100_000),
    ],
    ids=["gzip", "deflate", "br", "zstd", "zstd of unknown size", "nothing in gzip", "nothing in zstd"],
)
def test_a_bomb_does_not_go_off(encoding: str, bomb: bytes) -> None:
    """No more memory is taken than the limit, give or take what the test itself has at its highest."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLarge):
        unpack(bomb, (encoding,), 1_000_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


def test_a_frame_of_zstd_that_lies_about_its_size_is_found_out() -> None:
    honest = zstandard.compress(bytes(1_000_000))
    header = len(honest) - len(honest.removeprefix(honest[:4]))
    assert header == 4
    lying = bytearray(honest)
    at = next(
        place for place in range(5, 10) if honest[place : place + 4] == (1_000_000).to_bytes(4, "little")
    )
    lying[at : at + 4] = (300_000).to_bytes(4, "little")
    with pytest.raises((ValueError, TooLarge)):
        unpack(bytes(lying), ("zstd",), 400_000)


def test_encodings_are_undone_in_the_other_order() -> None:
    packed = bytes(brotli.compress(gzip.compress(TEXT)))
    assert names("gzip, BR") == ("br", "gzip")
    assert unpack(packed, names("gzip, br"), len(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("header", "found"),
    [("", ()), ("identity", ()), (" , identity", ()), ("GZip", ("gzip",)), ("identity, zstd", ("zstd",))],
)
def test_names_are_read_as_http_has_them(header: str, found: tuple[str, ...]) -> None:
    assert names(header) == found


@pytest.mark.parametrize("header", ["compress", "gzip, gzip, gzip", "gzip;q=1", "aws-chunked, gzip"])
def test_what_is_not_taken_is_refused(header: str) -> None:
    with pytest.raises(Unknown):
        names(header)
