"""The executor that Strawberry calls for each operation.

Comes in: an operation with its variables. Goes out: graphql-core's ExecutionResult, refused where it costs too much or
cannot be counted: nothing of that is executed.
Queries and updates of subscriptions are run by `run`; what fails there is executed once more by graphql-core. Mutations
are graphql-core's from the start: nothing of them may happen twice.
"""

from inspect import isawaitable
from typing import Any, Final

from graphql import (
    DirectiveNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    visit,
)
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from app.graphql.context import Context
from app.graphql.execution.run import Run
from app.graphql.execution.selections import Selection, compiled
from app.graphql.limits.costs import count

MOST_SELECTIONS: Final = 8
"""Of an operation whose selection depends on variables."""


class Remembered:
    """An operation, the variables that decide what it selects, and the selections that it had."""

    def __init__(self, executor: "Execution") -> None:
        switches = _Switches()
        for node in (executor.operation, *executor.fragment_definitions.values()):
            visit(node, switches)
        self.switches = sorted(switches.names)
        self.selections: dict[tuple[Any, ...], Selection] = {}

    def selection(self, executor: "Execution") -> Selection:
        """What is selected with the variables of this request. Raises GraphQLError as graphql-core does."""
        key = tuple(executor.variable_values.coerced.get(name) for name in self.switches)
        found = self.selections.get(key)
        if found is None:
            found = compiled(executor)
            if len(self.selections) < MOST_SELECTIONS:
                self.selections[key] = found
        return found


class _Switches(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        values = (argument.value for argument in node.arguments or ())
        self.names.update(value.name.value for value in values if isinstance(value, VariableNode))


class Execution(StrawberryGraphQLCoreExecutionContext):
    """One execution of one operation."""

    operation: OperationDefinitionNode

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result, or an awaitable of it."""
        run = Run(self)
        try:
            selection = self._remembered().selection(self)
            cost, error = count(selection, run.given)
        except GraphQLError as wrong:
            return ExecutionResult(None, [wrong])
        except RecursionError:
            return ExecutionResult(None, [GraphQLError("what is asked for is nested too deeply")])
        if isinstance(self.context_value, Context):
            self.context_value.cost = cost
        if error is not None:
            return ExecutionResult(None, [error])
        if not self._may_be_repeated():
            return super().execute_operation(serially)
        try:
            data = run.read(selection, self.root_value, None)
        except Exception:  # noqa: BLE001  graphql-core finds it again, and says it
            run.drop()
            return self._again()
        return self._waited(run, data) if run.waiting else ExecutionResult(data, None)

    def _remembered(self) -> Remembered:
        """What was found out about the operation when its document was asked before."""
        context = self.context_value
        documents: dict[Any, Any] = context.remembered if isinstance(context, Context) else {}
        key = id(self.operation)  # of the document that the memory belongs to
        found: Remembered = documents.get(key) or documents.setdefault(key, Remembered(self))
        return found

    def _may_be_repeated(self) -> bool:
        middleware = self.middleware_manager
        return (
            self.operation.operation is not OperationType.MUTATION
            and not (middleware and middleware.middlewares)
            and not self.schema._strawberry_schema.exception_handlers  # type: ignore[attr-defined]
        )

    async def _waited(self, run: Run, data: dict[str, Any]) -> Any:
        try:
            await run.wait()
        except Exception:  # noqa: BLE001  as above
            run.drop()
            result = self._again()
            return await result if isawaitable(result) else result
        return ExecutionResult(data, None)

    def _again(self) -> Any:
        if isinstance(self.context_value, Context):
            self.context_value.loaded.clear()  # what failed to load is loaded again
        return super().execute_operation()
