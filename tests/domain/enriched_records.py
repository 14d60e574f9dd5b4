"""Records of Odoo and their neighbours, the words of its jobs and denials, and what they tell when enriched."""

from app.domain.detections import Detector
from app.domain.enrichment import Enrichment, denied, enrich
from app.domain.log_lines import header
from app.domain.neighbourhood import Neighbourhood

CRON = "odoo.addons.base.models.ir_cron"
CUSTOM = "odoo.addons.shop.models.cart"
ACL = "odoo.addons.base.models.ir_model"

TRACEBACK = """
Traceback (most recent call last):
  File "/mnt/extra-addons/shop/models/cart.py", line 25, in total
    return int(raw)
ValueError: 12 pcs"""


def line(said: str, level: str = "INFO", pid: int = 814, database: str = "live", second: int = 10) -> str:
    return f"2026-03-05 21:10:{second:02},139 {pid} {level} {database} {said} \n"


def request(url: str, pid: int = 814, second: int = 10, status: int = 200) -> str:
    said = f'werkzeug: 203.0.113.7 - - [05/Mar/2026 21:10:{second:02}] "POST {url} HTTP/1.1" {status} - 3 0.004 0.021'
    return line(said, pid=pid, second=second)


def enriched(text: str, before: str = "", after: str = "", writer: bytes = b"") -> Enrichment:
    raw = text.removesuffix("\n").encode()
    around = Neighbourhood(before.encode(), after.encode(), writer)
    head = header(raw)
    found = Detector().detect(
        raw, head, denied=lambda said: head is not None and denied(head, said, around.before, writer)
    )
    assert found is not None
    return enrich(found, raw, around)


def error(said: str, **where: object) -> str:
    return line(said, "ERROR", **where)  # type: ignore[arg-type]


FAILED = {
    "13 to 17": (
        "Call from cron Currency: rate update for server action #289 failed in Job #20",
        "Currency: rate update",
        289,
    ),
    "a name like the words behind it": (
        "Call from cron Wait for server action #1 for server action #2 failed in Job #3",
        "Wait for server action #1",
        2,
    ),
    "a name with ( and :": (
        "Call from cron Shop: nightly import (v2) for server action #87 failed in Job #4",
        "Shop: nightly import (v2)",
        87,
    ),
    "18 and 19": ("Job 'sync stock' (3) server action #87 failed", "sync stock", 87),
    "19, quoted": ('Job "Ada\'s import" (3) server action #87 failed', "Ada's import", 87),
    "another script": ("Call from cron 在庫を同期 for server action #5 failed in Job #9", "在庫を同期", 5),
}

STARTS = {
    "13 to 17": "Starting job `Shop: nightly (v2)`.",
    "18 and 19": "Job 'Shop: nightly (v2)' (3) starting",
    "19, quoted": 'Job "Shop: nightly (v2)" (3) starting',
}

ENDS = {
    "12 to 15": "Job `Shop: nightly (v2)` done.",
    "16 and 17": "Job done: `Shop: nightly (v2)` (0.257s).",
    "13 to 17, failed": "Call from cron Shop: nightly (v2) for server action #86 failed in Job #3",
    "18": "Job 'Shop: nightly (v2)' (3) done in 0.257s",
    "19": "Job 'Shop: nightly (v2)' (3) fully done (#loop 1; done 4; remaining 0; duration 0.26s)",
    "19, half": "Job 'Shop: nightly (v2)' (3) partially done (#loop 10; done 4; remaining 9; duration 9.26s)",
    "19, failed": "Job 'Shop: nightly (v2)' (3) failed (#loop 1; done 0; remaining 0; duration 0.26s)",
    "19, timed out": "Job 'Shop: nightly (v2)' (3) timed out",
}

DENIALS = {
    "by ACL": ("Access Denied by ACLs for operation: read, uid: 8, model: shop.cart", "read", 8),
    "by ACL, unlink": (
        "Access Denied by ACLs for operation: unlink, uid: 12, model: shop.cart",
        "unlink",
        12,
    ),
    "by rules": (
        "Access Denied by record rules for operation: write on record ids: [1, 2, 3], uid: 8, model: shop.cart",
        "write",
        8,
    ),
    "by rules, no ids": (
        "Access Denied by record rules for operation: create on record ids: [], uid: 8, model: shop.cart",
        "create",
        8,
    ),
}

NAMED = "odoo.http: You are not allowed to access 'Cart' (shop.cart) records.\n\nContact your administrator "
ACL_LINE = line(f"{ACL}: {DENIALS['by ACL'][0]}")
