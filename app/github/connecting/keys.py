"""Whose writes go out one at a time: the key of an installation of a GitHub App, or of a token.

Comes in: where it is and who we are there. Goes out: the same key for all projects that reach GitHub in the same way,
which tells nothing of the secret in it.
"""

import json
from hashlib import sha256

from app.github.api.client import AppCredentials, Credentials


def installation_key(base_url: str, credentials: Credentials) -> str:
    """64 hexadecimal digits."""
    if isinstance(credentials, AppCredentials):
        told = [base_url, "app", credentials.app_id, credentials.installation_id]
    else:
        told = [base_url, "token", credentials.token]
    return sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
