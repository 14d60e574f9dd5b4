"""The whole graph, put together."""

from collections.abc import Iterable

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig

from app.graphql.alert_rules import AlertRule
from app.graphql.apps import App
from app.graphql.audit import AuditEntry
from app.graphql.comments import Comment
from app.graphql.deliveries import Delivery
from app.graphql.error_groups import ErrorGroup
from app.graphql.execution.executor import Execution
from app.graphql.history import ErrorHistoryEntry
from app.graphql.ingest_problems import IngestProblem
from app.graphql.limits import extensions
from app.graphql.live.subscriptions import Subscription
from app.graphql.members import Invitation, Member
from app.graphql.mutations.alert_rule_create import alert_rule_create
from app.graphql.mutations.alert_rule_delete import alert_rule_delete
from app.graphql.mutations.alert_rule_test import alert_rule_test
from app.graphql.mutations.alert_rule_update import alert_rule_update
from app.graphql.mutations.app_create import app_create
from app.graphql.mutations.app_delete import app_delete
from app.graphql.mutations.app_rotate_key import app_rotate_key
from app.graphql.mutations.app_update import app_update
from app.graphql.mutations.comment_add import comment_add
from app.graphql.mutations.comment_delete import comment_delete
from app.graphql.mutations.comment_edit import comment_edit
from app.graphql.mutations.delivery_retry import delivery_retry
from app.graphql.mutations.error_group_assign import error_group_assign
from app.graphql.mutations.error_group_claim import error_group_claim
from app.graphql.mutations.error_group_create_github_issue import error_group_create_github_issue
from app.graphql.mutations.error_group_delete import error_group_delete
from app.graphql.mutations.error_group_merge import error_group_merge
from app.graphql.mutations.error_group_mute import error_group_mute
from app.graphql.mutations.error_group_reopen import error_group_reopen
from app.graphql.mutations.error_group_resolve import error_group_resolve
from app.graphql.mutations.error_group_retry_github_issue import error_group_retry_github_issue
from app.graphql.mutations.error_group_silence import error_group_silence
from app.graphql.mutations.error_group_unmerge import error_group_unmerge
from app.graphql.mutations.error_group_unmute import error_group_unmute
from app.graphql.mutations.ingest_problem_discard import ingest_problem_discard
from app.graphql.mutations.ingest_problem_retry import ingest_problem_retry
from app.graphql.mutations.instance_create import instance_create
from app.graphql.mutations.instance_delete import instance_delete
from app.graphql.mutations.instance_scan import instance_scan
from app.graphql.mutations.instance_test_connection import instance_test_connection
from app.graphql.mutations.instance_update import instance_update
from app.graphql.mutations.invitation_accept import invitation_accept
from app.graphql.mutations.invitation_revoke import invitation_revoke
from app.graphql.mutations.member_invite import member_invite
from app.graphql.mutations.member_remove import member_remove
from app.graphql.mutations.member_update import member_update
from app.graphql.mutations.organization_update import organization_update
from app.graphql.mutations.password_change import password_change
from app.graphql.mutations.project_connect_github import project_connect_github
from app.graphql.mutations.project_create import project_create
from app.graphql.mutations.project_delete import project_delete
from app.graphql.mutations.project_digest_opt_out import project_digest_opt_out
from app.graphql.mutations.project_disconnect_github import project_disconnect_github
from app.graphql.mutations.project_test_github import project_test_github
from app.graphql.mutations.project_update import project_update
from app.graphql.mutations.sign_in import sign_in
from app.graphql.mutations.sign_out import sign_out
from app.graphql.mutations.token_create import token_create
from app.graphql.mutations.token_revoke import token_revoke
from app.graphql.occurrences import Occurrence
from app.graphql.projects import Instance, Project
from app.graphql.queries import Query
from app.graphql.scalars import SCALARS
from app.graphql.tokens import AccessToken
from app.graphql.viewer import Organization


@strawberry.type(description="What can be changed. Each answers with what it changed, and with `userErrors`.")
class Mutation:
    """The root of every change."""

    sign_in = sign_in
    sign_out = sign_out
    password_change = password_change
    project_create = project_create
    project_update = project_update
    project_delete = project_delete
    project_connect_github = project_connect_github
    project_disconnect_github = project_disconnect_github
    project_test_github = project_test_github
    project_digest_opt_out = project_digest_opt_out
    instance_create = instance_create
    instance_update = instance_update
    instance_delete = instance_delete
    instance_test_connection = instance_test_connection
    instance_scan = instance_scan
    app_create = app_create
    app_update = app_update
    app_delete = app_delete
    app_rotate_key = app_rotate_key
    ingest_problem_retry = ingest_problem_retry
    ingest_problem_discard = ingest_problem_discard
    error_group_claim = error_group_claim
    error_group_resolve = error_group_resolve
    error_group_reopen = error_group_reopen
    error_group_silence = error_group_silence
    error_group_mute = error_group_mute
    error_group_unmute = error_group_unmute
    error_group_assign = error_group_assign
    error_group_merge = error_group_merge
    error_group_unmerge = error_group_unmerge
    error_group_delete = error_group_delete
    error_group_create_github_issue = error_group_create_github_issue
    error_group_retry_github_issue = error_group_retry_github_issue
    comment_add = comment_add
    comment_edit = comment_edit
    comment_delete = comment_delete
    alert_rule_create = alert_rule_create
    alert_rule_update = alert_rule_update
    alert_rule_delete = alert_rule_delete
    alert_rule_test = alert_rule_test
    delivery_retry = delivery_retry
    organization_update = organization_update
    member_invite = member_invite
    invitation_accept = invitation_accept
    invitation_revoke = invitation_revoke
    member_update = member_update
    member_remove = member_remove
    token_create = token_create
    token_revoke = token_revoke


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[
        AccessToken,
        AlertRule,
        App,
        AuditEntry,
        Comment,
        Delivery,
        ErrorGroup,
        ErrorHistoryEntry,
        IngestProblem,
        Instance,
        Invitation,
        Member,
        Occurrence,
        Organization,
        Project,
    ],
    extensions=extensions(),
    execution_context_class=Execution,
    config=StrawberryConfig(scalar_map=SCALARS),
)


def _given(graph: GraphQLSchema) -> Iterable[GraphQLArgument | GraphQLInputField]:
    """All that a client can give: arguments, and fields of inputs."""
    for type_ in graph.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            yield from type_.fields.values()
        elif isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield from (argument for field in type_.fields.values() for argument in field.args.values())


# `= null` says no more than that it may be left out, which a type without `!` says already. Python's own defaults stay.
for each in _given(schema._schema):
    if each.default_value is None:
        each.default_value = Undefined


def sdl() -> str:
    """The schema as text, as it is kept in schema.graphql."""
    return schema.as_str() + "\n"
