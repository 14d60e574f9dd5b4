"""What went wrong on the way to a machine, in words for whoever has to mend it.

Comes in: what asyncssh or the operating system raised. Goes out: SourceUnreadable. What the other side said about it is
told redacted and short; nothing of a credential is told.
"""

import socket
from typing import Final

import asyncssh

from app.domain.secrets.redaction import redact
from app.errors import SourceUnreadable
from app.scanning.ssh.target import Key, Target

_SAID: Final = 200


def connecting(
    error: BaseException, target: Target, *, was_answered: bool, seconds: float
) -> SourceUnreadable:
    """Why no connection came about; `was_answered`: something accepted it at first. `seconds` it was waited for."""
    name = target.name
    match error:
        case socket.gaierror():
            told = f"nobody knows a host {target.host}: is its name right?"
        case ConnectionRefusedError():
            told = f"{name} refused the connection: does an SSH server listen on port {target.port}?"
        case TimeoutError() if was_answered:
            told = f"{name} accepts connections and then says nothing; {seconds:g} seconds were waited"
        case TimeoutError():
            told = f"{name} did not answer within {seconds:g} seconds: is it on, and does a firewall let us through?"
        case OSError():
            told = f"{name} cannot be reached: {error.strerror or type(error).__name__}"
        case asyncssh.ChannelOpenError() if target.jump:
            told = _not_through(error, target.jump, name)
        case asyncssh.DisconnectError():
            told = _disconnected(error, target)
        case _:
            told = f"{name} cannot be reached: {type(error).__name__}"
    return SourceUnreadable(told)


def behind_jump(error: SourceUnreadable) -> SourceUnreadable:
    """That the jump host itself failed; why, as it was told, is the cause."""
    failure = SourceUnreadable(f"the jump host failed: {error.message}")
    failure.__cause__ = error
    return failure


def lost(target: Target) -> SourceUnreadable:
    """That the connection went while a command ran."""
    return SourceUnreadable(f"the connection to {target.name} was lost")


def no_session(target: Target, error: asyncssh.ChannelOpenError) -> SourceUnreadable:
    """That the server runs no more commands on one connection."""
    return SourceUnreadable(
        f"{target.name} allows no more sessions on a connection (MaxSessions of its sshd): {said(error.reason)}"
    )


def said(text: str) -> str:
    """What the other side said, in one short line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in redact(text))
    return " ".join(printable.split())[:_SAID]


def _not_through(error: asyncssh.ChannelOpenError, jump: Target, name: str) -> str:
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return f"the jump host {jump.name} does not let us through (AllowTcpForwarding of its sshd)"
    return f"the jump host {jump.name} cannot reach {name}: {said(error.reason)}"


def _disconnected(error: asyncssh.DisconnectError, target: Target) -> str:
    match error:
        case asyncssh.PermissionDenied():
            return _refused(target)
        case asyncssh.KeyExchangeFailed():
            return f"{target.name} and Snaglist have no encryption in common: {said(error.reason)}"
        case asyncssh.ConnectionLost():
            return (
                f"{target.name} closed the connection before anybody could log in:"
                " is it an SSH server, and has it too many connections?"
            )
    return f"{target.name} ended the connection: {said(error.reason)}"


def _refused(target: Target) -> str:
    if isinstance(target.credential, Key):
        return (
            f"{target.name} does not accept the key for the user {target.user}:"
            " is its public half in that user's authorized_keys?"
        )
    return f"{target.name} does not accept the password of the user {target.user}, or no passwords at all"
