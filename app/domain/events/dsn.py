"""The address that a Sentry SDK is given, and that of our own API.

Comes in: where this server is reached, an app's number and its key. Goes out: addresses. An SDK takes a DSN apart as
`SCHEME://KEY@HOST/PATH/NUMBER` and sends to `SCHEME://HOST/PATH/api/NUMBER/envelope/`, so that a server below a path is
found, too.
"""


def dsn(base_url: str, key: str, number: int) -> str:
    """The DSN of an app; `base_url` has no slash at its end."""
    scheme, _, place = base_url.partition("://")
    return f"{scheme}://{key}@{place}/{number}"


def ingest_url(base_url: str) -> str:
    """Where our own API takes events."""
    return f"{base_url}/v1/ingest"
