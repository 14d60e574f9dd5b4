"""What is the same error, seen from its message alone, and what is another one."""

import re
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import messages
from app.domain.messages import LIMIT, group_key, shown

# A paragraph is one error, met several times. No two paragraphs are the same error.
ERRORS = r"""
duplicate key value violates unique constraint "res_partner_email_uniq" DETAIL:  Key (email)=(bob@example.com) already exists.
duplicate key value violates unique constraint "stock_lot_name_uniq" DETAIL:  Key (email)=(Anna Noël) already exists.

insert or update on table "sale_order" violates foreign key constraint "sale_order_partner_id_fkey"
insert or update on table "account_move" violates foreign key constraint "account_move_journal_id_fkey"

Failing row contains (4711, null, Azure Interior, f, 2024-05-01 10:00:00).
Failing row contains (12, 7, , t, 2023-01-31 23:59:59.123).

FATAL:  password authentication failed for user "odoo"
FATAL:  password authentication failed for user "backup_ro"

checkpoint complete: wrote 1293 buffers (7.9%); 0 WAL file(s) added, write=129.4 s, sync=0.004 s, total=129.5 s
checkpoint complete: wrote 3 buffers (0.0%); 1 WAL file(s) added, write=0.2 s, sync=0.001 s, total=0.3 s

connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused
connection to server at "10.0.0.7" (10.0.0.7), port 5433 failed: Connection refused

Call from cron Currency: rate update for server action #289 failed in Job #20
Call from cron Currency: rate update for server action #17 failed in Job #3

Job 'sync stock' (3) server action #87 failed
Job 'Mail: Email Queue Manager' (12) server action #101 failed

Failed to send mail to bob@example.com via smtp.example.org:587
Failed to send mail to info@shop.co.uk via mail.shop.co.uk:25

Login failed for db:prod login:admin from 93.184.216.34
Login failed for db:staging login:bob@example.com from 10.0.0.8

Access Denied by ACLs for operation: read, uid: 8, model: bus.presence
Access Denied by ACLs for operation: read, uid: 1023, model: bus.presence

10.0.0.1 - - [21/Nov/2026 10:11:12] "POST /web/dataset/call_kw/sale.order/read HTTP/1.1" 200 - 14 0.010 0.034
172.18.0.5 - - [21/Nov/2026 10:11:13] "POST /longpolling/poll HTTP/1.1" 500 - 3 0.002 50.011

10.0.0.1 - - [21/Nov/2026 10:11:12] "GET /web/image/res.partner/17/image_128 HTTP/1.1" 304 - 4 0.003 0.008
10.9.0.1 - - [22/Nov/2026 00:00:02] "GET /web/health HTTP/1.1" 200 - - - -

Worker (3112) max memory reached: 2684354560 bytes
Worker (7) max memory reached: 2147483650 bytes

Record does not exist or has been deleted. (Record: res.partner(4711,), User: 2)
Record does not exist or has been deleted. (Record: res.partner(12, 13, 14), User: 17)

Payment transaction S00042-1 entered state error
Payment transaction S99187-12 entered state error

Job <Job 5f3c9a1e-9b50-4a5e-8d8f-1c1e7d9f2b10, priority:10> raised ConnectionError
Job <Job 0b14d501-0594-4d76-a0b6-7d1d1b1c4a11, priority:5> raised ConnectionError

Invalid view sale.order.form definition in sale_stock/views/sale_order.xml
Invalid view sale.order.form definition in my_module/views/other.xml

Task shop.tasks.send[8d1b1e6c-0f4e-4d3b-9a1e-2b2f0d9b6f0a] raised unexpected: KeyError('id')
Task shop.tasks.send[0a1b1e6c-0f4e-4d3b-9a1e-2b2f0d9b6f0b] raised unexpected: KeyError('partner')

consumer: Cannot connect to amqp://guest:**@rabbit:5672//: [Errno 111] Connection refused. Trying again in 2.00 seconds... (1/100)
consumer: Cannot connect to amqp://guest:**@127.0.0.1:5672//: [Errno 111] Connection refused. Trying again in 32.00 seconds... (16/100)

[error] 31#31: *1 open() "/usr/share/nginx/html/favicon.ico" failed (2: No such file or directory)
[error] 32#32: *17 open() "/var/www/robots.txt" failed (2: No such file or directory)

Failed password for root from 1.2.3.4 port 4021 ssh2
Failed password for nagios from 10.20.30.40 port 55555 ssh2

Failed password for invalid user admin from 1.2.3.4 port 4021 ssh2
Failed password for invalid user ftpuser from 2001:db8::17 port 22 ssh2

Connection closed by authenticating user root 203.0.113.9 port 53344 [preauth]
Connection closed by authenticating user postgres 203.0.113.77 port 1025 [preauth]

session opened for user deploy by (uid=0)
session opened for user alice by (uid=1000)

session closed for user deploy
session closed for user alice

reverse mapping checking getaddrinfo for host.badguys.ru [5.6.7.8] failed - POSSIBLE BREAK-IN ATTEMPT!
reverse mapping checking getaddrinfo for 190-99-60-82.cable.net.co [190.99.60.82] failed - POSSIBLE BREAK-IN ATTEMPT!

Running task 3.0 in stage 12.0 (TID 417)
Running task 11.1 in stage 0.0 (TID 5)

Finished task 3.0 in stage 12.0 (TID 417). 2162 bytes result sent to driver
Finished task 11.0 in stage 12.0 (TID 418). 954 bytes result sent to driver

Block broadcast_7_piece0 stored as bytes in memory (estimated size 5.2 KB, free 317.2 KB)
Block broadcast_12 stored as bytes in memory (estimated size 14.0 B, free 2.1 GB)

Container container_1526632914876_0012_01_000003 is running beyond physical memory limits
Container container_e17_1410901177871_0001_01_000005 is running beyond physical memory limits

AirPort: Link Down on en0. Reason 8 (Disassociated because station leaving).
AirPort: Link Down on awdl0. Reason 1 (Disassociated because station leaving).

Loaded Servicing Stack v6.1.7601.23505 with Core: C:\Windows\winsxs\amd64_31bf3856ad364e35\cbscore.dll
Loaded Servicing Stack v10.0.14393.1 with Core: D:\Program Files\winsxs\x\cbscore.dll

Failed to open package [HRESULT = 0x800f0805 - CBS_E_INVALID_PACKAGE]
Failed to open package [HRESULT = 0x00000001 - CBS_E_INVALID_PACKAGE]

setSystemUiVisibility vis=0 mask=1 oldVal=40000500 newVal=40000500 fullscreen=true
setSystemUiVisibility vis=8 mask=ffffffff oldVal=8 newVal=508 fullscreen=false

Skipping Window{df0798e token=Token{78af589 Record{3b04890 u0 com.example.qt/.Main t761}}} -- going to hide
Skipping Window{1a token=Token{2b Record{3c u0 org.foo/.Bar t9}}} -- going to hide

java.lang.NullPointerException: Cannot invoke "String.length()" because "name" is null
java.lang.NullPointerException: Cannot invoke "User.getId()" because "user" is null

KeyError: 'partner_id'
KeyError: 'quantity'
KeyError: 17

ValueError: Expected singleton: sale.order(1, 2)
ValueError: Expected singleton: sale.order(8, 9, 10, 11)

HTTPSConnectionPool(host='api.stripe.com', port=443): Max retries exceeded with url: /v1/charges/ch_1Nq
HTTPSConnectionPool(host='api.mollie.com', port=443): Max retries exceeded with url: /v2/payments?limit=5

User alice not found
User 123 not found
User bob-the_builder not found

Could not load image logo.png
Could not load image banner.jpg

retry=true attempt 3 of 5
retry=false attempt 1 of 9

Deleted 1 row from cache
Deleted 25 rows from cache

Slow query took 00:00:12.123
Slow query took 5 min
Slow query took <1 sec

nodes node-31 node-32 are down
nodes node-1, node-2, node-3, node-44 are down

level=error ts=2024-03-01T10:11:12.123Z caller=main.go:123 msg="failed to scrape" target=http://10.0.0.1:9100/metrics
level=error ts=2024-04-01T10:11:12.123Z caller=main.go:9 msg="failed to scrape" target=http://node7:9100/metrics

{"level":"error","msg":"payment refused for order 12","ts":1700000000}
{"level":"error","msg":"payment refused for order 99","ts":1800000000}

L'utilisateur « marie » n'a pas pu être trouvé
L'utilisateur « jean » n'a pas pu être trouvé

配送 123 失败
配送 9 失败
"""
# Each line is an error of its own, some of them next to one above.
ALONE = r"""
could not serialize access due to concurrent update
could not serialize access due to concurrent delete
canceling statement due to statement timeout
canceling statement due to user request
connection to server at "localhost" (127.0.0.1), port 5432 failed: timeout expired
Call from cron Mail: send for server action #17 failed in Job #3
Login successful for db:prod login:demo from 93.184.216.34
Access Denied by ACLs for operation: write, uid: 8, model: bus.presence
Access Denied by ACLs for operation: read, uid: 8, model: sale.order
Payment transaction S00042-1 entered state cancel
module l10n_fr: installation failed
module l10n_be: installation failed
Task shop.tasks.send[8d1b1e6c-0f4e-4d3b-9a1e-2b2f0d9b6f0a] succeeded in 0.123s: None
java.lang.IllegalStateException: Connection is closed
org.postgresql.util.PSQLException: Connection is closed
ValueError: Expected singleton: account.move(1, 2)
User session has expired
User authentication failed
connection to host lost
connection to host closed
Field sale.order.x_total does not exist
Field sale.order.x_margin does not exist
Order 12 shipped
Order 12 cancelled
level=error ts=2024-03-01T10:11:12.123Z caller=main.go:123 msg="could not write block" target=http://10.0.0.1:9100/metrics
{"level":"error","msg":"stock is negative for product 5","ts":1700000000}
HTTP 400 {"error": "invalid_grant", "id": 5}
HTTP 400 {"error": "invalid_client", "id": 7}
"""

