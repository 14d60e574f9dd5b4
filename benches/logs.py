"""Logs to measure with: made from a seed, the same for the same arguments, and like those of real servers.

A pool of distinct pieces is written again and again until the file is large enough; the pool is far larger than
any cache of a processor.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_POOL: Final = 24 * 1024 * 1024
_TRACEBACKS: Final = 1_000
_FRAMES: Final = 24
_SERVER_FRAMES: Final = 16
_ROOTS: Final = (
    "/usr/lib/python3/dist-packages/odoo/addons",
    "/usr/lib/python3/dist-packages/odoo/addons",
    "/usr/lib/python3/dist-packages/odoo",
    "/usr/lib/python3/dist-packages/werkzeug",
)
_MODULES: Final = (
    "sale",
    "stock",
    "account",
    "purchase",
    "mail",
    "base",
    "web",
    "website",
    "mrp",
    "hr_expense",
    "crm",
)
_MODELS: Final = (
    "res.partner",
    "sale.order",
    "stock.picking",
    "account.move",
    "mail.thread",
    "product.template",
)
_METHODS: Final = (
    "web_search_read",
    "read",
    "web_read",
    "name_search",
    "onchange",
    "web_save",
    "write",
    "search_read",
)
_FUNCTIONS: Final = (
    "_call_kw",
    "write",
    "_compute_amount",
    "action_confirm",
    "_post",
    "create",
    "_dispatch",
    "run",
)
_CODE: Final = (
    "return self.env[model].with_context(**kwargs).search(domain, limit=limit)",
    "result = func(*args, **kwargs)",
    "res = super().write(vals)",
    "self._recompute_field(field, ids)",
    "raise ValidationError(_('The quantity of %s is not valid.', self.name))",
    "value = json.loads(payload)['lines'][0]['quantity']",
)
_ERRORS: Final = (
    "KeyError: 'quantity'",
    "ValueError: invalid literal for int() with base 10: '12 pcs'",
    'psycopg2.errors.UniqueViolation: duplicate key value violates unique constraint "sale_order_name_uniq"\nDETAIL:  Key (name)=(S00042) already exists.\n',
    "AttributeError: 'NoneType' object has no attribute 'partner_id'",
    "odoo.exceptions.UserError: Please define a journal for this company.",
)
_WARNINGS: Final = (
    "odoo.addons.sale.models.sale_order: stock of {n} is below the minimum of product {k}",
    "odoo.http: You are not allowed to access 'Journal Entry' (account.move) records.",
    "odoo.addons.mail.models.mail_mail: mail {n} could not be sent to 3 of 4 recipients, trying again",
    "odoo.models: sale.report.read_group: Fields in 'groupby' must be regular-persisted fields (got {k})",
)
_ERROR_LINES: Final = (
    'odoo.sql_db: bad query: SELECT id FROM sale_order WHERE id IN ({n}, {k}) FOR UPDATE NOWAIT\nERROR: could not obtain lock on row in relation "sale_order"\n',
    "odoo.addons.payment.models.payment_provider: the provider answered 503 for transaction tx-{n}",
)


class _Writer:
    """Writes the lines of one server, its clock running."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.second = 0
        self.ways = [self._stack(_SERVER_FRAMES, root) for root in _ROOTS]
        self.addons = self._stack(1_500, "/mnt/extra-addons")
        self.tracebacks = [self._traceback() for _ in range(_TRACEBACKS)]

    def _stack(self, frames: int, root: str) -> list[str]:
        """Some lines of code that are passed again and again, as a server's own are."""
        pick = self.chance.choice
        stack = []
        for _ in range(frames):
            module, number = pick(_MODULES), self.chance.randrange(1, 3000)
            path = f"{root}/{module}/models/{module}_{pick(_FUNCTIONS)}.py"
            stack.append(f'  File "{path}", line {number}, in {pick(_FUNCTIONS)}\n    {pick(_CODE)}')
        return stack

    def _traceback(self) -> str:
        """Two thirds of the frames are of one of four ways into the server, the others an addon's."""
        own = self.chance.sample(self.addons, _FRAMES - _SERVER_FRAMES)
        lines = ["Traceback (most recent call last):", *self.chance.choice(self.ways), *own]
        return "\n".join([*lines, self.chance.choice(_ERRORS)])

    def header(self, level: str) -> str:
        chance = self.chance.random()
        self.second += chance < 0.3
        clock = f"{self.second // 3600 % 24:02}:{self.second // 60 % 60:02}:{self.second % 60:02}"
        return f"2026-11-{1 + self.second // 86400 % 28:02} {clock},{int(chance * 1000):03} {40 + int(chance * 8)} {level} prod"

    def quiet(self) -> str:
        """A line that is no error: mostly requests."""
        chance, pick = self.chance, self.chance.choice
        kind = chance.random()
        n = chance.randrange(100_000)
        if kind < 0.72:
            path = (
                f"/web/dataset/call_kw/{pick(_MODELS)}/{pick(_METHODS)}"
                if kind < 0.5
                else f"/web/image/{n}?unique={n * 7919:x}"
            )
            verb = "POST" if kind < 0.5 else "GET"
            day = f"{1 + self.second // 86400 % 28:02}/Nov/2026 {self.second // 3600 % 24:02}:{self.second // 60 % 60:02}:{self.second % 60:02}"
            return f'{self.header("INFO")} werkzeug: 10.0.{n % 256}.{n % 251} - - [{day}] "{verb} {path} HTTP/1.1" {pick((200, 200, 200, 304, 404))} - {n % 97} 0.{n % 1000:03} 0.{n % 991:03}\n'
        if kind < 0.86:
            job = f"{pick(_MODULES).title()}: {pick(_FUNCTIONS)} of {pick(_MODELS)}"
            text = f"Starting job `{job}`." if kind < 0.79 else f"Job done: `{job}` (0.{n % 1000:03}s)."
            return f"{self.header('INFO')} odoo.addons.base.models.ir_cron: {text} \n"
        if kind < 0.97:
            module = pick(_MODULES)
            return f"{self.header('INFO')} odoo.addons.{module}.models.{module}: {pick(_MODELS)}({n},) synchronised {n % 50} lines, 0 errors \n"
        if kind < 0.99:
            return f"{self.header('INFO')} odoo.modules.registry: Caches invalidated, signaling through the database: ['default', 'templates'] \n"
        return (
            f"{self.header('DEBUG')} odoo.service.server: WorkerHTTP ({n}) alive, request_count {n % 8192} \n"
        )

    def warning(self) -> str:
        text = self.chance.choice(_WARNINGS).format(
            n=self.chance.randrange(99_999), k=self.chance.randrange(99)
        )
        return f"{self.header('WARNING')} {text} \n"

    def error(self) -> str:
        text = self.chance.choice(_ERROR_LINES).format(
            n=self.chance.randrange(99_999), k=self.chance.randrange(99)
        )
        return f"{self.header('ERROR')} {text} \n"

    def failure(self) -> str:
        """A record with a traceback of 24 frames."""
        return f"{self.header('ERROR')} odoo.http: Exception during request handling. \n{self.chance.choice(self.tracebacks)} \n"


