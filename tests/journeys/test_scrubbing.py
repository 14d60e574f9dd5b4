"""Secrets that an app sends: what is shown of them anywhere, and what is kept, by default and as a project wants it."""

import json
from typing import Any

import pytest

from app.tables.database import fetch
from app.tables.payloads import unpack
from tests.journeys.shop import Shop

pytestmark = pytest.mark.anyio

SECRETS = (
    "4111 1111 1111 1111",
    "5500005555555559",
    "hunter2hunter2",
    "tok-abcdef-123456",
    "DE02120300000000202051",
)
LEAKY: dict[str, Any] = {
    "message": "no money on 5500005555555559",
    "exception": {"values": [{"type": "Refused", "value": "card 4111 1111 1111 1111 was refused"}]},
    "tags": {"password": "hunter2hunter2", "plan": "pro"},
    "extra": {"order_token": "tok-abcdef-123456", "account": {"iban": "DE02120300000000202051"}},
    "request": {"url": "https://shop.test/pay", "data": {"password": "hunter2hunter2"}},
}
EVERYTHING = """
query ($id: ID!) { error(id: $id) {
  title message tags { key values { value } } fingerprints { reason }
  occurrences(first: 1) { nodes {
    message eventMessage traceback extra tags { key value } request { data } exceptions { message }
  } }
} }
"""


async def left(shop: Shop) -> tuple[set[str], set[str]]:
    """The secrets that are shown of what the app sent, and those that are stored anywhere."""
    await shop.report(LEAKY)
    await shop.scan()
    [error] = await shop.errors()
    shown = json.dumps((await shop.ask(EVERYTHING, id=error["id"]))["error"])
    rows = await fetch(
        """
        select g::text from error_group as g union all select f::text from fingerprint as f
        union all select t::text from fingerprint_tag as t union all select o::text from occurrence as o
        """
    )
    payloads = [unpack(row[0]).decode() for row in await fetch("select payload from event")]
    stored = "".join([*(row[0] for row in rows), *payloads])
    assert "pro" in shown
    await shop.do("errorGroupDelete", ids=[error["id"]])
    await fetch("delete from event")
    return {secret for secret in SECRETS if secret in shown}, {
        secret for secret in SECRETS if secret in stored
    }


async def test_what_everybody_calls_a_secret_is_nowhere(shop: Shop) -> None:
    assert await left(shop) == ({SECRETS[4]}, {SECRETS[4]})


async def test_a_project_names_more_secrets_or_fewer_or_none(shop: Shop) -> None:
    for wanted, kept in (
        ({"sensitiveKeys": ["iban"], "safeKeys": ["order_token"]}, {SECRETS[3]}),
        ({"enabled": False}, set(SECRETS)),
        (None, {SECRETS[4]}),
    ):
        await shop.do("projectUpdate", id=shop.project_id, scrubbing=wanted)
        shown, _ = await left(shop)
        assert shown & set(SECRETS[3:]) == kept & set(SECRETS[3:])
