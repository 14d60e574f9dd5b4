"""What every text has in it in which `redaction` may find a secret. Most texts have none of it, which is told in no time.

Comes in: a text. Goes out: whether it is worth a closer look. Whoever adds a shape or a name to `redaction` adds its mark here.
"""

import re
from typing import Final


def _words(text: str) -> list[str]:
    return text.split()


_SHAPES: Final = (
    *_words("KIA SIA Iza OCSPX- SG. SK eyJ hf_ npm_ pypi- pbkdf2 rk_ sk_ sk- sntry whsec_ xox xapp- ya29."),
    *_words("ghp_ gho_ ghu_ ghr_ ghs_ github_pat_ shpat_ shpca_ shppa_ shpss_"),
    *_words("glpat- gldt- glrt- glptt- glcbt- gloas- glft- glsoat- glagent- glimt-"),
    *("-----BEGIN", "://", "$", ":AA", "earer ", "auth=("),
)
_NAMES: Final = _words("authorization cookie credential pass pwd secret session essid sig token key")
_SHORT: Final = 500
"""Characters up to which one pattern is faster than to look for one mark after the other."""
_SHAPE: Final = re.compile("|".join(map(re.escape, _SHAPES)))


def lowered(text: str) -> str:
    """The text in small letters, as long as it was."""
    return text.replace("\u0130", "i").lower()  # the one letter that grows when lowered


def has_mark(text: str) -> bool:
    """Whether there may be a secret in the text."""
    if len(text) > _SHORT:
        return any(map(text.__contains__, _SHAPES)) or any(map(lowered(text).__contains__, _NAMES))
    return _SHAPE.search(text) is not None or any(map(lowered(text).__contains__, _NAMES))
