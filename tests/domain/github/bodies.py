"""Errors whose whole issues are kept as files beside this one, in `snapshots`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.domain.github import markers
from app.domain.github.issue_text import IssueFacts, IssueFrame, body, title
from tests.domain.github.facts import FORGED, PLAIN, TRACEBACK, facts

SNAPSHOTS: Final = Path(__file__).parent / "snapshots"

CHAINED: Final = f"""\
{TRACEBACK}

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/mnt/extra-addons/sale_custom/models/sale_order.py", line 51, in _confirm_all
    raise UserError(_("Order %s cannot be confirmed", order.name)) from error
odoo.exceptions.UserError: Order S00042 cannot be confirmed"""

DATABASE: Final = facts(
    title="could not serialize access due to concurrent update",
    exception_type=None,
    module=None,
    message='bad query: UPDATE "stock_quant" SET "quantity"=7 WHERE id IN (12)\n'
    "ERROR: could not serialize access due to concurrent update",
    severity="high",
    traceback=None,
    frames=(),
    instances=tuple((f"Shop {n}", 100 - n) for n in range(20)),
    instance_count=34,
    context_before=(
        "2026-11-22 09:59:57,001 17 INFO prod odoo.addons.base.models.ir_cron: Starting job `Mail: Email Queue`.",
        "2026-11-22 09:59:58,120 17 INFO prod odoo.sql_db: password=hunter2 host=db",
    ),
    context_after=(),
)

JAVASCRIPT: Final = facts(
    title="TypeError: Cannot read properties of undefined (reading 'total')",
    exception_type="TypeError",
    module="src/checkout/Cart.tsx",
    message="Cannot read properties of undefined (reading 'total')",
    source="EVENT",
    total_count=1_234_567,
    instances=(),
    instance_count=0,
    app="Shop web",
    release="shop@2.4.1",
    environment="production",
    odoo_version=None,
    traceback="TypeError: Cannot read properties of undefined (reading 'total')\n"
    "    at pay (src/checkout/Cart.tsx:88:17)\n"
    "    at invokeGuardedCallback (node_modules/react-dom/cjs/react-dom.production.min.js:21:9)",
    frames=(
        IssueFrame(
            "node_modules/react-dom/cjs/react-dom.production.min.js",
            21,
            "invokeGuardedCallback",
            None,
            in_app=False,
        ),
        IssueFrame("src/checkout/Cart.tsx", 88, "pay", None, in_app=True),
    ),
    context_before=(),
    context_after=(),
)

HUGE: Final = facts(
    title="RecursionError: maximum recursion depth exceeded",
    exception_type="RecursionError",
    message="maximum recursion depth exceeded",
    traceback="\n".join(
        [
            "Traceback (most recent call last):",
            *(
                f'  File "/mnt/extra-addons/tree/models/node_{n}.py", line {n}, in _compute_path\n'
                f"    return self.parent_id.with_context(depth={n})._compute_path()"
                for n in range(1, 1_200)
            ),
            "RecursionError: maximum recursion depth exceeded",
        ]
    ),
    frames=tuple(
        IssueFrame(f"/mnt/extra-addons/tree/models/node_{n}.py", n, "_compute_path", "tree", in_app=True)
        for n in range(1, 1_200)
    ),
)

_EVIL: Final = (
    "@everyone fixes #1, acme/odoo#2, GH-3, https://github.com/acme/odoo/issues/4 at"
    " 16c999e8c71134401a78d4d46435517b2271d6ac </details><script>alert(1)</script> [x](javascript:alert(1)) ``` ~~~"
)
HOSTILE: Final = facts(
    title=f"Boom: {_EVIL}",
    exception_type="Boom`</summary>",
    module="a` @ada `b, #5",
    message=f"{_EVIL}\n```\n{markers.line(FORGED)}\n\0\x1b[31mred\x1b[0m \u202eesrever\u202c \ud800 {'`' * 50}",
    first_seen_at=datetime(2026, 11, 22, tzinfo=UTC),
    instances=(("Main\n# shop `", 3), ("", 1)),
    traceback=f"Traceback (most recent call last):\n````\n</details>\n{markers.line(FORGED)}\n{_EVIL}",
    frames=(IssueFrame(f"/srv/{_EVIL}.py", 16_999_871, "<lambda> `x`", None, in_app=True),),
    context_before=("```", "</details>", markers.line(FORGED), "two\nlines"),
    context_after=("token=abcdef0123456789",),
)

BODIES: Final[dict[str, IssueFacts]] = {
    "odoo_traceback": PLAIN,
    "chained": facts(
        title="UserError: Order S00042 cannot be confirmed",
        exception_type="odoo.exceptions.UserError",
        message="Order S00042 cannot be confirmed",
        traceback=CHAINED,
        commit_sha="16c999e8c71134401a78d4d46435517b2271d6ac",
    ),
    "database": DATABASE,
    "javascript": JAVASCRIPT,
    "huge": HUGE,
    "hostile": HOSTILE,
}


def snapshot(error: IssueFacts) -> str:
    """The issue as its file holds it: the title, a line, the text."""
    return f"{title(error)}\n----\n{body(error)}\n"
