"""What goes wrong in the demo's two Odoo servers, and how often.

Comes in: chance, and a time. Goes out: the records of one mishap, which hold exactly one detection, and what it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final, NamedTuple

from app.demo import tracebacks
from app.domain.severity import Kind


class Record(NamedTuple):
    """One record of a log without its header's time, process and database."""

    level: str
    logger: str
    message: str


@dataclass(frozen=True, slots=True)
class Mishap:
    """One error. `per_day`: how often, on a working day; `at_night`: as often at night, as jobs are.

    `only_new`: it began two hours ago. `only_live`: it is not in the past. `spike`: one bad hour, days ago.
    """

    name: str
    kind: Kind
    module: str | None
    per_day: float
    write: Callable[[Random, datetime], list[Record]]
    at_night: bool = False
    only_new: bool = False
    only_live: bool = False
    spike: bool = False


def request(chance: Random, at: datetime, call: str, status: int = 200) -> Record:
    """What the server says at the end of a request; `call` is its method and path."""
    client = f"203.0.113.{chance.randrange(2, 250)}"
    queries, sql, rest = chance.randrange(2, 60), chance.uniform(0.002, 0.08), chance.uniform(0.004, 0.4)
    said = (
        f'{client} - - [{at:%d/%b/%Y %H:%M:%S}] "{call} HTTP/1.1" {status} - {queries} {sql:.3f} {rest:.3f}'
    )
    return Record("INFO", "werkzeug", said)


_Write = Callable[[Random, datetime], list[Record]]


def _failed_request(call: str, frames: str, *errors: str, before: str = "") -> _Write:
    def write(chance: Random, at: datetime) -> list[Record]:
        told = tracebacks.of_request(frames, chance.choice(errors), before=before)
        return [Record("ERROR", "odoo.http", told), request(chance, at, call, 500)]

    return write


def _failed_job(job: str, action: int, frames: str, *errors: str, during: str = "") -> _Write:
    def write(chance: Random, _: datetime) -> list[Record]:
        told = tracebacks.of_job(job, action, frames, chance.choice(errors), during=during)
        logger = "odoo.addons.base.models.ir_cron"
        return [Record("INFO", logger, f"Starting job `{job}`. "), Record("ERROR", logger, told)]

    return write


def _said(level: str, logger: str, text: str, call: str, status: int = 200) -> _Write:
    """One line during a request; `text` may have places for a number and a product."""

    def write(chance: Random, at: datetime) -> list[Record]:
        product = f"{chance.choice(('CHAIR', 'DESK', 'LAMP', 'SHELF'))}-{chance.randrange(100, 999)}"
        message = text.format(number=chance.randrange(1000, 9999), product=product)
        return [Record(level, logger, message + " "), request(chance, at, call, status)]

    return write


def _deadlock(chance: Random, at: datetime) -> list[Record]:
    one, other = chance.sample(range(2000, 9000), 2)
    transaction = chance.randrange(700_000, 800_000)
    told = (
        f'bad query: UPDATE "stock_quant" SET "reserved_quantity" = {chance.randrange(1, 40)} WHERE id IN ({one})\n'  # noqa: S608  a log's text
        "ERROR: deadlock detected\n"
        f"DETAIL:  Process {one} waits for ShareLock on transaction {transaction}; blocked by process {other}.\n"
        f"Process {other} waits for ShareLock on transaction {transaction - 1}; blocked by process {one}.\n"
        "HINT:  See server log for query details.\n"
        f'CONTEXT:  while updating tuple ({chance.randrange(900)},{chance.randrange(90)}) in relation "stock_quant"\n '
    )
    retry = f"DEADLOCK_DETECTED, 4 tries left, try again in {chance.random() * 2:.4f} sec... "
    call = "POST /web/dataset/call_button/stock.picking/button_validate"
    return [
        Record("ERROR", "odoo.sql_db", told),
        Record("INFO", "odoo.service.model", retry),
        request(chance, at, call),
    ]


def _serialization(chance: Random, at: datetime) -> list[Record]:
    told = (
        f'bad query: UPDATE "ir_sequence" SET number_next=number_next+1 WHERE id={chance.randrange(10, 90)}\n'  # noqa: S608  a log's text
        "ERROR: could not serialize access due to concurrent update\n "
    )
    retry = f"SERIALIZATION_FAILURE, 4 tries left, try again in {chance.random() * 2:.4f} sec... "
    return [
        Record("ERROR", "odoo.sql_db", told),
        Record("INFO", "odoo.service.model", retry),
        request(chance, at, "POST /web/dataset/call_button/sale.order/action_confirm"),
    ]


def _denied_by_list(chance: Random, at: datetime) -> list[Record]:
    denial = (
        f"Access Denied by ACLs for operation: unlink, uid: {chance.randrange(6, 30)}, model: account.move "
    )
    told = (
        "You are not allowed to delete 'Journal Entry' (account.move) records.\n\n"
        "No group currently allows this operation.\n\n"
        "Contact your administrator to request access if necessary. "
    )
    return [
        Record("INFO", "odoo.addons.base.models.ir_model", denial),
        Record("WARNING", "odoo.http", told),
        request(chance, at, "POST /web/dataset/call_kw/account.move/unlink"),
    ]


