"""What waits for one subscriber is bounded, in number and in bytes, from the first payload on."""

from collections.abc import Iterator

from app.graphql.live.mailboxes import LARGEST, MOST, Mailbox


def opened() -> Mailbox:
    """An empty one."""
    mailbox = Mailbox(lambda: None)
    assert mailbox.open([])
    return mailbox


def all_of(mailbox: Mailbox) -> Iterator[bytes]:
    """All that waits."""
    while (payload := mailbox.take()) is not None:
        yield payload


def test_what_is_too_much_together_is_not_kept_even_where_nothing_waits() -> None:
    mailbox = opened()
    for too_much in ([b"x" * (LARGEST // 2 + 1)] * 2, [b"x"] * (MOST + 1)):
        assert not mailbox.put(too_much)
        assert not mailbox.is_waiting
    assert mailbox.put([b"x" * (LARGEST // 2)] * 2)
    assert not mailbox.put([b"x"])
    assert mailbox.put([b"refetch"])
    assert list(all_of(mailbox)) == [b"refetch"]


def test_one_alone_may_be_longer() -> None:
    mailbox = opened()
    assert mailbox.put([b"x" * (LARGEST + 1)])
    assert not mailbox.put([b"y"])
    mailbox = Mailbox(lambda: None)
    assert mailbox.open([b"x" * (LARGEST + 1)])


def test_what_comes_first_is_bounded_with_what_was_put_meanwhile() -> None:
    mailbox = Mailbox(lambda: None)
    assert not mailbox.open([b"x" * 2000] * MOST)
    assert mailbox.put([b"y" * 1000] * (MOST // 2))
    assert not mailbox.open([b"x"] * (MOST // 2 + 1))
    assert mailbox.take() is None
    assert mailbox.put([b"later"])
    assert mailbox.open([b"refetch"])
    assert list(all_of(mailbox)) == [b"refetch", b"later"]
