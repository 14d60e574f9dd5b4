"""The HTML of a digest, as mail programs of all ages show it. Pure.

Comes in: what it tells, and where its pictures are. Goes out: HTML in two parts, between which a link belongs.

Tables and styles at each element, as many programs know nothing else; 600 pixels at most; the styles at the top are
for the dark and for phones, where they are known. Nothing is asked of any other machine, and nothing runs.
"""

from collections.abc import Mapping
from html import escape
from typing import Final

from app.domain.alerts.defusing import lifeless, line
from app.domain.alerts.digest_content import DigestContent, DigestError, Section
from app.domain.alerts.digest_words import (
    NAME_LIMIT,
    TITLE_LIMIT,
    in_period,
    period,
    status,
    trend,
    where,
    why,
)

WIDTH: Final = 120
HEIGHT: Final = 24
"""Pixels of a picture as it is shown; it has twice as many."""

_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
_TABLE: Final = 'role="presentation" cellpadding="0" cellspacing="0" border="0"'
_PILLS: Final = {  # class, colour, background
    "CRITICAL": ("red", "#b42318", "#feeeec"),
    "HIGH": ("orange", "#a03c06", "#fff1e4"),
    "MEDIUM": ("blue", "#1c4ccf", "#e9f0ff"),
}
_STYLE: Final = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #0e0f12 !important; }
  .card { background: #1b1d22 !important; border-color: #272a31 !important; }
  .rule { border-color: #272a31 !important; }
  .text, .text a { color: #e9eaee !important; }
  .soft { color: #adb1bb !important; }
  .link { color: #a3a3fb !important; }
  .red { color: #ff9c97 !important; background: #3a1818 !important; }
  .orange { color: #ffb27d !important; background: #39200f !important; }
  .blue { color: #94b9ff !important; background: #16264a !important; }
}
@media (max-width: 480px) {
  .outer { padding: 12px 8px !important; }
  .pad { padding-left: 16px !important; padding-right: 16px !important; }
  .main, .side { display: block !important; width: auto !important; text-align: left !important; }
  .side { padding: 0 16px 14px !important; border-top: 0 !important; }
  .main { padding: 14px 16px 6px !important; }
}
"""


def parts(content: DigestContent, title: str, pictures: Mapping[str, str]) -> tuple[str, str]:
    """The whole page, but for the address behind the last link, which is to be escaped and put between the two."""
    body = "".join(
        (
            _head(content),
            _section("New errors", content.new, pictures),
            _section("Regressed", content.regressed, pictures),
            _nothing() if content.is_empty else "",
        )
    )
    before = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        '<body class="page" style="margin:0;padding:0;background:#f6f7f8">\n'
        f'<table {_TABLE} width="100%" class="page" style="background:#f6f7f8">\n'
        '<tr><td align="center" class="outer" style="padding:24px 12px">\n'
        f'<!--[if mso]><table {_TABLE} width="600"><tr><td><![endif]-->\n'
        f'<table {_TABLE} width="100%" style="width:100%;max-width:600px">\n'
        f'<tr><td class="card" style="background:#ffffff;border:1px solid #e5e6ea;border-radius:8px">\n{body}</td></tr>\n'
        f'<tr><td class="pad" style="padding:16px 24px">{_why(content)}<a class="link" href="'
    )
    after = (
        f'" style="{_FONT};font-size:12px;line-height:18px;color:#4b43dd">Unsubscribe from this digest</a></td></tr>\n'
        "</table>\n<!--[if mso]></td></tr></table><![endif]-->\n</td></tr>\n</table>\n</body>\n</html>\n"
    )
    return before, after


def _head(content: DigestContent) -> str:
    critical = content.new.critical + content.regressed.critical
    numbers = "".join(
        f'<td style="padding-right:28px;{_FONT}"><span class="text" style="font-size:22px;line-height:28px;'
        f'font-weight:600;color:#17181c">{number:,}</span><br>'
        f'<span class="soft" style="font-size:12px;line-height:16px;color:#646974">{name}</span></td>'
        for name, number in (
            ("new", content.new.total),
            ("regressed", content.regressed.total),
            ("critical", critical),
        )
    )
    return (
        f'<table {_TABLE} width="100%"><tr><td class="pad" style="padding:20px 24px 16px">\n'
        f'<h1 class="text" style="margin:0;{_FONT};font-size:18px;line-height:24px;font-weight:600;color:#17181c;'
        f'word-break:break-word">{escape(lifeless(content.project, NAME_LIMIT))}</h1>\n'
        f'<p class="soft" style="margin:2px 0 14px;{_FONT};font-size:13px;line-height:18px;color:#646974">'
        f"{escape(period(content))}</p>\n<table {_TABLE}><tr>{numbers}</tr></table>\n</td></tr></table>\n"
    )


def _section(name: str, section: Section, pictures: Mapping[str, str]) -> str:
    if not section.errors:
        return ""
    rows = "".join(_row(error, pictures.get(error.link)) for error in section.errors)
    rest = section.total - len(section.errors)
    more = (
        f'<tr><td colspan="2" class="pad rule" style="padding:12px 24px;border-top:1px solid #e5e6ea;{_FONT};'
        f'font-size:13px;line-height:18px"><a class="link" href="{escape(section.link)}" style="color:#4b43dd">'
        f"and {rest:,} more</a></td></tr>\n"
    )
    return (
        f'<table {_TABLE} width="100%">\n<tr><td colspan="2" class="pad rule" style="padding:14px 24px 8px;'
        f'border-top:1px solid #e5e6ea"><h2 class="text" style="margin:0;{_FONT};font-size:14px;line-height:20px;'
        f'font-weight:600;color:#17181c">{name}</h2></td></tr>\n{rows}{more if rest > 0 else ""}</table>\n'
    )


def _row(error: DigestError, picture: str | None) -> str:
    kind, colour, background = _PILLS.get(error.severity, _PILLS["MEDIUM"])
    facts = " · ".join(escape(text) for text in (where(error), status(error)) if text)
    image = (
        f'<img src="{escape(picture)}" width="{WIDTH}" height="{HEIGHT}" alt="{escape(trend(error.trend))}"'
        f' style="display:inline-block;border:0;width:{WIDTH}px;height:{HEIGHT}px"><br>'
        if picture
        else ""
    )
    return (
        '<tr><td class="main rule" valign="top" style="padding:12px 0 12px 24px;border-top:1px solid #e5e6ea">'
        f'<span class="{kind}" style="{_FONT};font-size:11px;line-height:16px;font-weight:600;color:{colour};'
        f'background:{background};border-radius:3px;padding:1px 5px">{escape(error.severity)}</span>'
        f'<span class="soft" style="{_FONT};font-size:11px;line-height:16px;color:#646974">'
        f"&nbsp; {escape(error.priority)}</span><br>"
        f'<span class="text" style="{_FONT};font-size:14px;line-height:20px;font-weight:600;word-break:break-word">'
        f'<a href="{escape(error.link)}" style="color:#17181c;text-decoration:underline">'
        f"{escape(line(error.title, TITLE_LIMIT)) or 'an error without a title'}</a></span><br>"
        f'<span class="soft" style="{_FONT};font-size:12px;line-height:18px;color:#646974;word-break:break-word">'
        f"{facts}</span></td>\n"
        f'<td class="side rule" width="{WIDTH + 40}" valign="top" align="right" style="padding:12px 24px 12px 16px;'
        f'border-top:1px solid #e5e6ea">{image}<span class="soft" style="{_FONT};font-size:12px;line-height:18px;'
        f'color:#646974">{in_period(error)}</span></td></tr>\n'
    )


def _nothing() -> str:
    return (
        f'<table {_TABLE} width="100%"><tr><td class="pad rule soft" style="padding:16px 24px;border-top:1px solid '
        f'#e5e6ea;{_FONT};font-size:14px;line-height:20px;color:#646974">Nothing is new, and nothing came back.'
        "</td></tr></table>\n"
    )


def _why(content: DigestContent) -> str:
    return "".join(
        f'<p class="soft" style="margin:0 0 6px;{_FONT};font-size:12px;line-height:18px;color:#646974">{escape(text)}</p>\n'
        for text in why(content)
    )
