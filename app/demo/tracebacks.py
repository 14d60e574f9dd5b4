"""The tracebacks of the demo's errors, as Odoo 17 prints them: text, and how a request or a job puts it in a record.

Comes in: the frames of an addon and the exception below them. Goes out: the message of one log record.
"""

from typing import Final

_BEGIN: Final = "Traceback (most recent call last):\n"
_DURING: Final = "\nDuring handling of the above exception, another exception occurred:\n\n"
_CAUSE: Final = "\nThe above exception was the direct cause of the following exception:\n\n"
_ODOO: Final = "/usr/lib/python3/dist-packages/odoo"

_REQUEST: Final = f"""\
  File "{_ODOO}/http.py", line 2207, in __call__
    response = request._serve_db()
  File "{_ODOO}/service/model.py", line 133, in retrying
    result = func()
  File "{_ODOO}/http.py", line 1810, in _serve_ir_http
    response = self.dispatcher.dispatch(rule.endpoint, args)
  File "{_ODOO}/http.py", line 757, in route_wrapper
    result = endpoint(self, *args, **params_ok)
"""

VOUCHER: Final = """\
  File "/mnt/extra-addons/sale_voucher/controllers/main.py", line 41, in apply_voucher
    order._apply_voucher(post)
  File "/mnt/extra-addons/sale_voucher/models/sale_order.py", line 87, in _apply_voucher
    code = values["voucher"].strip().upper()
"""

QUANTITY: Final = """\
  File "/mnt/extra-addons/stock_import/controllers/upload.py", line 33, in upload
    lines = request.env["stock.import"]._read_lines(file)
  File "/mnt/extra-addons/stock_import/models/stock_import.py", line 58, in _read_lines
    return [self._read_line(row) for row in csv.DictReader(file)]
  File "/mnt/extra-addons/stock_import/models/stock_import.py", line 58, in <listcomp>
    return [self._read_line(row) for row in csv.DictReader(file)]
  File "/mnt/extra-addons/stock_import/models/stock_import.py", line 71, in _read_line
    return row["sku"], int(row["quantity"])
"""

MARGIN: Final = """\
  File "/mnt/extra-addons/margin_report/controllers/report.py", line 19, in margin
    values = request.env["margin.report"]._values(date_from, date_to)
  File "/mnt/extra-addons/margin_report/models/margin_report.py", line 104, in _values
    "margin": sum(line.margin for line in lines) / sum(line.price_subtotal for line in lines),
"""

PAYMENT: Final = """\
  File "/mnt/extra-addons/payment_acme/models/payment_transaction.py", line 52, in _get_tx_from_notification_data
    reference = data["merchantReference"]
"""

PAYMENT_RAISED: Final = """\
  File "/mnt/extra-addons/payment_acme/controllers/main.py", line 28, in acme_webhook
    tx = request.env["payment.transaction"].sudo()._get_tx_from_notification_data("acme", data)
  File "/mnt/extra-addons/payment_acme/models/payment_transaction.py", line 54, in _get_tx_from_notification_data
    raise NotificationError("Acme: notification without reference") from missing
"""

QWEB: Final = f"""\
  File "/mnt/extra-addons/portal_invoice_plus/controllers/portal.py", line 66, in invoice_page
    return request.env["ir.qweb"]._render("portal_invoice_plus.invoice", values)
  File "{_ODOO}/addons/base/models/ir_qweb.py", line 600, in _render
    result = ''.join(rendering)
  File "<2214>", line 93, in template_2214
"""

TAX_NUMBER: Final = """\
  File "/mnt/extra-addons/checkout_vat/controllers/checkout.py", line 23, in checkout_form_validate
    return self._check_tax_number(partner, data)
  File "/mnt/extra-addons/checkout_vat/controllers/checkout.py", line 37, in _check_tax_number
    if not partner.vat_checked_on:
"""

LABEL: Final = """\
  File "/mnt/extra-addons/label_print/controllers/label.py", line 15, in print_label
    return request.env["label.print"].browse(picking_id)._zpl()
  File "/mnt/extra-addons/label_print/models/label_print.py", line 48, in _zpl
    street, number = self._address_lines()[1].rsplit(" ", 1)
"""

CARRIER: Final = """\
  File "/usr/lib/python3/dist-packages/urllib3/connection.py", line 174, in _new_conn
    conn = connection.create_connection(
  File "/usr/lib/python3/dist-packages/urllib3/util/connection.py", line 95, in create_connection
    raise err
ConnectionRefusedError: [Errno 111] Connection refused
"""

CARRIER_RAISED: Final = """\
  File "/mnt/extra-addons/delivery_parcel/models/stock_picking.py", line 140, in _cron_fetch_tracking
    picking._fetch_tracking()
  File "/mnt/extra-addons/delivery_parcel/models/stock_picking.py", line 151, in _fetch_tracking
    answer = requests.get(TRACKING_URL, params={"parcel": self.carrier_tracking_ref}, timeout=20)
  File "/usr/lib/python3/dist-packages/requests/api.py", line 76, in get
    return request('get', url, params=params, **kwargs)
  File "/usr/lib/python3/dist-packages/requests/adapters.py", line 565, in send
    raise ConnectionError(e, request=request)
"""

SYNC: Final = """\
  File "/mnt/extra-addons/warehouse_sync/models/stock_sync.py", line 29, in _cron_sync
    self._apply(item)
  File "/mnt/extra-addons/warehouse_sync/models/stock_sync.py", line 63, in _apply
    quant.quantity = item["onHand"]
"""


def of_request(frames: str, error: str, *, before: str = "") -> str:
    """The message of a request that failed; `before` is a traceback that caused this one."""
    first = f"{_BEGIN}{before}{_CAUSE}" if before else ""
    return f"Exception during request handling. \n{first}{_BEGIN}{_REQUEST}{frames}{error}"


def of_job(job: str, action: int, frames: str, error: str, *, during: str = "") -> str:
    """The message of a scheduled job that failed in `model.METHOD()`, the first function of its frames."""
    first = f"{_BEGIN}{during}{_DURING}" if during else ""
    method = frames.partition(", in ")[2].partition("\n")[0]
    kind, _, text = error.partition(": ")
    return (
        f"Call from cron {job} for server action #{action} failed in Job #{action // 10} \n"
        f"{first}{_BEGIN}"
        f'  File "{_ODOO}/tools/safe_eval.py", line 392, in safe_eval\n'
        "    return unsafe_eval(c, globals_dict, locals_dict)\n"
        f'  File "ir.actions.server({action},)", line 1, in <module>\n'
        f"{frames}{error}\n{_DURING}{_BEGIN}"
        f'  File "{_ODOO}/addons/base/models/ir_cron.py", line 393, in _callback\n'
        "    self.env['ir.actions.server'].browse(server_action_id).run()\n"
        f'  File "{_ODOO}/tools/safe_eval.py", line 406, in safe_eval\n'
        "    raise ValueError('%s: \"%s\" while evaluating\\n%r' % (ustr(type(e)), ustr(e), expr))\n"
        f"ValueError: <class '{kind}'>: \"{text}\" while evaluating\n'model.{method}()'"
    )
