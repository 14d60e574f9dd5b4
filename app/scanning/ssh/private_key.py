"""Reads a private key.

Comes in: its text and its passphrase. Goes out: the key in memory, or what is wrong with it in words, none of which
is from the key itself.
"""

import asyncssh

from app.errors import BadInput
from app.scanning.ssh.target import Key


def read_private_key(key: Key) -> asyncssh.SSHKey:
    """The key. Takes a tenth of a second and more where it is encrypted.

    BadInput, which names the field: it needs a passphrase, that is the wrong one, or it is damaged or of an unknown kind.
    """
    text = key.text.strip().replace("\r\n", "\n") + "\n"
    try:
        return asyncssh.import_private_key(text, key.passphrase)
    except asyncssh.KeyEncryptionError:
        if key.passphrase is None:
            raise _needs_passphrase() from None
        raise BadInput("the passphrase of the private key is wrong", field="passphrase") from None
    except asyncssh.KeyImportError as refused:
        if key.passphrase is None and "assphrase" in str(refused):
            raise _needs_passphrase() from None
        raise BadInput(_what_else(text), field="private_key") from None
    except Exception:  # noqa: BLE001  whatever a parser stumbles over, its words may hold parts of the key
        raise BadInput(_what_else(text), field="private_key") from None


def _needs_passphrase() -> BadInput:
    return BadInput("the private key is encrypted and needs its passphrase", field="passphrase")


def _what_else(text: str) -> str:
    if text.startswith(("ssh-", "ecdsa-", "sk-")):
        return "this is a public key; the private one is needed"
    return "the private key is damaged, or is none that OpenSSH can read"
