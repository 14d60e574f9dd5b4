"""All settings, read once from the environment into one frozen value."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from app.errors import ConfigurationError

BAD_CONFIGURATION: Final = 78
"""The exit status of a process that cannot work with its settings, so that starting it again is of no use."""

_EVERY_ADDRESS: Final = ("", "0.0.0.0", "::")  # noqa: S104  not bound here
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_MOST_WORKERS: Final = 64
_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Oidc:
    """The OIDC provider that people sign in with: who it is, and who we are there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    """What people call it."""
    domains: tuple[str, ...]
    """Of e-mail addresses whose owners become members without an invitation; in small letters."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`None` in `database_url` or `redis_url` means: run the embedded server. Secrets do not show in its repr."""

    host: str
    port: int
    base_url: str
    data_dir: Path
    database_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    owner_email: str
    owner_password: str | None = field(repr=False)
    owner_token: str | None = field(repr=False)
    introspection: bool
    demo: bool
    log_level: int
    workers: int
    first_scan_bytes: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose `X-Forwarded-For` counts."""
    oidc: Oidc | None = None
    only_own_documents: bool = False
    """Whether the graph answers nothing but the documents that the front end was built with."""
    smtp_url: str | None = field(default=None, repr=False)
    """Where mails are handed in; None: they are written to `mail_dir`."""
    mail_from: str = "snaglist@localhost"
    mail_dir: Path = Path("data/mail")
    private_targets: bool = False
    """Whether messages may be sent to machines of the own network."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must be seen nowhere."""
        urls = (self.database_url, self.redis_url, self.smtp_url)
        given = (
            *self.secret_keys,
            self.owner_password,
            self.owner_token,
            self.oidc.client_secret if self.oidc else None,
            *(_password(url) for url in urls),
            *(unquote(_password(url) or "") for url in urls),
        )
        return tuple(secret for secret in given if secret)


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings that `environment` (usually `os.environ`) gives; empty is the same as not set.

    ConfigurationError: one makes no sense; its message names the variable, and never what is secret in it.
    """
    env = {name: value for name, value in environment.items() if value}
    host = env.get("HOST", "127.0.0.1")
    port = _number(env, "PORT", 8000, least=1, most=65535)
    token = env.get("SNAGLIST_OWNER_TOKEN")
    if token is not None and len(token) < 20:
        raise ConfigurationError("SNAGLIST_OWNER_TOKEN must have 20 characters or more")
    return Settings(
        host=host,
        port=port,
        base_url=_base_url(env, host, port),
        data_dir=Path(env.get("SNAGLIST_DATA_DIR", "data")),
        database_url=_url(env, "DATABASE_URL", ("postgresql", "postgres")),
        redis_url=_url(env, "REDIS_URL", ("redis", "rediss", "unix")),
        secret_keys=tuple(key for key in env.get("SNAGLIST_SECRET_KEY", "").split(",") if key),
        owner_email=env.get("SNAGLIST_OWNER_EMAIL", "owner@localhost"),
        owner_password=env.get("SNAGLIST_OWNER_PASSWORD"),
        owner_token=token,
        introspection=env.get("SNAGLIST_INTROSPECTION", "1") != "0",
        demo=env.get("DEMO", "0") == "1",
        log_level=_level(env.get("SNAGLIST_LOG_LEVEL", "INFO")),
        workers=_number(env, "SNAGLIST_WORKERS", 1, least=0, most=_MOST_WORKERS),
        first_scan_bytes=_number(
            env, "SNAGLIST_FIRST_SCAN_BYTES", 32 * _MEBIBYTE, least=_MEBIBYTE, most=1 << 62
        ),
        trusted_proxies=_networks(env, "SNAGLIST_TRUSTED_PROXIES"),
        oidc=_oidc(env),
        only_own_documents=_only_own_documents(env.get("SNAGLIST_DOCUMENTS", "any")),
        smtp_url=_url(env, "SNAGLIST_SMTP_URL", ("smtp", "smtps")),
        mail_from=env.get("SNAGLIST_MAIL_FROM", f"snaglist@{urlsplit(_base_url(env, host, port)).hostname}"),
        mail_dir=Path(env.get("SNAGLIST_MAIL_DIR") or Path(env.get("SNAGLIST_DATA_DIR", "data")) / "mail"),
        private_targets=env.get("SNAGLIST_PRIVATE_TARGETS", "0") == "1",
    )


def _number(env: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = env.get(name, str(default))
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    if not is_number or not least <= int(text) <= most:
        raise ConfigurationError(f"{name} must be a number from {least} to {most}, not {text[:40]!r}")
    return int(text)


def _only_own_documents(text: str) -> bool:
    if text not in ("any", "own"):
        raise ConfigurationError(f"SNAGLIST_DOCUMENTS must be any or own, not {text[:40]!r}")
    return text == "own"


def _level(text: str) -> int:
    if text.upper() not in _LEVELS:
        raise ConfigurationError(f"SNAGLIST_LOG_LEVEL must be one of {', '.join(_LEVELS)}, not {text[:40]!r}")
    return logging.getLevelNamesMapping()[text.upper()]


def _base_url(env: Mapping[str, str], host: str, port: int) -> str:
    name = "localhost" if host in _EVERY_ADDRESS else f"[{host}]" if ":" in host else host
    url = env.get("SNAGLIST_BASE_URL", f"http://{name}:{port}")
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError("SNAGLIST_BASE_URL must begin with http:// or https://")
    return url.rstrip("/")


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    url = env.get(name)
    if url is not None and not url.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise ConfigurationError(f"{name} must begin with {' or '.join(f'{s}://' for s in schemes)}")
    return url


def _networks(env: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part, strict=False) for part in _listed(env, name))
    except ValueError as wrong:
        raise ConfigurationError(f"{name} must be addresses or networks with commas: {wrong}") from None


def _oidc(env: Mapping[str, str]) -> Oidc | None:
    """The provider; None where no issuer is named. All that is needed must be there, or nothing."""
    names = ("SNAGLIST_OIDC_ISSUER", "SNAGLIST_OIDC_CLIENT_ID", "SNAGLIST_OIDC_CLIENT_SECRET")
    given = [env[name] for name in names if name in env]
    if not given:
        return None
    for name in names:
        if name not in env:
            raise ConfigurationError(f"{name} must be set where another one of OIDC is")
    issuer, client_id, client_secret = given
    if not is_guarded(issuer):
        raise ConfigurationError(f"{names[0]} must begin with https:// (http:// is for this machine alone)")
    domains = tuple(domain.lower().removeprefix("@") for domain in _listed(env, "SNAGLIST_OIDC_DOMAINS"))
    return Oidc(
        issuer,
        client_id,
        client_secret,
        env.get("SNAGLIST_OIDC_NAME", urlsplit(issuer).hostname or "OIDC"),
        domains,
    )


def is_guarded(url: str) -> bool:
    """Whether nobody on the way can read or change what goes to this URL."""
    try:
        split = urlsplit(url)
    except ValueError:
        return False
    is_here = split.hostname in ("localhost", "127.0.0.1", "::1")
    return (split.scheme == "https" and bool(split.hostname)) or (split.scheme == "http" and is_here)


def _listed(env: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in env.get(name, "").split(",") if part.strip()]


def _password(url: str | None) -> str | None:
    """What stands as the password in a URL, as it is written there."""
    authority = (url or "").partition("://")[2]
    return authority.rpartition("@")[0].partition(":")[2] or None
