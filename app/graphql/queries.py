"""What can be asked: the root fields, each with the permission that it needs."""

from functools import partial
from importlib.metadata import version as installed
from typing import Annotated

import strawberry

from app.accounts.roles import Permission
from app.graphql import (
    alert_rule_preview,
    alert_rules,
    apps,
    audit,
    deliveries,
    error_stats,
    ids,
    ingest_problems,
    members,
    nodes,
    series,
    tokens,
)
from app.graphql import viewer as viewers
from app.graphql.access import Open, guarded
from app.graphql.alert_rule_preview import AlertRulePreview
from app.graphql.alert_rule_preview import Rule as AlertRuleToBe
from app.graphql.alert_rules import AlertRule
from app.graphql.apps import App
from app.graphql.audit import AuditEntry, AuditFilter
from app.graphql.connections import After, Before, Connection, First, Last, window
from app.graphql.context import Info
from app.graphql.deliveries import Delivery, DeliveryStatus
from app.graphql.digests import PREVIEW, digest_preview
from app.graphql.error_filters import ErrorFilter, ErrorOrder, as_filter, as_order
from app.graphql.error_groups import ErrorGroup
from app.graphql.error_stats import ErrorStats, ErrorStatsFilter
from app.graphql.grouping_preview import FIRST, GroupingRulesPreview, preview
from app.graphql.grouping_preview import First as FirstOfEach
from app.graphql.grouping_preview import Rules as GroupingRules
from app.graphql.ingest_problems import IngestProblem
from app.graphql.members import Invitation, Member
from app.graphql.node import Node
from app.graphql.projects import Instance, Project, instance_page, project_page
from app.graphql.sign_in_methods import SignInMethods, sign_in_methods
from app.graphql.tokens import AccessToken
from app.graphql.viewer import Viewer
from app.reading import groups, projects

Id = Annotated[strawberry.ID, strawberry.argument(name="id", description="Its global id.")]
Wanted = Annotated[
    ErrorFilter | None,
    strawberry.argument(name="filter", description="What they must be; null: all that is shown."),
]
OrderBy = Annotated[
    ErrorOrder | None, strawberry.argument(description="In which order; null: last seen, the newest first.")
]
StatsWanted = Annotated[
    ErrorStatsFilter | None,
    strawberry.argument(name="filter", description="Of what; null: of all the viewer sees."),
]
AuditWanted = Annotated[
    AuditFilter | None, strawberry.argument(name="filter", description="Which; null: all that was changed.")
]
WithStatus = Annotated[
    DeliveryStatus | None, strawberry.argument(description="Only those that have come so far; null: all.")
]
ProjectId = Annotated[strawberry.ID, strawberry.argument(description="The project.")]
Slug = Annotated[str, strawberry.argument(description="Its name in addresses.")]
OfProject = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Only those of this project; null: of all. An unknown one has none."),
]


