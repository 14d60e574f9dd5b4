"""Reading for a whole page what each of its nodes asks for by itself: one statement instead of one for each.

Comes in: what is asked for, how to read it for many, and whose turn it is. Goes out: the node's own part. What was
read stays in the context until the request ends, or until a mutation changes something.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import TypeVar

from strawberry.dataloader import DataLoader

from app.graphql.context import Info

T = TypeVar("T")
Key = TypeVar("Key", bound=Hashable)


def load(
    info: Info, what: Hashable, read: Callable[[list[Key]], Awaitable[Mapping[Key, T]]], key: Key
) -> Awaitable[T | None]:
    """The part of `key` in what `read` gives for all that ask in the same breath; None where it has none.

    `what` names the question with its arguments: who asks the same is answered by the same statement.
    """
    loader: DataLoader[Key, T | None] | None = info.context.loaded.get(what)
    if loader is None:

        async def several(keys: list[Key]) -> list[T | None]:
            found = await read(keys)
            return [found.get(key) for key in keys]

        loader = info.context.loaded[what] = DataLoader(load_fn=several)
    return loader.load(key)