CASES = [paragraph.splitlines() for paragraph in ERRORS.strip().split("\n\n")]
CASES += [[message] for message in ALONE.strip().splitlines()]
MESSAGES = [message for case in CASES for message in case]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0][:40])
def test_one_error_has_one_key(case: list[str]) -> None:
    assert len({group_key(message) for message in case}) == 1


def test_two_errors_have_two_keys() -> None:
    assert len({group_key(case[0]) for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("User 123 not found", "user <n> not found"),
        ('No such column: "username"', 'no such column: "<s>"'),
        ("job 5f3c9a1e-9b50-4a5e-8d8f-1c1e7d9f2b10 died", "job <uuid> died"),
        ("at 0x7f1c2a in deadbeefcafe", "at <hex> in <hex>"),
        ("mail to Bob.Smith+x@example.co.uk bounced", "mail to <email> bounced"),
        ("GET https://shop.example.com/a?b=c failed", "get <url> failed"),
        ("cannot read /var/lib/x.conf: denied", "cannot read <path>: denied"),
        (r"cannot read C:\Program Files\x\y.dll", "cannot read <path>"),
        ("views/sale/order.xml:3 or ./x and/or load/store", "<path>:<n> or <path> and/or load/store"),
        ("from 10.0.0.1:8069, 2001:db8::17 and de:ad:be:ef:00:01", "from <ip>, <ip> and <mac>"),
        ("smtp.example.org:25 refused, res.partner stays", "<host> refused, res.partner stays"),
        ("saved invoice.pdf of 1.5 MB", "saved <file> of <size>"),
        ("2026-11-21T10:11:12.123Z, 21/Nov/2026:10:11:12 +0100, 10:11", "<time>, <time>, <time>"),
        ("on Fri Jun 17 07:07:00 PDT 2005 or Tue, 5 Mar 2024 10:20:30 GMT", "on <time> or <time>"),
        ("after 12 ms, 3.5s or 900 seconds", "after <duration>, <duration> or <duration>"),
        ("node-12 has -3 of 1,234.5 (7%) in utf8", "node-<n> has -<n> of <n> (<n>%) in utf8"),
        ("can't open 'a b' or `c` or “d”", "can't open '<s>' or `<s>` or “<s>”"),
        ('"GET /web HTTP/1.1" 200', "get <path> http/<n> <n>"),
        ("two\n  lines\tand \x1b[1;31mred\x1b[0m", "two lines and red"),
    ],
)
def test_variable_parts_get_names(message: str, text: str) -> None:
    assert shown(message) == text


