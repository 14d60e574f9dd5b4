"""What can be listened to: the root fields of subscriptions, each with the permission that it needs.

A resolver here is asked once, as a client begins: it notes in the context what is wanted, and answers an update without
a cursor, so that the operation is executed and counted before anything happens. What happens later comes by `shares`,
and is executed as the root value of the operation.
"""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

import strawberry
from graphql import SKIP, FieldNode, GraphQLResolveInfo, VariableNode, Visitor, VisitorAction, visit

from app.accounts.roles import Permission
from app.graphql import ids
from app.graphql.access import Guard
from app.graphql.context import Info
from app.graphql.error_filters import ErrorFilter, as_filter
from app.graphql.live.updates import ErrorUpdate, OccurrenceUpdate
from app.graphql.live.wanted import Begun, Feed, Wanted
from app.reading.filters import Filter

Filtered = Annotated[
    ErrorFilter | None,
    strawberry.argument(
        name="filter", description="What errors must be, now or before the change; null: all that lists show."
    ),
]
OfError = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Only of this error; without a filter also where it is muted, silenced or merged."
    ),
]
Since = Annotated[
    str | None,
    strawberry.argument(
        description="The `cursor` of the last update that you got: what happened since then is told first, or `refetch`"
        " where that is not known any more. Null: from now on."
    ),
]


def watching(description: str) -> Any:
    """`strawberry.subscription` for those who may view errors."""
    return strawberry.subscription(description=description, extensions=[Guard(Permission.VIEW_ERRORS)])


@strawberry.type(
    description="What can be listened to, over a WebSocket (`graphql-transport-ws`) or server-sent events. Updates are told"
    " after they are stored, at least once, and of one error four times a second at most."
)
class Subscription:
    """The root of all that is told while it happens."""

    @watching("Errors that happen for the first time.")
    async def error_opened(
        self, info: Info, wanted: Filtered = None, after: Since = None
    ) -> AsyncGenerator[ErrorUpdate, None]:
        _begin(info, Wanted(Feed.OPENED, _filter(wanted)), after)
        yield ErrorUpdate(cursor="")

    @watching(
        "Errors that are new, happen again, change, are talked about, merged or deleted. One that matched the filter until"
        " a change is told, too, so that it can be taken out of a list."
    )
    async def error_changed(
        self, info: Info, wanted: Filtered = None, error_id: OfError = None, after: Since = None
    ) -> AsyncGenerator[ErrorUpdate, None]:
        of_one = ids.wanted("ErrorGroup", error_id)
        _begin(info, Wanted(Feed.CHANGED, _filter(wanted), of_one), after)
        yield ErrorUpdate(cursor="")

    @watching("Occurrences that are recorded; repeats within the cooldown are not, and only raise counts.")
    async def occurrence_added(
        self, info: Info, wanted: Filtered = None, error_id: OfError = None, after: Since = None
    ) -> AsyncGenerator[OccurrenceUpdate, None]:
        of_one = ids.wanted("ErrorGroup", error_id)
        _begin(info, Wanted(Feed.OCCURRED, _filter(wanted), of_one), after)
        yield OccurrenceUpdate(cursor="")


def _filter(given: ErrorFilter | None) -> Filter | None:
    return None if given is None else as_filter(given)


def _begin(info: Info, wanted: Wanted, after: str | None) -> None:
    info.context.begun = Begun(wanted, after, _spare(info._raw_info))


def _spare(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """The variable that gives the root field its `after` and is used nowhere else, if there is one."""
    [node, *_] = info.field_nodes
    given = next((each.value for each in node.arguments or () if each.name.value == "after"), None)
    if not isinstance(given, VariableNode):
        return frozenset()
    uses = _Uses(given.name.value, node)
    for part in (info.operation, *info.fragments.values()):
        visit(part, uses)
    return frozenset() if uses.elsewhere else frozenset({given.name.value})


class _Uses(Visitor):
    """Whether a variable is used by anything but the root field itself."""

    def __init__(self, name: str, root: FieldNode) -> None:
        super().__init__()
        self.elsewhere = False
        self._name = name
        self._own = {
            id(argument.value) for argument in root.arguments or () if argument.name.value == "after"
        }

    def enter_variable_definition(self, *_: object) -> VisitorAction:
        return SKIP

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        if node.name.value == self._name and id(node) not in self._own:
            self.elsewhere = True
