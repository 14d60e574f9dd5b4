"""Facts of errors, for tests of what issues say of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from app.domain.github.issue_text import IssueFacts, IssueFrame

MARKER: Final = UUID("0198c0de-0000-7000-8000-00000000c0de")
FORGED: Final = UUID("0198c0de-0000-7000-8000-00000000bad0")
LINK: Final = "https://snaglist.example.com/errors/RXJyb3JHcm91cDox"

TRACEBACK: Final = """\
Traceback (most recent call last):
  File "/opt/odoo/odoo/http.py", line 1764, in _serve_db
    return service_model.retrying(self._serve_ir_http, self.env)
  File "/mnt/extra-addons/sale_custom/models/sale_order.py", line 42, in action_confirm
    partner = values["partner_id"]
KeyError: 'partner_id'"""

PLAIN: Final = IssueFacts(
    title="KeyError: 'partner_id'",
    exception_type="KeyError",
    module="sale_custom",
    message="'partner_id'",
    source="LOG",
    severity="critical",
    first_seen_at=datetime(2026, 11, 20, 8, 15, 3, 250_000, tzinfo=UTC),
    last_seen_at=datetime(2026, 11, 22, 9, 59, 59, tzinfo=UTC),
    total_count=1204,
    instances=(("Main shop", 1200), ("Test", 4)),
    instance_count=2,
    app=None,
    release=None,
    environment=None,
    odoo_version="17.0",
    commit_sha=None,
    traceback=TRACEBACK,
    frames=(
        IssueFrame("/opt/odoo/odoo/http.py", 1764, "_serve_db", None, in_app=False),
        IssueFrame(
            "/mnt/extra-addons/sale_custom/models/sale_order.py",
            42,
            "action_confirm",
            "sale_custom",
            in_app=True,
        ),
    ),
    context_before=("2026-11-22 09:59:58,120 17 INFO prod odoo.http: POST /web/dataset/call_button",),
    context_after=("2026-11-22 09:59:59,870 17 INFO prod werkzeug: 200",),
    link=LINK,
    marker=MARKER,
)


def facts(**changes: Any) -> IssueFacts:
    """An Odoo traceback of one custom module, with changes."""
    return replace(PLAIN, **changes)
