"""All settings, read once from the environment into one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import ConfigurationError


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


def from_environment(environment: Mapping[str, str]) -> Settings:
    """The settings that `environment` (usually `os.environ`) gives. Raises ConfigurationError."""
    host = environment.get("HOST", "127.0.0.1")
    port = _port(environment.get("PORT", "8000"))
    token = environment.get("SNAGLIST_OWNER_TOKEN") or None
    if token is not None and len(token) < 20:
        raise ConfigurationError("SNAGLIST_OWNER_TOKEN must have 20 characters or more")
    return Settings(
        host=host,
        port=port,
        base_url=environment.get("SNAGLIST_BASE_URL", f"http://{host}:{port}").rstrip("/"),
        data_dir=Path(environment.get("SNAGLIST_DATA_DIR", "data")),
        database_url=environment.get("DATABASE_URL") or None,
        redis_url=environment.get("REDIS_URL") or None,
        secret_keys=tuple(key for key in environment.get("SNAGLIST_SECRET_KEY", "").split(",") if key),
        owner_email=environment.get("SNAGLIST_OWNER_EMAIL", "owner@localhost"),
        owner_password=environment.get("SNAGLIST_OWNER_PASSWORD") or None,
        owner_token=token,
        introspection=environment.get("SNAGLIST_INTROSPECTION", "1") != "0",
        demo=environment.get("DEMO", "0") == "1",
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)
