"""What a mail looks like: readable everywhere, with its pictures, and with no header that somebody slipped in."""

from dataclasses import replace

import pytest

from app.alerts.channels.mail import mail
from app.alerts.channels.outgoing import Outgoing
from tests.alerts.channels.stage import DELIVERY, MESSAGE, NOW, opened, sender

LINK = f"https://snaglist.example.com/unsubscribe/{'t0ken' * 80}"


def _made(message: Outgoing) -> bytes:
    return mail(message, sender=sender(), to="ann@example.com", delivery_id=DELIVERY, now=NOW)


def test_text_stands_before_html_and_the_picture_beside_it() -> None:
    read = opened(_made(MESSAGE))
    assert read.get_content_type() == "multipart/alternative"
    text, html = read.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert html.get_content_type() == "multipart/related"
    body, picture = html.iter_parts()
    assert body.get_content().strip() == MESSAGE.html
    assert picture.get_content() == MESSAGE.images[0][1]
    assert picture["Content-ID"] == "<spark>"
    plain = read.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == MESSAGE.text.splitlines()


def test_without_html_it_is_plain_text() -> None:
    assert opened(_made(replace(MESSAGE, html=None))).get_content_type() == "text/plain"


def test_lines_are_short_and_ascii_and_a_link_in_a_header_stays_whole() -> None:
    headers = {"List-Unsubscribe": f"<{LINK}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    long = replace(MESSAGE, title="Ü" * 200, text="ä" * 5000, html=f"<p>{'x' * 5000}</p>", headers=headers)
    content = _made(long)
    read = opened(content)
    assert read["List-Unsubscribe"] == f"<{LINK}>"
    assert f"List-Unsubscribe: <{LINK}>\r\n".encode() in content
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["Subject"] == "Ü" * 200
    lines = content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(len(line) for line in lines if not line.startswith(b"List-")) <= 78
    assert content.isascii()


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\0"])
def test_a_title_cannot_begin_a_header(between: str) -> None:
    read = opened(
        _made(replace(MESSAGE, title=f"Oops{between}Bcc: eve@example.com{between}{between}<b>body</b>"))
    )
    assert read["Bcc"] is None
    assert read["Subject"].split() == ["Oops", "Bcc:", "eve@example.com", "<b>body</b>"]
    assert "body" not in str(next(iter(read.iter_parts())).get_content())


@pytest.mark.parametrize(
    "title",
    [
        "Oops =?utf-8?q?x=0D=0ABcc=3A_eve=40example.com?= end",
        "=?utf-8?b?DQpCY2M6IGV2ZQ0KDQo8Yj5ib2R5PC9iPg==?=",
        "é =?utf-8?q?a=0Ab?=",
        "=?us-ascii?q?=E9=00?=",
        "=?unknown?q?x?=",
    ],
)
def test_encoded_words_in_a_title_are_not_decoded(title: str) -> None:
    read = opened(_made(replace(MESSAGE, title=title, headers={"List-Id": title.replace("é", "")})))
    assert read["Subject"] == title
    assert read.keys() == opened(_made(replace(MESSAGE, headers={"List-Id": "x"}))).keys()
    assert len(list(read.iter_parts())) == 2


def test_a_subject_begins_on_its_own_line() -> None:
    title = "[Test] An error happens often in Demo: This is a test. Nothing has happened."
    content = _made(replace(MESSAGE, title=title))
    assert f"\r\nSubject: {title}\r\n".encode() in content, "some programs show a fold as a blank"
    assert opened(content)["Subject"] == title
    marked = _made(replace(MESSAGE, title="no module base.\u200bir"))
    assert b"\r\nSubject: no module base.ir\r\n" in marked


def test_halves_of_characters_and_nul_do_not_stop_a_mail() -> None:
    odd = replace(MESSAGE, title="\ud800 title \0", text="\udfff text \0", html="<p>\ud800 \0</p>")
    read = opened(_made(odd))
    assert read["Subject"] == "title"
    plain = read.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().strip() == "? text"


@pytest.mark.parametrize("name", ["Bcc", "bcc", "From", "Content-Type", "X Y", "X:", "", "X\r\nY"])
def test_a_message_sets_no_header_that_is_ours(name: str) -> None:
    with pytest.raises(ValueError, match="header"):
        _made(replace(MESSAGE, headers={name: "x"}))


def test_a_header_it_sets_stays_one() -> None:
    read = opened(
        _made(replace(MESSAGE, headers={"List-Unsubscribe": "<https://x.example>\r\nBcc: eve@example.com"}))
    )
    assert read["Bcc"] is None
