"""The outbox: messages that are to be sent, written in the transaction of what they tell of.

Comes in: messages, each with where it goes and a key that nothing else has. Goes out: rows, which `sending` sends after
the commit. A mail to several addresses is a row for each, so that one that refuses it has no say over the others.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from app.alerts.channels.channel import Channel, EmailChannel, sealed, shown
from app.alerts.channels.outgoing import Outgoing
from app.domain.events.event_texts import clean
from app.tables.database import fetch
from app.tables.identifiers import uuids7

Kind = Literal["alert", "digest", "assigned", "mentioned", "test"]
"""What a message is: of a rule, of a project's news, to one member about an error, or for trying out."""

KEY_LIMIT: Final = 1000
"""Characters of a key: it stands in an index."""
TITLE_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message to be. Texts are redacted by whoever composes them.

    `rule_id`: it is not sent once that rule is deleted or, of kind `alert`, disabled. `project_id`, `membership_id`:
    it is not sent to a member who is gone, or about a project that is. `key`: the same one is never added twice.
    """

    organization_id: UUID
    project_id: UUID | None
    rule_id: UUID | None
    membership_id: UUID | None
    kind: Kind
    channel: Channel
    message: Outgoing
    key: str


async def add(deliveries: Sequence[NewDelivery], now: datetime) -> list[UUID]:
    """Add them, due at once; the ids of those that were new. One statement, in the caller's transaction if there is one.

    After the commit call `waking.wake_deliveries`. ConfigurationError: there is no key to encrypt their channels with.
    """
    each = sorted(_apart(deliveries), key=lambda one: one.key)  # as all do, so that nobody waits in a circle
    if not each:
        return []
    rows = await fetch(
        _ADD,
        uuids7(now, len(each)),
        [one.organization_id for one in each],
        [one.project_id for one in each],
        [one.rule_id for one in each],
        [one.membership_id for one in each],
        [one.kind for one in each],
        [clean(shown(one.channel)["label"]) for one in each],
        [packed(one.message) for one in each],
        [sealed(one.organization_id, (one.channel,)) for one in each],
        [one.key for one in each],
        now,
    )
    return [row["id"] for row in rows]


_ADD: Final = """
insert into delivery (id, organization_id, project_id, rule_id, membership_id, kind, target, body, channel, key,
    status, next_attempt_at, created_at)
select id, organization_id, project_id, rule_id, membership_id, kind, target, body::jsonb, channel, key,
    'waiting', $11, $11
from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::bytea[],
    $10::text[]) with ordinality
    as n(id, organization_id, project_id, rule_id, membership_id, kind, target, body, channel, key, place)
order by place
on conflict (key) do nothing
returning id
"""


def packed(message: Outgoing) -> str:
    """The message as JSON that PostgreSQL takes, whatever texts are in it."""
    body = {
        "title": message.title[:TITLE_LIMIT],
        "text": message.text,
        "html": message.html,
        "data": msgspec.to_builtins(message.data, str_keys=True),
        "images": [(name, base64.b64encode(image).decode()) for name, image in message.images],
        "headers": dict(message.headers),
    }
    return msgspec.json.encode(_clean(body)).decode()


def unpacked(body: str) -> Outgoing:
    """The message of `packed`. ValueError: it is none."""
    stored = msgspec.json.decode(body, type=_Body)
    images = tuple((name, base64.b64decode(image, validate=True)) for name, image in stored.images)
    return Outgoing(stored.title, stored.text, stored.html, stored.data, images, stored.headers)


class _Body(msgspec.Struct):
    """A message as a row keeps it."""

    title: str
    text: str
    html: str | None
    data: dict[str, Any]
    images: list[tuple[str, str]]
    headers: dict[str, str]


def _apart(deliveries: Sequence[NewDelivery]) -> Iterator[NewDelivery]:
    """The deliveries, a mail to several addresses as one for each."""
    for one in deliveries:
        channel = one.channel
        if isinstance(channel, EmailChannel) and len(channel.addresses) > 1:
            for address in dict.fromkeys(channel.addresses):
                yield replace(one, channel=EmailChannel((address,)), key=_key(f"{one.key}:{address.lower()}"))
        else:
            yield replace(one, key=_key(one.key))


def _key(key: str) -> str:
    if len(key) > KEY_LIMIT:
        raise ValueError(f"a key has at most {KEY_LIMIT} characters")
    return key


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): _clean(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(part) for part in value]
    return value
