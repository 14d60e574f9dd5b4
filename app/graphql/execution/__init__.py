"""Executing queries: the selection is compiled once, and then only runs.

A document comes from `app.graphql.limits`, values come from the resolvers, plain dictionaries go out. `selections`
compiles what is asked for, `leaves` and `values` know how values become JSON, `run` does it, `executor` is what
Strawberry calls. Mutations, and whatever is unusual or fails, take graphql-core's way, so that answers and errors are its own.
"""
