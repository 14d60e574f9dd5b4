"""Chains of tracebacks: the same from every Python, split where they connect and nowhere else."""

import pytest

from app.domain.tracebacks import Part, exceptions, message, split
from tests.domain.traceback_lines import CAUSE, DURING, START

CART = "/mnt/extra-addons/shop/models/cart.py"


def story(first: str, second: str) -> bytes:
    return f"""Traceback (most recent call last):
  File "{CART}", line 8, in rate
    {first}
KeyError: 'USD'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/odoo/http.py", line 3, in dispatch
    {second}
  File "{CART}", line 10, in rate
    raise RuntimeError('no rate for %s' % 'USD') from e
RuntimeError: no rate for USD
""".encode()


CHAINS = {
    "3.7 to 3.10": story("{}['USD']", "return handle()"),
    "3.11 and 3.12": story("{}['USD']\n    ~~^^^^^^^", "return handle()\n           ^^^^^^^^"),
    "3.13 and 3.14": story("{}['USD']\n    ~~^^^^^^^", "return handle()\n           ~~~~~~^^"),
    "no sources on the server": story("", "").replace(b"    \n", b""),
}


@pytest.mark.parametrize("python", CHAINS)
def test_every_python_tells_the_same_chain(python: str) -> None:
    assert split(CHAINS[python]) == [
        Part([f'"{CART}", line 8, in rate'.encode()], b"KeyError: 'USD'"),
        Part(
            [
                b'"/usr/lib/python3/dist-packages/odoo/http.py", line 3, in dispatch',
                f'"{CART}", line 10, in rate'.encode(),
            ],
            b"RuntimeError: no rate for USD",
        ),
    ]


def test_a_caret_line_is_no_source() -> None:
    sources = [
        [frame.source for _, _, frames in exceptions(CHAINS[python]) for frame in frames][:2]
        for python in ("3.7 to 3.10", "3.11 and 3.12", "3.13 and 3.14")
    ]
    assert sources == [["{}['USD']", "return handle()"]] * 3
    without = START + b'\n  File "a.py", line 1, in f\n    ^^^^\n  File "b.py", line 2, in g\nE: x'
    assert [frame.source for frame in exceptions(without)[0][2]] == [None, None]


def test_connecting_words_inside_a_message_connect_nothing() -> None:
    words = DURING.strip()
    for said in (
        b"ValueError: " + words,
        b"ValueError: a\n" + words,
        b"ValueError: a\n  " + words + b"\n\nb",
    ):
        text = START + b'\n  File "/srv/a.py", line 1, in f\n' + said
        assert len(split(text)) == 1
        assert message(text) == said.removeprefix(b"ValueError: ").decode()


def test_a_traceback_quoted_in_a_message_belongs_to_the_message() -> None:
    quoted = (
        b"RemoteError: the other server said:\n" + START + b'\n  File "/far/b.py", line 2, in g\nKeyError: 1'
    )
    text = START + b'\n  File "/srv/a.py", line 1, in f\n' + quoted
    assert split(text) == [Part([b'"/srv/a.py", line 1, in f'], b"RemoteError: the other server said:")]


def test_a_part_of_a_chain_may_have_no_frames() -> None:
    text = b"KeyError: 1\n" + CAUSE + START + b'\n  File "/srv/a.py", line 1, in f\nValueError: 2'
    assert split(text) == [Part([], b"KeyError: 1"), Part([b'"/srv/a.py", line 1, in f'], b"ValueError: 2")]
    text = START + b'\n  File "/srv/a.py", line 1, in f\nValueError: 2\n' + DURING + b"KeyError: 1"
    assert [part.exception for part in split(text)] == [b"ValueError: 2", b"KeyError: 1"]


@pytest.mark.parametrize("connector", [CAUSE, DURING])
def test_a_chain_is_split_however_long_it_is(connector: bytes) -> None:
    parts = [START + b'\n  File "/srv/a.py", line %d, in f%d\nE%d: x\n' % (i, i, i) for i in range(1, 101)]
    read = split(connector.join(parts))
    assert [part.exception for part in read] == [b"E%d: x" % i for i in range(1, 101)]
    assert [part.frames for part in read] == [
        [b'"/srv/a.py", line %d, in f%d' % (i, i)] for i in range(1, 101)
    ]
