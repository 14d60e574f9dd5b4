"""The keys and passwords by which instances' logs are reached, as the database keeps them.

Comes in: the secrets of an instance's machines, in their order. Goes out: bytes that only the keys in force read, and
only for that instance.
"""

import json
from typing import Any
from uuid import UUID

from app.accounts.keys_in_force import encryption


def sealed(instance_id: UUID, secrets: list[dict[str, str]]) -> bytes:
    """The secrets, encrypted. ConfigurationError: there is no key."""
    return encryption().encrypt(json.dumps(secrets).encode(), _context(instance_id))


def unsealed(instance_id: UUID, encrypted: bytes) -> list[dict[str, str]]:
    """The secrets. ConfigurationError: their key is not here. ValueError: they are damaged, or another instance's."""
    secrets: Any = json.loads(encryption().decrypt(encrypted, _context(instance_id)))
    if not isinstance(secrets, list) or not all(isinstance(one, dict) for one in secrets):
        raise ValueError("these are no secrets of machines")
    return secrets


def _context(instance_id: UUID) -> str:
    return f"instance {instance_id} source"
