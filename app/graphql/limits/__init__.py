"""What a client may ask at once: length, depth, aliases, cost. Whatever is too much is refused before it is executed.

The schema is put together with both of these, or nothing is limited:

    from app.graphql.execution.executor import Execution
    from app.graphql.limits import extensions

    schema = strawberry.Schema(query=..., mutation=..., extensions=extensions(), execution_context_class=Execution)

A document comes in as text. `documents` parses, judges (`shape`) and validates it once and remembers it; `Execution`
counts its points (`costs`) with the variables of each request.
"""

from app.graphql.limits.extension import extensions

__all__ = ["extensions"]
