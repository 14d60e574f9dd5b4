"""The key by which a machine proves who it is: seen once, shown to the administrator, pinned when accepted.

Comes in: what a machine presented. Goes out: its text, to be pinned, and its fingerprint, to be compared by people.
"""

from dataclasses import dataclass

import asyncssh

from app.errors import SourceUnreadable
from app.scanning.ssh.target import Target, exported


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key: as OpenSSH writes it, its fingerprint as `ssh-keygen -l` shows it, and its kind, as `ssh-ed25519`."""

    text: str
    fingerprint: str
    kind: str

    @classmethod
    def of(cls, key: asyncssh.SSHKey) -> "HostKey":
        """What is to be known of a key."""
        text = exported(key)
        return cls(text, key.get_fingerprint("sha256"), text.split()[0])


class HostKeyUnknown(SourceUnreadable):
    """Nobody has said yet by which key the machine is known; `presented` is the one it has shown."""

    def __init__(self, target: Target, presented: HostKey) -> None:
        super().__init__(
            f"the host key of {target.name} is unknown: it presents {presented.fingerprint} ({presented.kind});"
            " compare it on the host, and accept it if it is the same"
        )
        self.presented = presented


class HostKeyChanged(SourceUnreadable):
    """The machine has another key than the one that was accepted: it was set up anew, or somebody stands between.

    `target` is the machine, which may be a jump host on the way to another one.
    """

    def __init__(self, target: Target, presented: HostKey) -> None:
        pinned = HostKey.of(asyncssh.import_public_key(target.host_key or ""))
        super().__init__(
            f"the host key of {target.name} has changed: accepted was {pinned.fingerprint} ({pinned.kind}),"
            f" it now presents {presented.fingerprint} ({presented.kind}); somebody may be listening in"
        )
        self.target = target
        self.pinned = pinned
        self.presented = presented
