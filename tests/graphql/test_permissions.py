"""Who may ask for what: every root field and mutation, for every caller there is. A field without a row fails."""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from graphql import GraphQLObjectType
from strawberry.types import ExecutionResult

from app.accounts import passwords, tokens
from app.accounts.invitations import invite_member
from app.accounts.roles import ALL_SCOPES, Caller, Role, Scope, TokenKind
from app.accounts.tokens import Made
from app.alerts.channels.channel import EmailChannel
from app.alerts.channels.channel import sealed as sealed_channels
from app.github.api.client import TokenCredentials
from app.github.connecting.credentials import sealed, sealed_webhook_secret
from app.graphql import ids
from app.graphql.live.starting import NotLetIn
from app.graphql.masking import shown
from app.graphql.requests import Asked
from app.graphql.schema import schema
from app.tables.database import fetch
from tests.database import NOW
from tests.github.found import in_order
from tests.github.stage import connected, issue
from tests.graphql import stage as callers
from tests.graphql.door import codes, door, post
from tests.graphql.live.stage import entrance, happen, taken
from tests.graphql.stage import PASSWORD, answer, joined
from tests.graphql.things import MAKERS, things
from tests.reading.alerting import add_rule
from tests.reading.sent import add_problem
from tests.reading.stage import add_app, change, merge, seen
from tests.reading.told import add_delivery
from tests.recording.stage import Stage, later, set_up

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]

YES: Final = "ok"
NO: Final = "FORBIDDEN"
WHO: Final = "UNAUTHENTICATED"
NOTHING: Final = "nothing of it"  # an empty list, null, zeros: what there is not
GONE: Final = "NOT_FOUND"  # as data
MISSING: Final = "NOT_FOUND"  # as an error
BAD: Final = "BAD_INPUT"  # as data: a token is no session
OWN: Final = "their own"  # a stranger makes, or sees, what is theirs

CALLERS: Final = ("owner", "admin", "developer", "viewer", "agent", "reader", "ingest", "stranger", "nobody")
"""The agent's token is for issues:read and issues:write, as agents' are; the reader is an owner with a token for
issues:read alone, ingest one with a token for events alone; the stranger owns another organization."""

