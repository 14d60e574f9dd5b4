"""Secrets do not leave in an issue or a comment: what redaction finds goes from every place of a text."""

import pytest

from app.domain.github.comments import OtherIssue, comment
from app.domain.github.issue_text import IssueFrame, body, title
from app.domain.github.labels import labels
from app.domain.secrets.redaction import redact
from tests.domain.github.facts import LINK, MARKER, facts
from tests.domain.github.rendered import rendered
from tests.domain.secrets.test_redaction import (
    FALSE_ALARMS,
    LOOKALIKES,
    MISSES,
    SECRETS,
    as_logged,
    as_stored,
)

PLACES = ["message", "traceback", "context", "path"]


def shown(place: str, text: str) -> str:
    """What an issue shows of a text that stands in one place of its error, read from what GitHub makes of it."""
    blank = facts(
        message="", traceback=None, frames=(), context_before=(), context_after=(), exception_type="X"
    )
    issue = {
        "message": facts(message=text, traceback=None, frames=(), context_before=(), context_after=()),
        "traceback": facts(message="", traceback=text, frames=(), context_before=(), context_after=()),
        "context": facts(
            message="", traceback=None, frames=(), context_before=tuple(text.split("\n")), context_after=()
        ),
        "path": facts(
            message="",
            traceback=None,
            frames=(IssueFrame(text, None, None, None, in_app=True),),
            context_before=(),
            context_after=(),
        ),
    }[place]
    pieces = rendered(body(issue)).code
    common = rendered(body(blank)).code[1:]
    (piece,) = (each for each in pieces[1:] if each not in common)
    return piece.strip()


def as_shown(place: str, text: str) -> str:
    """The text as the place has it: a path is one line, and keeps its end where it is too long."""
    if place != "path":
        return text.strip()
    line = " ".join(text.split())
    return line if len(line) <= 300 else "…" + line[-299:].lstrip()


@pytest.mark.parametrize("place", PLACES)
def test_an_issue_keeps_no_more_secrets_and_hides_no_more_than_redaction_does(place: str) -> None:
    secrets, lookalikes = SECRETS + MISSES, LOOKALIKES + FALSE_ALARMS
    gone = {m: shown(place, as_logged(m)) == as_shown(place, as_stored(m)) for m in secrets}
    kept = {text: shown(place, text) == as_shown(place, text) for text in lookalikes}
    assert gone == {m: redact(as_logged(m)) == as_stored(m) for m in secrets}
    assert kept == {text: redact(text) == text for text in lookalikes}
    assert sum(gone.values()) / len(gone) >= 0.92
    assert sum(kept.values()) / len(kept) >= 0.99


def test_no_place_of_what_leaves_is_forgotten() -> None:
    secret = "ghp_" + "a1B2" * 9
    everywhere = facts(
        title=secret, exception_type=secret, module=secret, message=secret, instances=((secret, 1),), app=secret,
        release=secret, environment=secret, odoo_version=secret, commit_sha=secret, traceback=secret,
        frames=(
            IssueFrame(secret, 1, secret, secret, in_app=True), IssueFrame("", 1, None, secret, in_app=False)
        ),
        context_before=(secret,), context_after=(secret,),
    )  # fmt: skip
    text = body(everywhere)
    assert secret[:12] not in text + title(everywhere) + "".join(each.name for each in labels("high", secret))
    assert text.count("[redacted GitHub token]") == 15
    for about in ("resolved", "silenced", "regressed", "merged_into", "merged"):
        detail = {
            "about": about, "by": secret, "reason": secret, "version": secret, "where": secret,
            "group_id": str(MARKER), "group_ids": [str(MARKER)],
        }  # fmt: skip
        told = comment(detail, MARKER, {MARKER: OtherIssue(None, LINK, secret)}, LINK)
        assert secret[:12] not in told
        assert "[redacted GitHub token]" in told


def test_a_secret_that_a_cut_goes_through_is_gone_before() -> None:
    secret = "ghp_" + "a1B2" * 9
    for room in range(14, 40, 5):
        long_line = f"{'y ' * 331}{secret}{' z' * 2_000}"
        assert "a1B2" not in body(facts(traceback="\n".join([f"{'x ' * room}{long_line}"] * 100)))
        assert "a1B2" not in body(facts(message=f"{'y' * (2_000 - room)} {secret}", traceback=None))
        assert "a1B2" not in title(facts(title=f"{'y' * (256 - room)} {secret}"))
        path = IssueFrame(f"{secret} {'y' * (300 - room)}", 1, None, None, in_app=True)
        assert "a1B2" not in body(facts(frames=(path,)))


def test_a_name_above_tells_of_a_value_below_also_across_lines_of_context() -> None:
    context = ("database:", "  user: odoo", "  password: swordfish")
    assert "swordfish" not in body(facts(context_before=context))
    key = ["-----BEGIN PRIVATE " + "KEY-----", "MIIE" + "aB3/" * 15, "-----END PRIVATE " + "KEY-----"]
    text = body(facts(context_before=tuple(key[:2]), context_after=(key[2], "later")))
    assert "aB3/" not in text
    assert "After:\n\n```\n\nlater\n```" in text, "lines stay where they were"
