"""The door for what GitHub tells: its webhooks.

Comes in: deliveries, signed. Goes out: routes.
"""

from starlette.routing import BaseRoute


def github_door() -> list[BaseRoute]:
    """The routes of this door."""
    return []
