"""Alert rules as clients give them.

Comes in: inputs of a client. Goes out: the condition, filter and channels that are meant. Ids that mean nothing are
NotFound with the path of their field.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import strawberry
from strawberry import UNSET

from app.alerts.channels.channel import AppriseChannel, Channel, EmailChannel, WebhookChannel
from app.domain.alerts.conditions import Condition, ConditionKind
from app.domain.alerts.filters import EVERYTHING, VALUES_LIMIT, AlertFilter
from app.errors import BadInput, NotFound
from app.graphql import ids
from app.graphql.alert_rules import PRIORITIES, AlertConditionKind
from app.graphql.enumerations import Priority, Severity, word
from app.graphql.error_filters import TagFilter

CHANNELS: Final = (
    "Where its messages go, 1 to 10 channels. Send secrets as variables, not in the document: they are stored encrypted and"
    " never shown."
)
QUIET: Final = (
    "How many seconds it says nothing after it has said something, 0 to 604,800 (a week). What it finds meanwhile comes in"
    " one message afterwards."
)


@strawberry.input(
    description="What has to happen for a rule to say something. Each kind has numbers of its own; others must be left out."
)
class AlertConditionInput:
    """What has to happen for a rule to say something."""

    kind: AlertConditionKind = strawberry.field(description="What it is.")
    count: int | None = strawberry.field(
        default=None,
        description="How often, or how many, 1 to 1,000,000: for `FREQUENCY` and `USERS`; for `SPIKE` (null: 20) and"
        " `OVER_QUOTA` (null: 1) at least so many.",
    )
    window_seconds: int | None = strawberry.field(
        default=None,
        description="Within how many seconds, 60 to 86,400: for `FREQUENCY` and `USERS`; for `SCAN_FAILING` (null: 900) and"
        " `OVER_QUOTA` (null: 300).",
    )
    factor: float | None = strawberry.field(
        default=None,
        description="How many times as often as expected, 1.5 to 1,000: for `SPIKE` (null: 3).",
    )
    priority: Priority | None = strawberry.field(
        default=None, description="The priority to come to, or a more urgent one: for `PRIORITY`."
    )

    def as_condition(self) -> Condition:
        """What is meant."""
        return Condition(
            ConditionKind(word(self.kind)),
            self.count,
            self.window_seconds,
            self.factor,
            None if self.priority is None else PRIORITIES.index(word(self.priority)),
        )


@strawberry.input(
    description="What errors must be: any of the values in each field that has some, up to 50 in each. What is left out, null"
    " or empty asks nothing. `SCAN_FAILING` is about instances, `OVER_QUOTA` about apps: a field that these do not have finds none of them."
)
class AlertFilterInput:
    """What errors must be."""

    environments: list[str] | None = strawberry.field(
        default=None,
        description="Seen in one of these: `PRODUCTION`, `STAGING`, `DEVELOPMENT` of an instance, or an app's own word, in"
        " upper or lower case.",
    )
    severities: list[Severity] | None = strawberry.field(default=None, description="One of these severities.")
    modules: list[str] | None = strawberry.field(
        default=None, description="One of these modules, whole names, in upper or lower case."
    )
    instance_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Seen on one of these instances of the project."
    )
    app_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Sent by one of these apps of the project."
    )
    releases: list[str] | None = strawberry.field(
        default=None, description="Seen in one of these versions of an app, exactly."
    )
    tags: list[TagFilter] | None = strawberry.field(default=None, description="Sent with one of these tags.")
    assignee_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Assigned to one of these members."
    )

    def as_filter(self) -> AlertFilter:
        """What is meant. NotFound: an id means nothing. BadInput: too many ids."""
        return AlertFilter(
            environments=tuple(self.environments or ()),
            severities=tuple(map(word, self.severities or ())),
            modules=tuple(self.modules or ()),
            instance_ids=_ids("Instance", self.instance_ids, "instanceIds"),
            app_ids=_ids("App", self.app_ids, "appIds"),
            releases=tuple(self.releases or ()),
            tags=tuple((tag.key, tag.value) for tag in self.tags or ()),
            assignee_ids=_ids("Member", self.assignee_ids, "assigneeIds"),
        )


@strawberry.input(description="E-mails.")
class AlertEmailInput:
    """E-mails."""

    addresses: list[str] = strawberry.field(
        description="To whom, 1 to 50 addresses; each gets a mail of its own."
    )


@strawberry.input(
    description="JSON that is posted to a URL, signed with HMAC-SHA256, and sent again until it is taken."
)
class AlertWebhookInput:
    """JSON that is posted to a URL."""

    url: str = strawberry.field(
        description="Where to, `https://` or `http://`. Addresses in private networks are refused, unless whoever runs"
        " Snaglist allows them."
    )
    secret: str | None = strawberry.field(
        default=None,
        description="What it is signed with, 16 to 200 printable ASCII characters; null: one is made and shown once, in"
        " `webhookSecrets`.",
    )


@strawberry.input(description="A service that Apprise knows.")
class AlertAppriseInput:
    """A service that Apprise knows."""

    url: str = strawberry.field(
        description="Apprise's URL for it, for example `slack://TokenA/TokenB/TokenC/#channel`, or the service's own URL for"
        " incoming webhooks."
    )


@strawberry.input(description="Where messages go: exactly one of the fields.", one_of=True)
class AlertChannelInput:
    """Where messages go."""

    email: AlertEmailInput | None = strawberry.field(default=UNSET, description="To e-mail addresses.")
    webhook: AlertWebhookInput | None = strawberry.field(
        default=UNSET, description="To a program of one's own."
    )
    apprise: AlertAppriseInput | None = strawberry.field(
        default=UNSET, description="To Slack, Discord, Teams, PagerDuty, Telegram and the rest."
    )

    def as_channel(self) -> Channel:
        """What is meant."""
        if self.email:
            return EmailChannel(tuple(self.email.addresses))
        if self.webhook:
            return WebhookChannel(self.webhook.url, self.webhook.secret or "")
        if self.apprise:
            return AppriseChannel(self.apprise.url)
        raise BadInput("a channel is exactly one of email, webhook and apprise", field="channels")


def as_filter(given: AlertFilterInput | None) -> AlertFilter:
    """What is meant; nothing means all errors. NotFound: an id means nothing."""
    return given.as_filter() if given else EVERYTHING


def as_channels(given: Sequence[AlertChannelInput]) -> list[Channel]:
    """What is meant."""
    return [each.as_channel() for each in given]


def _ids(kind: str, given: Sequence[str] | None, field: str) -> tuple[UUID, ...]:
    found = [ids.decode(kind, each) for each in given or ()]
    if len(found) > VALUES_LIMIT:
        raise BadInput(f"there can be at most {VALUES_LIMIT} values", field=f"filter.{field}")
    if None in found:
        raise NotFound(f"there is no such {kind.lower()}", field=f"filter.{field}")
    return tuple(each for each in found if each)