def test_what_holds_nothing_but_variables_keeps_their_names() -> None:
    assert group_key("10.0.0.1") != group_key("5 MB")
    assert group_key("") == ""


def test_showing_twice_changes_nothing() -> None:
    """For whole messages only: in arbitrary text a placeholder's `<` may end a word that a digit did not."""
    for message in MESSAGES:
        assert shown(shown(message)) == shown(message)
        assert group_key(shown(message)) == group_key(message)


@given(st.randoms(use_true_random=False))
def test_no_digit_of_a_number_matters(random: Random) -> None:
    for message in MESSAGES:
        other = re.sub(
            r"\b\d+\b", lambda number: "".join(random.choices("123456789", k=len(number[0]))), message
        )
        assert group_key(other) == group_key(message)


def test_case_does_not_matter() -> None:
    for message in MESSAGES:
        if message.isascii():
            assert group_key(message.upper()) == group_key(message.lower()) == group_key(message)


@given(st.text() | st.lists(st.sampled_from(" ".join(MESSAGES).split())).map(" ".join))
def test_any_text_has_a_key(message: str) -> None:
    assert isinstance(group_key(message), str)
    assert isinstance(shown(message), str)


def test_only_the_beginning_of_a_huge_message_counts() -> None:
    quoted = 'Cannot parse "%s" here'
    assert group_key(quoted % ("ab " * LIMIT)) == group_key(quoted % ("other words " * LIMIT))
    assert len(shown("word " * 2_000_000)) <= LIMIT


LETTERS = " .,:;-+=/\\@#*'\"`()[]{}<>“”«»‘’1afİ\x1b"
WORDS = r"""a.|1.|1:|1-|a:|::|ab:|ab-|a@|a=(|)=(|://|a://|../|/a|a/|a/b/|<<|<n>|{a}|e1|e-1|0x|1.1.|a..|=n|ff |a=|12:30 |1 jan
|mon jan 1 |00 11 |'a' |"a" |user |for user a |password for |com.a.|host=a|row contains (|c:\|\a b|hk\|\\|msg="|"msg":"
|"get  http/|" http/|:a.b=|1,1|12345678-1234-|true|null|* |a* """


@pytest.mark.parametrize("unit", [*LETTERS, *WORDS.split("|")])
def test_hostile_text_takes_linear_time(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the limit, so that it is the patterns that are proved: 8 times the text, never 64 times the work."""
    monkeypatch.setattr(messages, "LIMIT", 10**9)

    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        started = process_time()
        group_key(text)
        return process_time() - started

    short = min(seconds(2_000) for _ in range(3))
    assert min(seconds(16_000) for _ in range(2)) < 24 * max(short, 0.0003)
