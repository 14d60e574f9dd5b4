"""What everything has in common that has an id."""

import strawberry


@strawberry.interface(description="Anything with an id: ask for it again with `node(id:)`.")
class Node:
    """Anything with an id."""

    id: strawberry.ID = strawberry.field(description="Its global id: opaque, and the same for ever.")
