"""Webhooks as GitHub sends them: payload, signature, headers.

Comes in: what happened, to whom it is told. Goes out: deliveries, kept in the world and posted by the server where they have a
URL. `signed` makes any other delivery a test may want, also a wrong one.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tests.github.stand_in import shapes
from tests.github.stand_in.records import Delivery, Hook, Installation, Repository, User
from tests.github.stand_in.shapes import Addresses, Json
from tests.github.stand_in.world import World


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(
    event: str,
    payload: Mapping[str, Any],
    secret: str,
    *,
    delivery_id: str | None = None,
    target_type: str = "repository",
    target_id: int = 1,
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery; a new id unless one is given. `target_type`: repository or integration."""
    body = json.dumps(payload, ensure_ascii=False).encode(errors="surrogatepass")
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": delivery_id or str(uuid4()),
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": "292430182",
        "X-GitHub-Hook-Installation-Target-ID": str(target_id),
        "X-GitHub-Hook-Installation-Target-Type": target_type,
        "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": signature(secret, body),
    }
    return headers, body


def pages(world: World) -> Addresses:
    """The addresses that payloads name."""
    return Addresses(world.url, world.url)


def tell(world: World, event: str, action: str, repository: Repository, sender: User, **parts: Json) -> None:
    """Something happened in a repository: every hook that listens there is told."""
    at = pages(world)
    for hook in world.hooks:
        installation = _installation(world, hook, repository)
        if installation is None and hook.repository_id != repository.id:
            continue
        payload: Json = {
            "action": action,
            **parts,
            "repository": shapes.repository(at, repository),
            "sender": shapes.user(at, sender),
        }
        if installation:
            payload["installation"] = {"id": installation.id, "node_id": f"MDQ6{installation.id}"}
        _deliver(world, hook, event, action, payload)


def tell_of_installation(world: World, action: str, installation: Installation, sender: User) -> None:
    """An installation was deleted, suspended or unsuspended: its App's hooks are told."""
    at = pages(world)
    names = ("id", "node_id", "name", "full_name", "private")
    repositories = [
        {name: value for name, value in shapes.repository(at, each).items() if name in names}
        for each in world.repositories.values()
        if _covers(installation, each)
    ]
    payload = {
        "action": action,
        "installation": shapes.installation(at, installation),
        "repositories": repositories,
        "sender": shapes.user(at, sender),
    }
    for hook in world.hooks:
        if hook.app is installation.app:
            _deliver(world, hook, "installation", action, payload)


def redelivered(world: World, delivery: Delivery) -> Delivery:
    """The same body, signature and id once more."""
    again = Delivery(
        delivery.id,
        delivery.event,
        delivery.action,
        dict(delivery.headers),
        delivery.body,
        delivery.url,
        world.now(),
    )
    _keep(world, again)
    return again


def _covers(installation: Installation, repository: Repository) -> bool:
    return repository.owner is installation.account and (
        installation.repositories is None or repository.id in installation.repositories
    )


def _installation(world: World, hook: Hook, repository: Repository) -> Installation | None:
    for each in world.installations.values():
        is_in_force = not (each.is_deleted or each.suspended_at)
        if hook.app is each.app and is_in_force and _covers(each, repository):
            return each
    return None


def _deliver(world: World, hook: Hook, event: str, action: str, payload: Json) -> None:
    kind = "integration" if hook.app else "repository"
    target = hook.app.id if hook.app else hook.repository_id or 0
    headers, body = signed(event, payload, hook.secret, target_type=kind, target_id=target)
    id_ = headers["X-GitHub-Delivery"]
    _keep(world, Delivery(id_, event, action, headers, body, hook.url, world.now()))


def _keep(world: World, delivery: Delivery) -> None:
    world.deliveries.append(delivery)
    if delivery.url and world.send:
        world.send(delivery)
