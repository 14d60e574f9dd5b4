"""The settings: what is taken when nothing is said, and what makes no sense."""

import logging
from pathlib import Path

import pytest

from app.config import from_environment
from app.errors import ConfigurationError


def test_nothing_needs_to_be_set() -> None:
    settings = from_environment({})
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.data_dir == Path("data")
    assert (settings.database_url, settings.redis_url, settings.secret_keys) == (None, None, ())
    assert (settings.log_level, settings.workers, settings.first_scan_bytes) == (logging.INFO, 1, 32 << 20)
    assert settings.secrets == ()


def test_empty_is_the_same_as_not_set() -> None:
    names = ["HOST", "PORT", "DATABASE_URL", "SNAGLIST_LOG_LEVEL", "SNAGLIST_WORKERS", "SNAGLIST_OWNER_TOKEN"]
    assert from_environment(dict.fromkeys(names, "")) == from_environment({})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://localhost:9"),  # noqa: S104
        ("::", "http://localhost:9"),
        ("::1", "http://[::1]:9"),
        ("snaglist.example", "http://snaglist.example:9"),
    ],
)
def test_the_url_is_one_that_can_be_opened(host: str, url: str) -> None:
    assert from_environment({"HOST": host, "PORT": "9"}).base_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "²"),
        ("PORT", "9" * 30),
        ("PORT", "http"),
        ("SNAGLIST_WORKERS", "-1"),
        ("SNAGLIST_WORKERS", "65"),
        ("SNAGLIST_FIRST_SCAN_BYTES", "1MB"),
        ("SNAGLIST_LOG_LEVEL", "LOUD"),
        ("SNAGLIST_BASE_URL", "snaglist.example"),
        ("DATABASE_URL", "mysql://hunter22@db/x"),
        ("REDIS_URL", "hunter22@redis:6379"),
        ("SNAGLIST_OWNER_TOKEN", "hunter22"),
        ("SNAGLIST_TRUSTED_PROXIES", "10.0.0.1, proxy"),
        ("SNAGLIST_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("SNAGLIST_DOCUMENTS", "mine"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} must ") as refused:
        from_environment({name: value})
    assert "hunter22" not in refused.value.message


def test_no_secret_is_shown_and_all_are_known() -> None:
    environment = {
        "DATABASE_URL": "postgresql://snaglist:first@secret@db:5432/x",
        "REDIS_URL": "redis://:second-secret@cache/0",
        "SNAGLIST_SECRET_KEY": "third-secret,fourth-secret",
        "SNAGLIST_OWNER_PASSWORD": "fifth-secret",
        "SNAGLIST_OWNER_TOKEN": "sixth-secret-of-20-characters",
    }
    settings = from_environment(environment)
    assert "secret-" not in repr(settings)
    assert "-secret" not in repr(settings)
    assert set(settings.secrets) == {
        "first@secret",
        "second-secret",
        "third-secret",
        "fourth-secret",
        "fifth-secret",
        "sixth-secret-of-20-characters",
    }


OIDC = {
    "SNAGLIST_OIDC_ISSUER": "https://login.acme.test/realms/acme",
    "SNAGLIST_OIDC_CLIENT_ID": "snaglist",
    "SNAGLIST_OIDC_CLIENT_SECRET": "hunter22",
}


def test_a_provider_is_named_after_its_host_and_lets_nobody_in_by_domain() -> None:
    oidc = from_environment(OIDC).oidc
    assert oidc
    assert (oidc.issuer, oidc.client_id) == (OIDC["SNAGLIST_OIDC_ISSUER"], "snaglist")
    assert (oidc.name, oidc.domains) == ("login.acme.test", ())
    more = {"SNAGLIST_OIDC_NAME": "Acme", "SNAGLIST_OIDC_DOMAINS": " Acme.test,@b.test,,"}
    oidc = from_environment(OIDC | more).oidc
    assert oidc
    assert (oidc.name, oidc.domains) == ("Acme", ("acme.test", "b.test"))
    assert from_environment(more).oidc is None


@pytest.mark.parametrize("missing", OIDC)
def test_a_provider_is_set_up_wholly_or_not_at_all(missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{missing} must "):
        from_environment({name: value for name, value in OIDC.items() if name != missing})


@pytest.mark.parametrize(
    "issuer", ["http://login.acme.test", "login.acme.test", "https://", "https://[", "ftp://a"]
)
def test_a_provider_is_spoken_to_so_that_nobody_listens(issuer: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^SNAGLIST_OIDC_ISSUER must ") as refused:
        from_environment(OIDC | {"SNAGLIST_OIDC_ISSUER": issuer})
    assert "hunter22" not in refused.value.message


def test_the_providers_secret_is_one() -> None:
    settings = from_environment(OIDC)
    assert "hunter22" not in repr(settings)
    assert settings.secrets == ("hunter22",)


def test_proxies_are_trusted_by_address_or_network() -> None:
    settings = from_environment({"SNAGLIST_TRUSTED_PROXIES": "10.0.0.1, 192.168.1.7/24,2001:db8::/32"})
    assert [str(network) for network in settings.trusted_proxies] == [
        "10.0.0.1/32",
        "192.168.1.0/24",
        "2001:db8::/32",
    ]
    assert from_environment({}).trusted_proxies == ()