def _ordinary(writer: _Writer) -> Iterator[str]:
    """One line in 1,500 is a warning, one in 3,000 begins an error, a third of those with a traceback."""
    while True:
        kind = writer.chance.random() * 9_000
        if kind > 9:
            yield writer.quiet()
        elif kind > 3:
            yield writer.warning()
        elif kind > 1:
            yield writer.error()
        else:
            yield writer.failure()


def _storm(writer: _Writer) -> Iterator[str]:
    """30 % of lines are of tracebacks, one in 1,500 is a warning."""
    lines = 3 + 2 * _FRAMES
    share = 0.3 / lines / (0.7 + 0.3 / lines)
    while True:
        kind = writer.chance.random()
        if kind < share:
            yield writer.failure()
        elif kind < share + 1 / 1_500:
            yield writer.warning()
        else:
            yield writer.quiet()


_KINDS: Final = {"ordinary": _ordinary, "storm": _storm}


def write_log(path: Path, kind: str, size: int, seed: int = 1) -> None:
    """Write a log of at least `size` bytes; `kind` is `ordinary` or `storm`."""
    pieces, length = [], 0
    for text in _KINDS[kind](_Writer(seed)):
        pieces.append(text)
        length += len(text)
        if length >= min(size, _POOL):
            break
    pool = "".join(pieces).encode()
    with path.open("wb") as file:
        for _ in range(-(-size // len(pool))):
            file.write(pool)
