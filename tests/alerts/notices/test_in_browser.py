"""Notices and alerts in Chromium: whole on a phone, whatever they are about, and legible where it is dark."""

from uuid import UUID

from app.alerts.notices.notice_text import About, assigned, mentioned
from app.domain.alerts.alert_text import Told, message
from app.domain.alerts.conditions import ConditionKind
from tests.database import NOW
from tests.front_end.browser import chromium

LONG = About(UUID(int=1), "KeyError: " + "x" * 190, "y" * 80, "z" * 80, 3)


def test_mails_fit_a_phone_and_are_legible_in_the_dark() -> None:
    told = Told(
        ConditionKind.OPENED,
        LONG.group_id,
        LONG.title,
        "CRITICAL",
        "Shop",
        "z" * 80,
        2,
        NOW,
        "https://s.test/1",
    )
    mails = (
        assigned("a" * 80, [LONG, LONG], "b" * 300),
        mentioned("Ann", LONG, f"@bob https://example.com/{'c' * 300}"),
        message("r" * 80, [told], 1, "https://s.test/all"),
    )
    with (
        chromium() as browser,
        browser.new_context(viewport={"width": 390, "height": 900}, color_scheme="dark") as context,
    ):
        page = context.new_page()
        for mail in mails:
            page.set_content(mail.html or "")
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            style = "one => (({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(one))"
            assert page.locator("div").first.evaluate(style) == ["rgb(31, 35, 40)", "rgb(255, 255, 255)"]
