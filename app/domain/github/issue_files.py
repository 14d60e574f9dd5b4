"""The files of an issue: which places in the code the error went through.

Comes in: frames. Goes out: Markdown: those of the app's own code first, those of libraries folded.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from app.domain.github.issue_facts import IssueFrame
from app.domain.github.quoting import code

LISTED: Final = 30
"""Places of a kind that are listed; of more, the first and the last ones."""
_PATH_LIMIT: Final = 300
_FUNCTION_LIMIT: Final = 100


def section(frames: Sequence[IssueFrame]) -> list[str]:
    """The parts of the section, in the order of the frames; a place that comes again is named once."""
    own = _places(frame for frame in frames if frame.in_app)
    libraries = _places(frame for frame in frames if not frame.in_app)
    if not own or not libraries:
        return ["### Files", _listed(own or libraries)] if own or libraries else []
    return [
        "### Files",
        _listed(own),
        f"<details>\n<summary>In libraries: {len(libraries):,}</summary>",
        _listed(libraries),
        "</details>",
    ]


def _places(frames: Iterable[IssueFrame]) -> list[IssueFrame]:
    named = (frame for frame in frames if (frame.path or frame.module or frame.function or "").strip())
    return list(dict.fromkeys(named))


def _listed(frames: Sequence[IssueFrame]) -> str:
    if len(frames) <= LISTED:
        return "\n".join(map(_place, frames))
    half = LISTED // 2
    between = f"- … and {len(frames) - 2 * half:,} more …"
    return "\n".join([*map(_place, frames[:half]), between, *map(_place, frames[-half:])])


def _place(frame: IssueFrame) -> str:
    where = [code(frame.path or frame.module or "", _PATH_LIMIT, from_end=True)]
    if frame.line:
        where.append(
            f"line {code(str(frame.line), _FUNCTION_LIMIT)}"
        )  # a long number reads like a commit's id
    if (frame.function or "").strip():
        where.append(f"in {code(frame.function or '', _FUNCTION_LIMIT)}")
    return f"- {', '.join(where)}"