# Of each field: the document without its arguments' values, and what becomes of it for each caller.
TABLE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    # field                                  owner admin develo viewer agent reader ingest stranger nobody
    "Query.version":       ("",             (YES,  YES,  YES,   YES,   YES,  YES,   YES,   YES,     YES)),
    "Query.signInMethods": ("{ password }", (YES,  YES,  YES,   YES,   YES,  YES,   YES,   YES,     YES)),
    "Query.viewer":        ("{ name }",     (YES,  YES,  YES,   YES,   YES,  YES,   YES,   OWN,     WHO)),
    "Query.node":          ("{ id }",       (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.errors":        ("{ nodes { title } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.error":         ("{ title }",    (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.errorStats":    ("{ totalActive }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.projects":      ("{ nodes { name } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    OWN,     WHO)),
    "Query.project":       ("{ name }",     (YES,  YES,  YES,   YES,   YES,  YES,   NO,    OWN,     WHO)),
    "Query.instances":     ("{ nodes { name } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    OWN,     WHO)),
    "Query.instance":      ("{ name }",     (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.apps":          ("{ nodes { name } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.app":           ("{ name }",     (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Query.groupingRulesPreview":
                           ("{ rules { index } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    MISSING, WHO)),
    "Query.digestPreview": ("",             (YES,  YES,  YES,   YES,   YES,  YES,   NO,    MISSING, WHO)),
    "Query.ingestProblems": ("{ nodes { problem payloadExcerpt } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    NOTHING, WHO)),
    "Query.alertRules":    ("{ nodes { name channels { label } } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    NOTHING, WHO)),
    "Query.alertRulePreview":
                           ("{ total examples { title } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    MISSING, WHO)),
    "Query.deliveries":    ("{ nodes { title target } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    NOTHING, WHO)),
    "Query.members":       ("{ nodes { name } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    OWN,     WHO)),
    "Query.invitations":   ("{ nodes { email } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    NOTHING, WHO)),
    "Query.tokens":        ("{ nodes { name } }",
                                            (YES,  YES,  YES,   YES,   NOTHING, YES, NO,   OWN,     WHO)),
    "Query.auditEntries":  ("{ nodes { kind } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    NOTHING, WHO)),
    "Subscription.errorOpened":
                           ("{ cursor error { title } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Subscription.errorChanged":
                           ("{ cursor error { title } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Subscription.occurrenceAdded":
                           ("{ cursor error { title } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   NO,    NOTHING, WHO)),
    "Mutation.signIn":     ("{ token userErrors { code } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   YES,   YES,     YES)),
    "Mutation.signOut":    ("{ signedOut userErrors { code } }",
                                            (BAD,  BAD,  BAD,   BAD,   BAD,  BAD,   BAD,   BAD,     YES)),
    "Mutation.passwordChange":
                           ("{ changed userErrors { code } }",
                                            (YES,  YES,  YES,   YES,   NO,   NO,    NO,    OWN,     WHO)),
    "Mutation.organizationUpdate":
                           ("{ organization { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    OWN,     WHO)),
    "Mutation.memberInvite":
                           ("{ invitation { email } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    OWN,     WHO)),
    "Mutation.invitationRevoke":
                           ("{ revokedInvitationId userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.invitationAccept":
                           ("{ viewer { name } userErrors { code } }",
                                            (YES,  YES,  YES,   YES,   YES,  YES,   YES,   YES,     YES)),
    "Mutation.memberUpdate":
                           ("{ member { role } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.memberRemove":
                           ("{ removedMemberId userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.tokenCreate":
                           ("{ token { name } userErrors { code } }",
                                            (YES,  YES,  YES,   YES,   NO,   NO,    NO,    OWN,     WHO)),
    "Mutation.tokenRevoke":
                           ("{ token { name } userErrors { code } }",
                                            (YES,  YES,  GONE,  GONE,  GONE, GONE,  GONE,  GONE,    WHO)),
    "Mutation.projectCreate":
                           ("{ project { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    OWN,     WHO)),
    "Mutation.projectUpdate":
                           ("{ project { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.projectDelete":
                           ("{ deletedProjectId userErrors { code } }",
                                            (YES,  NO,   NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.projectConnectGithub":
                           ("{ project { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.projectDisconnectGithub":
                           ("{ project { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.projectTestGithub":
                           ("{ repository userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.projectDigestOptOut":
                           ("{ project { name } userErrors { code } }",
                                            (YES,  YES,  YES,   YES,   NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupCreateGithubIssue":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupRetryGithubIssue":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupClaim":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupResolve":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupReopen":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupSilence":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupMute":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupUnmute":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupAssign":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupMerge":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupUnmerge":
                           ("{ errorGroups { title } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.errorGroupDelete":
                           ("{ deletedErrorGroupIds userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    "Mutation.commentAdd": ("{ comment { body } userErrors { code } }",
                                            (YES,  YES,  YES,   NO,    YES,  NO,    NO,    GONE,    WHO)),
    # Somebody else's comment: nobody edits it, and who manages members may delete it.
    "Mutation.commentEdit":
                           ("{ comment { body } userErrors { code } }",
                                            (NO,   NO,   NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.commentDelete":
                           ("{ deletedCommentId userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.alertRuleCreate":
                           ("{ alertRule { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.alertRuleUpdate":
                           ("{ alertRule { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.alertRuleDelete":
                           ("{ deletedAlertRuleId userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.alertRuleTest":
                           ("{ deliveries { title } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.deliveryRetry":
                           ("{ deliveries { title } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.appCreate":   ("{ app { name dsn } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.appUpdate":   ("{ app { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.appDelete":   ("{ deletedAppId userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.appRotateKey":
                           ("{ key userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.ingestProblemRetry":
                           ("{ retriedIngestProblemIds userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.ingestProblemDiscard":
                           ("{ discardedIngestProblemIds userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceCreate":
                           ("{ instance { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceUpdate":
                           ("{ instance { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceDelete":
                           ("{ deletedInstanceId userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceScan":
                           ("{ instance { name } userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
    "Mutation.instanceTestConnection":
                           ("{ connected userErrors { code } }",
                                            (YES,  YES,  NO,    NO,    NO,   NO,    NO,    GONE,    WHO)),
}  # fmt: skip

READ_ONLY: Final = {"Mutation.instanceTestConnection", "Mutation.signOut"}
"""Mutations that store nothing here: nobody of the callers came by a session."""


@dataclass(frozen=True)
class Scene:
    """An organization with an error, and the stranger's."""

    stage: Stage
    strangers: Stage
    group_id: UUID
    settled_id: UUID
    """Another error, silenced and muted."""
    survivor_id: UUID
    """An error that another one was merged into."""
    member_id: UUID
    robot_id: UUID
    invitation: Made
    app_id: UUID
    problem_id: UUID
    """An event of the app that could not be recorded."""
    delivery_id: UUID
    """A message that could not be sent."""
    rule_id: UUID


ARGUMENTS: Final[dict[str, Callable[[Scene], str]]] = {
    "Query.node": lambda scene: f'(id: "{ids.encode("ErrorGroup", scene.group_id)}")',
    "Query.error": lambda scene: f'(id: "{ids.encode("ErrorGroup", scene.group_id)}")',
    "Mutation.signIn": lambda _: f'(input: {{email: "bea@acme.test", password: "{PASSWORD}"}})',
    "Mutation.passwordChange": lambda _: (
        f'(input: {{currentPassword: "{PASSWORD}", newPassword: "battery staple"}})'
    ),
    "Mutation.organizationUpdate": lambda _: '(input: {name: "New"})',
    "Mutation.memberInvite": lambda _: '(input: {email: "new@x.test", role: VIEWER})',
    "Mutation.invitationRevoke": lambda scene: (
        f'(input: {{id: "{ids.encode("Invitation", scene.invitation.token_id)}"}})'
    ),
    "Mutation.invitationAccept": lambda scene: (
        f'(input: {{token: "{scene.invitation.secret}", name: "Cem", password: "{PASSWORD}"}})'
    ),
    "Mutation.memberUpdate": lambda scene: (
        f'(input: {{id: "{ids.encode("Member", scene.member_id)}", role: VIEWER}})'
    ),
    "Mutation.memberRemove": lambda scene: f'(input: {{id: "{ids.encode("Member", scene.member_id)}"}})',
    "Mutation.tokenCreate": lambda _: '(input: {name: "New"})',
    "Mutation.tokenRevoke": lambda scene: f'(input: {{id: "{ids.encode("AccessToken", scene.robot_id)}"}})',
    "Query.project": lambda _: '(slug: "odoo")',
    "Query.instance": lambda scene: f'(id: "{ids.encode("Instance", scene.stage.shop.id)}")',
    "Mutation.projectCreate": lambda _: '(input: {name: "New"})',
    "Mutation.projectUpdate": lambda scene: (
        f'(input: {{id: "{ids.encode("Project", scene.stage.project_id)}", name: "New"}})'
    ),
    "Mutation.projectDelete": lambda scene: (
        f'(input: {{id: "{ids.encode("Project", scene.stage.project_id)}"}})'
    ),
    "Mutation.projectConnectGithub": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}", repository: "acme/odoo",'
        ' credentials: {token: "ghp_new"}})'
    ),
    "Mutation.projectDisconnectGithub": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}"}})'
    ),
    "Mutation.projectTestGithub": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}"}})'
    ),
    "Query.digestPreview": lambda scene: f'(projectId: "{ids.encode("Project", scene.stage.project_id)}")',
    "Mutation.projectDigestOptOut": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}", optedOut: true}})'
    ),
    "Mutation.errorGroupCreateGithubIssue": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"]}})'
    ),
    "Mutation.errorGroupRetryGithubIssue": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"]}})'
    ),
    "Mutation.errorGroupClaim": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"]}})'
    ),
    "Mutation.errorGroupResolve": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"]}})'
    ),
    "Mutation.errorGroupReopen": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.settled_id)}"]}})'
    ),
    "Mutation.errorGroupSilence": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"]}})'
    ),
    "Mutation.errorGroupMute": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"]}})'
    ),
    "Mutation.errorGroupUnmute": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.settled_id)}"]}})'
    ),
    "Mutation.errorGroupMerge": lambda scene: (
        f'(input: {{primaryId: "{ids.encode("ErrorGroup", scene.group_id)}",'
        f' secondaryIds: ["{ids.encode("ErrorGroup", scene.settled_id)}"]}})'
    ),
    "Mutation.errorGroupUnmerge": lambda scene: (
        f'(input: {{id: "{ids.encode("ErrorGroup", scene.survivor_id)}", all: true}})'
    ),
    "Mutation.errorGroupDelete": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"]}})'
    ),
    "Mutation.errorGroupAssign": lambda scene: (
        f'(input: {{ids: ["{ids.encode("ErrorGroup", scene.group_id)}"], memberId: "{ids.encode("Member", scene.member_id)}"}})'
    ),
    "Mutation.commentAdd": lambda scene: (
        f'(input: {{errorId: "{ids.encode("ErrorGroup", scene.group_id)}", body: "New"}})'
    ),
    "Mutation.commentEdit": lambda scene: (
        f'(input: {{id: "{ids.encode("Comment", scene.group_id)}", body: "New"}})'
    ),
    "Mutation.commentDelete": lambda scene: f'(input: {{id: "{ids.encode("Comment", scene.group_id)}"}})',
    "Query.alertRulePreview": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}", condition: {{kind: OPENED}}}})'
    ),
    "Mutation.alertRuleCreate": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}", name: "New",'
        ' condition: {kind: OPENED}, channels: [{email: {addresses: ["ann@acme.test"]}}]})'
    ),
    "Mutation.alertRuleUpdate": lambda scene: (
        f'(input: {{id: "{ids.encode("AlertRule", scene.rule_id)}", name: "New"}})'
    ),
    "Mutation.alertRuleDelete": lambda scene: f'(input: {{id: "{ids.encode("AlertRule", scene.rule_id)}"}})',
    "Mutation.alertRuleTest": lambda scene: f'(input: {{id: "{ids.encode("AlertRule", scene.rule_id)}"}})',
    "Mutation.deliveryRetry": lambda scene: (
        f'(input: {{ids: ["{ids.encode("Delivery", scene.delivery_id)}"]}})'
    ),
    "Query.app": lambda scene: f'(id: "{ids.encode("App", scene.app_id)}")',
    "Query.groupingRulesPreview": lambda scene: (
        f'(projectId: "{ids.encode("Project", scene.stage.project_id)}",'
        ' groupingRules: [{message: "x", fingerprint: ["x"]}])'
    ),
    "Mutation.appCreate": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}", name: "New"}})'
    ),
    "Mutation.appUpdate": lambda scene: (
        f'(input: {{id: "{ids.encode("App", scene.app_id)}", sampleRate: 0.5}})'
    ),
    "Mutation.appDelete": lambda scene: f'(input: {{id: "{ids.encode("App", scene.app_id)}"}})',
    "Mutation.appRotateKey": lambda scene: f'(input: {{id: "{ids.encode("App", scene.app_id)}"}})',
    "Mutation.ingestProblemRetry": lambda scene: (
        f'(input: {{ids: ["{ids.encode("IngestProblem", scene.problem_id)}"]}})'
    ),
    "Mutation.ingestProblemDiscard": lambda scene: (
        f'(input: {{ids: ["{ids.encode("IngestProblem", scene.problem_id)}"]}})'
    ),
    "Mutation.instanceCreate": lambda scene: (
        f'(input: {{projectId: "{ids.encode("Project", scene.stage.project_id)}", name: "New",'
        ' source: {localFile: {path: "/var/log/odoo.log"}}})'
    ),
    "Mutation.instanceUpdate": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}", name: "New"}})'
    ),
    "Mutation.instanceDelete": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}"}})'
    ),
    "Mutation.instanceTestConnection": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}"}})'
    ),
    "Mutation.instanceScan": lambda scene: (
        f'(input: {{id: "{ids.encode("Instance", scene.stage.shop.id)}"}})'
    ),
}


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed in no time: what is slow on purpose would be slow for each cell."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(callers, "_HASH", passwords.password_hash(PASSWORD))


@pytest.fixture(autouse=True)
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """GitHub has nothing against it."""
    with in_order(monkeypatch):
        yield


def fields() -> set[str]:
    """Every root field, as the schema has it."""
    graph = schema._schema
    roots = (graph.query_type, graph.mutation_type, graph.subscription_type)
    return {
        f"{root.name}.{name}" for root in roots if isinstance(root, GraphQLObjectType) for name in root.fields
    }


async def commented(stage: Stage, group_id: UUID) -> UUID:
    """The group, with somebody's comment that has the group's own id."""
    await fetch(
        """
        insert into comment (id, organization_id, group_id, author_kind, author_id, author_name, body, created_at)
        values ($2, $1, $2, 'person', gen_random_uuid(), 'Zoe', 'a secret comment', $3)
        """,
        stage.organization_id,
        group_id,
        NOW,
    )
    return group_id


async def settled(stage: Stage) -> UUID:
    """An error that is silenced and muted."""
    group_id = await seen(stage.shop, "settled secret")
    await change(group_id, status="SILENCED", muted_at=NOW)
    return group_id


async def survivor(stage: Stage) -> UUID:
    """An error that another one was merged into."""
    group_id = await seen(stage.shop, "surviving secret")
    await merge(group_id, await seen(stage.shop, "merged secret"))
    return group_id


async def scene() -> Scene:
    stage, strangers = await set_up(), await set_up()
    await fetch('update instance set source = \'{"path": "/nowhere/odoo.log"}\'')
    await fetch("delete from person where email = 'bea@acme.test'")
    bea = await joined(stage.organization_id, Role.DEVELOPER)
    await fetch("update person set email = 'bea@acme.test' where id = $1", bea.person_id)
    assert bea.membership_id
    robot = await joined(stage.organization_id, kind=TokenKind.AGENT)
    owner = await joined(stage.organization_id)
    app_id = await add_app(stage)
    channels = sealed_channels(stage.organization_id, [EmailChannel(("ann@acme.test",))])
    await fetch("delete from person where email = 'cem@x.test'")
    group_id = await commented(stage, await seen(stage.shop, "secret"))
    token = sealed(stage.project_id, TokenCredentials("ghp_secret"))
    await connected(
        stage, credentials=token, webhook_secret=sealed_webhook_secret(stage.project_id, "secret")
    )
    await issue(group_id, sync_status="failed", sync_error="no", next_attempt_at=later(hours=6))
    return Scene(
        stage,
        strangers,
        group_id,
        await settled(stage),
        await survivor(stage),
        bea.membership_id,
        robot.token_id,
        await invite_member(owner, "cem@x.test", Role.DEVELOPER, now=NOW),
        app_id,
        await add_problem(stage, app_id, {"message": "secret"}),
        await add_delivery(stage, status="failed"),
        await add_rule(stage, channels=channels),
    )


async def caller(scene: Scene, who: str) -> Caller | None:
    """Somebody of this kind, with a token of their own."""
    ours = scene.stage.organization_id
    match who:
        case "nobody":
            return None
        case "stranger":
            return await joined(scene.strangers.organization_id)
        case "agent":
            return await joined(ours, Role.OWNER, kind=TokenKind.AGENT, maker=await joined(ours))
        case "reader":
            return await joined(ours, scopes={Scope.ISSUES_READ})
        case "ingest":
            return await joined(ours, scopes={Scope.INGEST})
    return await joined(ours, Role(who), scopes=ALL_SCOPES)


async def contents() -> dict[str, str]:
    """Of each table a sum of all that is in it, to see that nothing changed, but for when tokens were last used."""
    names = await fetch(
        """
        select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and not relispartition
        """
    )
    sums = [
        f"""
        select '{name}', md5(string_agg(each, chr(10) order by each))
        from (select {"(to_jsonb(t) - 'last_used_at')" if name == "access_token" else "t"}::text as each from {name} as t)
        """  # noqa: S608  the server's own names
        for (name,) in names
    ]
    return {row[0]: row[1] for row in await fetch(" union all ".join(sums))}


def outcome(field: str, found: ExecutionResult) -> str:
    """What became of it: the code of the only error, or of the only user error, or what there was."""
    if found.errors:
        [error] = found.errors
        assert not found.data or not any(found.data.values())
        return str(shown(error)["extensions"]["code"])
    assert found.data
    value = found.data[field.partition(".")[2]]
    if isinstance(value, dict) and (told := value.get("userErrors")):
        return str(told[0]["code"])
    is_nothing = value is None or (isinstance(value, dict) and all(not part for part in value.values()))
    return NOTHING if is_nothing else YES


async def test_every_field_has_a_row_and_every_row_a_field() -> None:
    assert set(TABLE) == fields()
    assert set(ARGUMENTS) <= set(TABLE)


@pytest.mark.parametrize("field", [field for field in TABLE if not field.startswith("Subscription.")])
async def test_each_caller_gets_what_the_table_says(field: str) -> None:
    cells = dict(zip(CALLERS, TABLE[field][1], strict=True))
    changes = field.startswith("Mutation.") and field not in READ_ONLY
    doers = {who for who, wanted in cells.items() if changes and wanted in (YES, OWN)}

    made = await scene()
    refused = {who: await caller(made, who) for who in cells if who not in doers}
    before = await contents() if field.startswith("Mutation.") else {}
    for who, asking in refused.items():
        found = await answer(document(field, made), asking)
        assert outcome(field, found) == {OWN: YES}.get(cells[who], cells[who]), (who, found)
        assert who != "stranger" or "secret" not in str(found.data)
    if before:
        assert await contents() == before

    for number, who in enumerate(sorted(doers)):
        made = await scene() if number else made
        asking = await caller(made, who)
        before = await contents()
        found = await answer(document(field, made), asking)
        # A scan of a log that is not there is allowed, and says so.
        expected = "SOURCE_UNREADABLE" if field == "Mutation.instanceScan" else YES
        assert outcome(field, found) == expected, (who, found)
        assert who != "stranger" or "secret" not in str(found.data)
        assert await contents() != before, who


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize("field", [field for field in TABLE if field.startswith("Subscription.")])
async def test_each_caller_hears_what_the_table_says(field: str) -> None:
    cells = dict(zip(CALLERS, TABLE[field][1], strict=True))
    made = await scene()
    asked = Asked(query=document(field, made))
    async with entrance() as entered, AsyncExitStack() as listening:
        mailboxes = {}
        for who, cell in cells.items():
            subscribed = entered.subscribed(await caller(made, who), asked, lambda: None)
            if cell in (NO, WHO):
                with pytest.raises(NotLetIn) as refused:
                    await listening.enter_async_context(subscribed)
                assert [error["extensions"]["code"] for error in refused.value.errors] == [cell], who
            else:
                mailboxes[who] = await listening.enter_async_context(subscribed)
                assert "secret" not in str(mailboxes[who].take())
        await happen(made.stage.shop, "new secret")
        await happen(made.strangers.shop, "theirs")
        for who, mailbox in mailboxes.items():
            told = await taken(mailbox)
            assert ("secret" in told) is (cells[who] == YES), who


def document(field: str, made: Scene) -> str:
    """What is asked."""
    root, _, name = field.partition(".")
    arguments = ARGUMENTS[field](made) if field in ARGUMENTS else ""
    return f"{root.lower()} {{ {name}{arguments} {TABLE[field][0]} }}"


async def test_a_token_that_is_not_valid_any_more_opens_nothing_at_the_door() -> None:
    """Every field, with HTTP around it: nothing is executed for whoever comes with what was a token once."""
    made = await scene()
    secrets = await spent(made.stage.organization_id)
    before = await contents()
    async with door() as client:
        for field in TABLE:
            for why, secret in secrets.items():
                response = await post(client, document(field, made), secret, accept=accepted(field))
                assert codes(response) == [WHO], (field, why)
                assert "data" not in response.json(), (field, why)
            if dict(zip(CALLERS, TABLE[field][1], strict=True))["nobody"] == WHO:
                response = await post(client, document(field, made), accept=accepted(field))
                assert codes(response) == [WHO], field
                assert not any((response.json().get("data") or {}).values()), field
        assert await contents() == before
        valid = await post(client, document("Query.viewer", made), await secret_of_owner(made))
        assert valid.json()["data"]["viewer"]["name"] == "Ann"


def accepted(field: str) -> str:
    """What whoever asks for this has to accept."""
    return "text/event-stream" if field.startswith("Subscription.") else "application/json"


async def spent(organization_id: UUID) -> dict[str, str]:
    """Secrets of an owner's tokens that were valid once, by what became of them."""
    found = {}
    for why, spoil in {
        "expired": "update access_token set expires_at = '2020-01-01' where id = $1",
        "revoked": "update access_token set revoked_at = '2020-01-01' where id = $1",
        "disabled": "update person set disabled_at = '2020-01-01' where id = $2 and $1::uuid is not null",
        "no member": "delete from membership where person_id = $2 and $1::uuid is not null",
    }.items():
        owner = await joined(organization_id)
        kind = TokenKind.PERSONAL
        token = await tokens.make(
            organization_id, owner.person_id, kind=kind, name="t", role=Role.OWNER, now=NOW
        )
        places = (token.token_id, owner.person_id) if "$2" in spoil else (token.token_id,)
        await fetch(spoil, *places)
        found[why] = token.secret
    return found | {"made up": tokens.make_secret()}


async def secret_of_owner(made: Scene) -> str:
    owner = await joined(made.stage.organization_id)
    place = (made.stage.organization_id, owner.person_id)
    token = await tokens.make(*place, kind=TokenKind.PERSONAL, name="t", role=Role.OWNER, now=NOW)
    return token.secret


# Of each kind of thing that has an id: what `node` gives each caller of what belongs to the organization.
NODES: Final[dict[str, tuple[str, ...]]] = {
    # type               owner admin develo  viewer   agent    reader   ingest stranger nobody
    "AccessToken":       (YES,  YES,  NOTHING, NOTHING, NOTHING, NOTHING, NO,  NOTHING, WHO),
    "AlertRule":         (YES,  YES,  NOTHING, NOTHING, NOTHING, NOTHING, NO,  NOTHING, WHO),
    "App":               (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "AuditEntry":        (YES,  YES,  NOTHING, NOTHING, NOTHING, NOTHING, NO,  NOTHING, WHO),
    "Comment":           (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "Delivery":          (YES,  YES,  NOTHING, NOTHING, NOTHING, NOTHING, NO,  NOTHING, WHO),
    "ErrorGroup":        (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "ErrorHistoryEntry": (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "IngestProblem":     (YES,  YES,  NOTHING, NOTHING, NOTHING, NOTHING, NO,  NOTHING, WHO),
    "Instance":          (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "Invitation":        (YES,  YES,  NOTHING, NOTHING, NOTHING, NOTHING, NO,  NOTHING, WHO),
    "Member":            (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "Occurrence":        (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "Organization":      (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
    "Project":           (YES,  YES,  YES,     YES,     YES,     YES,     NO,  NOTHING, WHO),
}  # fmt: skip


async def test_every_kind_of_thing_has_a_row() -> None:
    kinds = schema._schema.get_implementations(schema._schema.type_map["Node"]).objects  # type: ignore[arg-type]
    assert set(NODES) == set(MAKERS) == {kind.name for kind in kinds}


async def test_things_are_seen_by_whom_the_table_says() -> None:
    made = await scene()
    found = await things(made.stage, made.group_id)
    for who in CALLERS:
        asking = await caller(made, who)
        for kind, expected in NODES.items():
            asked = f'{{ node(id: "{found[kind]}") {{ __typename id }} }}'
            seen_ = await answer(asked, asking)
            assert outcome("Query.node", seen_) == dict(zip(CALLERS, expected, strict=True))[who], (who, kind)
            if seen_.data and seen_.data["node"]:
                assert seen_.data["node"] == {"__typename": kind, "id": found[kind]}


async def test_what_a_stranger_makes_is_theirs() -> None:
    made = await scene()
    found = await answer(
        'mutation { projectCreate(input: {name: "New"}) { project { slug } } }',
        await caller(made, "stranger"),
    )
    assert found.data == {"projectCreate": {"project": {"slug": "new"}}}
    rows = await fetch("select organization_id from project where slug = 'new'")
    assert [row[0] for row in rows] == [made.strangers.organization_id]


async def test_refused_mutations_of_one_document_change_nothing() -> None:
    made = await scene()
    global_id = ids.encode("Instance", made.stage.shop.id)
    document = f"""
    mutation {{
        a: instanceDelete(input: {{id: "{global_id}"}}) {{ deletedInstanceId }}
        b: projectCreate(input: {{name: "New"}}) {{ project {{ id }} }}
    }}
    """
    asking = await caller(made, "developer")
    before = await contents()
    found = await answer(document, asking)
    assert found.errors
    assert {shown(error)["extensions"]["code"] for error in found.errors} == {"FORBIDDEN"}
    assert await contents() == before


async def test_what_the_viewer_is_told_to_be_allowed_is_allowed() -> None:
    made = await scene()
    document = "{ viewer { name email role permissions organization { name slug } } }"
    everything = [
        "VIEW_ERRORS",
        "MANAGE_ERRORS",
        "MANAGE_PROJECTS",
        "MANAGE_INSTANCES",
        "MANAGE_MEMBERS",
        "MANAGE_TOKENS",
    ]
    for who, role, permissions in (
        ("owner", "OWNER", [*everything, "DELETE_PROJECTS"]),
        ("admin", "ADMIN", everything),
        ("developer", "DEVELOPER", everything[:2]),
        ("viewer", "VIEWER", everything[:1]),
        ("agent", "OWNER", everything[:2]),
        ("reader", "OWNER", everything[:1]),
        ("ingest", "OWNER", []),
    ):
        asking = await caller(made, who)
        found = await answer(document, asking)
        assert asking
        assert found.data == {
            "viewer": {
                "name": "robot" if who == "agent" else "Ann",
                "email": None if who == "agent" else f"{asking.person_id}@acme.test",
                "role": role,
                "permissions": permissions,
                "organization": {"name": "Acme", "slug": f"acme-{made.stage.organization_id.hex}"},
            }
        }