def _denied_by_rule(chance: Random, at: datetime) -> list[Record]:
    order, user = chance.randrange(100, 999), chance.randrange(6, 30)
    denial = (
        f"Access Denied by record rules for operation: write on record ids: [{order}],"
        f" uid: {user}, model: sale.order "
    )
    told = (
        "Due to security restrictions, you are not allowed to modify 'Sales Order' (sale.order) records.\n\n"
        "Contact your administrator to request access if necessary. "
    )
    return [
        Record("INFO", "odoo.addons.base.models.ir_rule", denial),
        Record("WARNING", "odoo.http", told),
        request(chance, at, "POST /web/dataset/call_kw/sale.order/write"),
    ]


_QUANTITY: Final = Mishap(
    "a quantity that is no number", "traceback", "stock_import", 9,
    _failed_request(
        "POST /stock/import/upload", tracebacks.QUANTITY,
        *(f"ValueError: invalid literal for int() with base 10: '{text}'" for text in ("12 pcs", "", "1,5", "n/a")),
    ),
)  # fmt: skip
_SERIALIZATION: Final = Mishap("two updates at once", "database", None, 5, _serialization)

_CARRIER_ERRORS: Final = tuple(
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.parcel.example', port=443):"
    f" Max retries exceeded with url: /v2/track?parcel=PX{number} (Caused by NewConnectionError("
    f"'<urllib3.connection.HTTPSConnection object at 0x7f3a1c{number}>: [Errno 111] Connection refused'))"
    for number in (180422, 180977, 181340)
)

SHOP: Final = (
    Mishap(
        "a voucher that is missing", "traceback", "sale_voucher", 16,
        _failed_request("POST /shop/cart/voucher", tracebacks.VOUCHER, "KeyError: 'voucher'"),
    ),
    _QUANTITY,
    Mishap(
        "a margin of nothing sold", "traceback", "margin_report", 4,
        _failed_request("GET /report/margin", tracebacks.MARGIN, "ZeroDivisionError: float division by zero"),
    ),
    Mishap(
        "a payment without reference", "traceback", "payment_acme", 6,
        _failed_request(
            "POST /payment/acme/webhook", tracebacks.PAYMENT_RAISED,
            "odoo.addons.payment_acme.models.errors.NotificationError: Acme: notification without reference",
            before=tracebacks.PAYMENT + "KeyError: 'merchantReference'\n",
        ),
    ),
    Mishap(
        "an invoice without partner", "traceback", "portal_invoice_plus", 3,
        _failed_request(
            "GET /my/invoices/1187", tracebacks.QWEB,
            "odoo.addons.base.models.ir_qweb.QWebException: Error while render the template\n"
            "AttributeError: 'NoneType' object has no attribute 'partner_id'\n"
            "Template: portal_invoice_plus.invoice\nPath: /t/div/p\n"
            'Node: <p t-esc="doc.partner_id.name"/>',
        ),
    ),
    Mishap(
        "a field of the newest release", "traceback", "checkout_vat", 220,
        _failed_request(
            "POST /shop/address", tracebacks.TAX_NUMBER,
            "AttributeError: 'res.partner' object has no attribute 'vat_checked_on'",
        ),
        at_night=True, only_new=True,
    ),
    Mishap(
        "a provider that is down", "message", "payment_acme", 2,
        _said(
            "ERROR", "odoo.addons.payment_acme.models.payment_provider",
            "payment provider answered 503 for order S{number}", "POST /shop/payment/transaction",
        ),
        spike=True,
    ),
    Mishap(
        "a mail server that is away", "message", "mail", 3,
        _said(
            "ERROR", "odoo.addons.mail.models.mail_mail",
            "failed sending mail (id: {number}) due to [Errno 111] Connection refused", "POST /mail/message/post",
        ),
        at_night=True,
    ),
    Mishap("an entry that may not be deleted", "access", None, 2, _denied_by_list),
    _SERIALIZATION,
)  # fmt: skip
"""What goes wrong in the shop."""

WAREHOUSE: Final = (
    _QUANTITY,
    Mishap(
        "a carrier that is down", "traceback", "delivery_parcel", 14,
        _failed_job(
            "Shipping: fetch tracking", 214, tracebacks.CARRIER_RAISED, *_CARRIER_ERRORS,
            during=tracebacks.CARRIER,
        ),
        at_night=True,
    ),
    Mishap(
        "an item without stock", "traceback", "warehouse_sync", 8,
        _failed_job("Inventory: sync with the robots", 186, tracebacks.SYNC, "KeyError: 'onHand'"),
        at_night=True,
    ),
    Mishap(
        "a label without number", "traceback", "label_print", 12,
        _failed_request("GET /label/zpl", tracebacks.LABEL, "ValueError: not enough values to unpack (expected 2, got 1)"),
        only_live=True,
    ),
    Mishap(
        "a shelf that runs empty", "warning", "stock_rules", 12,
        _said(
            "WARNING", "odoo.addons.stock_rules.models.stock_rule",
            "UserWarning: stock of {product} is below its minimum", "POST /web/dataset/call_kw/stock.quant/web_read",
        ),
    ),
    Mishap("two that wait for each other", "database", None, 3, _deadlock, spike=True),
    Mishap("an order of somebody else", "access", None, 4, _denied_by_rule),
    _SERIALIZATION,
)  # fmt: skip
"""What goes wrong in the warehouse."""