@strawberry.type(description="What can be asked.")
class Query:
    """The root of every question."""

    @strawberry.field(
        description="The version of the Snaglist server that answers, for example `0.1.0`. Needs no token.",
        extensions=[Open()],
    )
    def version(self) -> str:
        return installed("snaglist")

    @strawberry.field(
        description="How one can sign in here: for a page on which to do so. Needs no token.",
        extensions=[Open()],
    )
    def sign_in_methods(self, info: Info) -> SignInMethods:
        return sign_in_methods(info.context)

    @guarded(None, "Who asks: name, organization, role, and what may be done.")
    async def viewer(self, info: Info) -> Viewer:
        return await viewers.viewer(info.context.signed_in)

    @guarded(
        Permission.VIEW_ERRORS,
        "Anything by its id; null where there is no such thing, or not for the viewer.",
    )
    async def node(self, info: Info, global_id: Id) -> Node | None:
        return await nodes.node(info, global_id)

    @guarded(Permission.VIEW_ERRORS, "The errors that people work on, those seen last first.")
    async def errors(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        wanted: Wanted = None,
        order_by: OrderBy = None,
    ) -> Connection[ErrorGroup]:
        organization_id, now = info.context.organization_id, info.context.now
        shown = as_filter(wanted)
        page = await groups.groups(
            organization_id, shown, as_order(order_by), window(first, after, last, before), now=now
        )
        await series.read_ahead(info, [row.id for row in page.nodes])
        count = partial(groups.count, organization_id, shown, now=now)
        return Connection[ErrorGroup].of(page, ErrorGroup.of, count)

    @guarded(
        Permission.VIEW_ERRORS,
        "One error by its id, hidden, muted and merged ones too; null where there is none, or not for the viewer.",
    )
    async def error(self, info: Info, global_id: Id) -> ErrorGroup | None:
        key = ids.decode("ErrorGroup", global_id)
        return await nodes.error_group(info, key) if key else None

    @guarded(Permission.VIEW_ERRORS, "The numbers above a list of errors.")
    async def error_stats(self, info: Info, wanted: StatsWanted = None) -> ErrorStats:
        return await error_stats.error_stats(info, wanted)

    @guarded(Permission.VIEW_ERRORS, "The organization's projects, by name.")
    async def projects(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Project]:
        return await project_page(info, first, after, last, before)

    @guarded(Permission.VIEW_ERRORS, "The project with this slug; null where there is none.")
    async def project(self, info: Info, slug: Slug) -> Project | None:
        row = await projects.project_by_slug(info.context.organization_id, slug)
        return Project.of(row) if row else None

    @guarded(
        Permission.VIEW_ERRORS,
        "The instances of all projects, or of one, by name; deleted ones are not listed.",
    )
    async def instances(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        project_id: OfProject = None,
    ) -> Connection[Instance]:
        return await instance_page(info, first, after, last, before, ids.wanted("Project", project_id))

    @guarded(
        Permission.VIEW_ERRORS, "One instance by its id; null where there is none, or not for the viewer."
    )
    async def instance(self, info: Info, global_id: Id) -> Instance | None:
        key = ids.decode("Instance", global_id)
        return await nodes.instance(info, key) if key else None

    @guarded(
        Permission.VIEW_ERRORS, "The apps of all projects, or of one, by name; deleted ones are not listed."
    )
    async def apps(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        project_id: OfProject = None,
    ) -> Connection[App]:
        return await apps.app_page(info, first, after, last, before, ids.wanted("Project", project_id))

    @guarded(Permission.VIEW_ERRORS, "One app by its id; null where there is none, or not for the viewer.")
    async def app(self, info: Info, global_id: Id) -> App | None:
        key = ids.decode("App", global_id)
        return await apps.app(info, key) if key else None

    @guarded(
        Permission.MANAGE_PROJECTS,
        "What grouping rules would do to the newest stored events of a project, before they are saved.",
    )
    async def grouping_rules_preview(
        self, info: Info, project_id: ProjectId, grouping_rules: GroupingRules, first: FirstOfEach = FIRST
    ) -> GroupingRulesPreview:
        return await preview(info, project_id, grouping_rules, first)

    @guarded(Permission.VIEW_ERRORS, PREVIEW)
    async def digest_preview(self, info: Info, project_id: ProjectId) -> str:
        return await digest_preview(info, project_id)

    @guarded(
        Permission.MANAGE_PROJECTS,
        "The events that were taken and could not be recorded, the newest first. They wait aside, and nothing waits for"
        " them.",
    )
    async def ingest_problems(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[IngestProblem]:
        return await ingest_problems.ingest_problem_page(info, first, after, last, before)

    @guarded(
        Permission.MANAGE_PROJECTS,
        "The alert rules of all projects, or of one, by name. They need the permission as their channels show addresses.",
    )
    async def alert_rules(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        project_id: OfProject = None,
    ) -> Connection[AlertRule]:
        return await alert_rules.alert_rule_page(
            info, first, after, last, before, ids.wanted("Project", project_id)
        )

    @guarded(
        Permission.MANAGE_PROJECTS,
        "What an alert rule would have said over the last 7 days, before it is saved.",
    )
    async def alert_rule_preview(self, info: Info, rule: AlertRuleToBe) -> AlertRulePreview:
        return await alert_rule_preview.preview(info, rule)

    @guarded(
        Permission.MANAGE_PROJECTS,
        "What was sent, waits, or could not be sent: alerts, digests and notices, of all projects or of one, the newest"
        " first. `status: FAILED` are those that `deliveryRetry` may have tried again.",
    )
    async def deliveries(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        project_id: OfProject = None,
        status: WithStatus = None,
    ) -> Connection[Delivery]:
        return await deliveries.delivery_page(
            info, first, after, last, before, ids.wanted("Project", project_id), status
        )

    @guarded(Permission.VIEW_ERRORS, "Who belongs to the organization, by name.")
    async def members(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Member]:
        return await members.member_page(info, first, after, last, before)

    @guarded(
        Permission.MANAGE_MEMBERS,
        "The invitations that nobody has accepted or revoked, the newest first, expired ones too.",
    )
    async def invitations(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Invitation]:
        return await members.invitation_page(info, first, after, last, before)

    @guarded(
        Permission.VIEW_ERRORS,
        "The viewer's personal tokens and, with the permission to manage tokens, all agents', the newest first;"
        " expired and revoked ones too.",
    )
    async def tokens(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[AccessToken]:
        return await tokens.token_page(info, first, after, last, before)

    @guarded(
        Permission.MANAGE_MEMBERS,
        "Who changed settings, members, tokens, projects, instances and apps, the newest first. What happens to errors"
        " is in their history; who signed in is nowhere.",
    )
    async def audit_entries(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        wanted: AuditWanted = None,
    ) -> Connection[AuditEntry]:
        return await audit.audit_page(info, first, after, last, before, wanted)
