"""Names and addresses: what GitHub has is taken, and nothing that leads elsewhere."""

import pytest

from app.github.api.client import TokenCredentials, github
from app.github.api.names import checked_base_url, checked_repository


@pytest.mark.parametrize(
    "name", ["acme/odoo", "a/b", "Acme-1_corp/odoo.addons_17-0", f"{'a' * 39}/{'b' * 100}", "acme/.github"]
)
def test_a_repository(name: str) -> None:
    assert checked_repository(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", "odoo", "/odoo", "acme/", "acme/odoo/", "acme//odoo", "acme/odoo/issues", "acme/..", "../odoo", "./odoo", "acme/.",
        "acme/o..o", "acme/odoo?x", "acme/odoo#x", "acme/o%2Fo", "acme/odoo\n", " acme/odoo", "acme/ödoo", "acme/o\x00o",
        "acme/{odoo}", "acme\\odoo", "https://github.com/acme/odoo", f"{'a' * 40}/b", f"a/{'b' * 101}", "acme/\ud800",
    ],
)  # fmt: skip
def test_no_repository(name: str) -> None:
    with pytest.raises(ValueError):
        checked_repository(name)


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("https://api.github.com", "https://api.github.com"),
        ("https://api.github.com/", "https://api.github.com"),
        ("https://github.acme.example/api/v3/", "https://github.acme.example/api/v3"),
        ("https://10.0.0.7:8443/api/v3", "https://10.0.0.7:8443/api/v3"),
        ("https://[2001:db8::1]/api/v3", "https://[2001:db8::1]/api/v3"),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000"),
        ("http://localhost/api/v3", "http://localhost/api/v3"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_base_url(typed: str, base: str) -> None:
    assert checked_base_url(typed) == base


NO_BASE_URLS = [
    "", "api.github.com", "http://api.github.com", "http://10.0.0.7/api/v3", "http://localhost.evil.example", "ftp://localhost",
    "https://", "https:///api/v3", "https://ada:secret@github.example", "https://github.example?x=1", "https://github.example#x",
    "https://github.example/../x", "https://github.example/a/./b", "https://github.example//x", "https://github.example\\@evil",
    "https://github.example/{x}", "https://github.example/%2e%2e", "https://github.example:x", "https://github.example:99999",
    "https://github.example\n", " https://github.example", "https://gïthub.example", "https://[::1", "file:///etc/passwd",
    "https://" + "a" * 600,
]  # fmt: skip


@pytest.mark.parametrize("url", NO_BASE_URLS)
def test_no_base_url(url: str) -> None:
    with pytest.raises(ValueError):
        checked_base_url(url)


@pytest.mark.anyio
@pytest.mark.parametrize("url", [*NO_BASE_URLS, "https://.", "https://:443", "https://[x]"])
async def test_no_client_for_it(url: str) -> None:
    with pytest.raises(ValueError):
        async with github(url, TokenCredentials("t")):
            pass
