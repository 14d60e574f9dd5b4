"""Numbers of payment cards: what looks like one, has the digits of a network, and passes the check of its last digit.

Comes in: any text. Goes out: the text without them. Digits that are a part of something longer are let be: of an id, of a
UUID, of the decimals of a number.
"""

import re
from typing import Final

PLACEHOLDER: Final = "[redacted card number]"

SIGN: Final = re.compile(r"[2-6]\d{3}(?:[ -]?\d){9}")
"""What any of them holds; far faster than to look for one."""

_GROUPS: Final = (
    r"\d{13,19}",
    r"(?P<four>\d{4}(?P<by>[ -])\d{4}(?P=by)\d{4}(?P=by)\d{1,4})(?:(?P=by)\d{1,3})?",
    r"\d{4}(?P<gap>[ -])\d{6}(?P=gap)\d{4,5}",
)
_CANDIDATE: Final = re.compile(
    rf"(?=[2-6])(?<![0-9A-Za-z_+])(?<!\d\.)(?<![0-9A-Fa-f]{{4}}-)(?:{'|'.join(_GROUPS)})"
    r"(?![0-9A-Za-z_])(?!\.\d)(?!-[0-9A-Fa-f]{4})"
)
_NETWORKS: Final = re.compile(
    r"""4\d{12}(?:\d{3}){0,2}                                                            # Visa
    | (?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}                   # Mastercard
    | 3[47]\d{13} | 3(?:0[0-5]|[689]\d)\d{11}                                            # American Express, Diners Club
    | (?:6011|64[4-9]\d|65\d\d|35(?:2[89]|[3-8]\d)|62\d\d)\d{12,15}                      # Discover, JCB, UnionPay
    | (?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}                                 # Maestro""",
    re.VERBOSE,
)
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_LEAST: Final = 10**12
_BEYOND: Final = 10**19


def without(text: str) -> str:
    """The text with a placeholder for each number of a card."""
    if not SIGN.search(text):
        return text
    pieces: list[str] = []
    done = start = 0
    while match := _CANDIDATE.search(text, start):
        end = next((end for end in _ends(match) if _is_one(text[match.start() : end])), 0)
        if end:
            pieces += text[done : match.start()], PLACEHOLDER
            done = end
        start = end or match.start() + 1
    return "".join([*pieces, text[done:]])


def _ends(match: re.Match[str]) -> tuple[int, ...]:
    """Where it may end: what stands behind four groups of digits need not belong to them."""
    return (match.end(),) if match["by"] is None else (match.end(), match.end("four"))


def is_one(number: int) -> bool:
    """Whether a whole number is the number of a card."""
    return _LEAST <= number < _BEYOND and _is_one(str(number))


def _is_one(written: str) -> bool:
    digits = written.replace(" ", "").replace("-", "")
    if not digits.isascii() or not _NETWORKS.fullmatch(digits):
        return False
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[digit] for digit in values[1::2])) % 10 == 0
