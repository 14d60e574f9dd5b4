"""The keys that a process works with: those of its settings, made when they are first needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.accounts import keys_in_force
from app.accounts.encryption import Encryption
from app.config import from_environment
from app.errors import ConfigurationError


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    keys_in_force.use_keys()


def test_the_keys_of_the_settings_are_used() -> None:
    key = "a key of tests alone"
    keys_in_force.use(from_environment({"DATABASE_URL": "postgresql:///a", "SNAGLIST_SECRET_KEY": key}))
    encrypted = keys_in_force.encryption().encrypt(b"secret", "here")
    assert Encryption([key]).decrypt(encrypted, "here") == b"secret"
    assert keys_in_force.encryption() is keys_in_force.encryption()


def test_a_missing_key_is_told_to_those_who_need_one() -> None:
    keys_in_force.use(from_environment({"DATABASE_URL": "postgresql:///a"}))
    with pytest.raises(ConfigurationError, match="SNAGLIST_SECRET_KEY must be set"):
        keys_in_force.encryption()


def test_with_the_embedded_database_it_is_that_of_the_data_folder(tmp_path: Path) -> None:
    settings = from_environment({"SNAGLIST_DATA_DIR": str(tmp_path)})
    keys_in_force.use(settings)
    assert list(tmp_path.iterdir()) == [], "who keeps no secrets needs no key"
    encrypted = keys_in_force.encryption().encrypt(b"secret", "here")
    keys_in_force.use(settings)
    assert keys_in_force.encryption().decrypt(encrypted, "here") == b"secret"
