"""What is kept of what SDKs of Sentry send: its cost."""

import tracemalloc

import pytest

from app.ingest.answers import Refused
from app.ingest.sentry_items import envelope_of_store


def test_what_is_too_large_for_an_event_is_refused_before_anybody_reads_it() -> None:
    """Such a body, of 20 MiB at most, took half a gigabyte."""
    body = b'{"a":[' + b"{}," * 500_000 + b'{}],"b":NaN}'
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as refused:
            envelope_of_store(body)
        assert refused.value.status == 413
        assert tracemalloc.get_traced_memory()[1] < 4 * len(body)
    finally:
        tracemalloc.stop()
