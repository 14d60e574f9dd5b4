"""The words that a field can have as its value. Rows hold them as text; the graph says what they mean."""

from enum import Enum

import strawberry
from strawberry import enum_value


def word(member: Enum) -> str:
    """The text that rows hold for it."""
    return str(member.value)


@strawberry.enum(description="Where an error was heard of.")
class ErrorSource(Enum):
    """Where an error was heard of."""

    LOG = enum_value("LOG", description="In the log of an instance.")
    EVENT = enum_value("EVENT", description="From an app that sends events itself.")


@strawberry.enum(description="How bad one time is that it happens.")
class Severity(Enum):
    """How bad one time is that it happens."""

    CRITICAL = enum_value(
        "CRITICAL", description="A traceback with frames; of events also what the app calls fatal."
    )
    HIGH = enum_value("HIGH", description="An error of the database or of access rights.")
    MEDIUM = enum_value("MEDIUM", description="A warning, or anything else.")


@strawberry.enum(description="How serious an app says an event is.")
class EventLevel(Enum):
    """How serious an app says an event is."""

    DEBUG = enum_value("DEBUG", description="For those who look for a fault.")
    INFO = enum_value("INFO", description="Something happened, as it should.")
    WARNING = enum_value("WARNING", description="Something may be wrong.")
    ERROR = enum_value("ERROR", description="Something went wrong: it is counted among the errors.")
    FATAL = enum_value(
        "FATAL", description="The app could not go on: it is counted among the errors, as critical."
    )


@strawberry.enum(description="How soon somebody should look: from counts, users, environment and age.")
class Priority(Enum):
    """How soon somebody should look."""

    P0 = enum_value("P0", description="Page somebody.")
    P1 = enum_value("P1", description="Today.")
    P2 = enum_value("P2", description="Soon.")
    P3 = enum_value("P3", description="Whenever there is time.")


@strawberry.enum(description="Where an error group stands.")
class ErrorStatus(Enum):
    """Where an error group stands."""

    NEW = enum_value("NEW", description="Seen once, or reopened; nobody has taken it.")
    ACTIVE = enum_value("ACTIVE", description="It keeps happening.")
    IN_PROGRESS = enum_value("IN_PROGRESS", description="Somebody works on it. Left only by hand.")
    RESOLVED = enum_value("RESOLVED", description="Mended, or not seen for the project's days.")
    REGRESSED = enum_value("REGRESSED", description="It was resolved, and came back.")
    SILENCED = enum_value(
        "SILENCED", description="Not to be heard of. Hidden from lists by default; left only by hand."
    )


@strawberry.enum(description="What an error was recognised by.")
class ErrorKind(Enum):
    """What an error was recognised by."""

    TRACEBACK = enum_value("TRACEBACK", description="A Python traceback, or the stack of an event.")
    DATABASE = enum_value("DATABASE", description="An error of the database without a traceback.")
    ACCESS = enum_value("ACCESS", description="Access denied, without a traceback.")
    WARNING = enum_value("WARNING", description="A warning of one of Odoo's addons.")
    MESSAGE = enum_value("MESSAGE", description="Any other record of level ERROR or CRITICAL.")


@strawberry.enum(description="What a list of error groups is ordered by; ties go by id.")
class ErrorOrderField(Enum):
    """What a list of error groups is ordered by."""

    LAST_SEEN = enum_value("LAST_SEEN", description="When it was last seen.")
    TOTAL_COUNT = enum_value("TOTAL_COUNT", description="How often it happened.")
    SEVERITY = enum_value("SEVERITY", description="How bad it is.")
    FIRST_SEEN = enum_value("FIRST_SEEN", description="When it was first seen.")
    PRIORITY = enum_value("PRIORITY", description="How soon somebody should look.")


@strawberry.enum(description="Which end of an order comes first.")
class OrderDirection(Enum):
    """Which end of an order comes first."""

    ASC = enum_value("ASC", description="The least serious first: oldest, fewest, MEDIUM, P3.")
    DESC = enum_value("DESC", description="The most serious first: newest, most, CRITICAL, P0.")


@strawberry.enum(description="What an instance is used for.")
class Environment(Enum):
    """What an instance is used for."""

    PRODUCTION = enum_value(
        "PRODUCTION", description="People work with it. Its log is scanned unless switched off."
    )
    STAGING = enum_value("STAGING", description="For trying out. Its log is scanned only if switched on.")
    DEVELOPMENT = enum_value(
        "DEVELOPMENT", description="For developing. Its log is scanned only if switched on."
    )


@strawberry.enum(description="How the last scan of an instance ended.")
class ScanStatus(Enum):
    """How the last scan of an instance ended."""

    OK = enum_value("OK", description="The log was read to its end.")
    BEHIND = enum_value("BEHIND", description="There is more to read; the next scan goes on at once.")
    FAILED = enum_value("FAILED", description="The log could not be read: see `lastScanError`.")


@strawberry.enum(description="What happened to an error group.")
class ErrorChangeKind(Enum):
    """What happened to an error group; the words of `lifecycle.MoveKind`."""

    OPENED = enum_value("OPENED", description="It was seen for the first time.")
    ACTIVATED = enum_value("ACTIVATED", description="It was seen again, and is active now.")
    REGRESSED = enum_value("REGRESSED", description="It came back after it had been resolved.")
    RESOLVED = enum_value("RESOLVED", description="It was resolved, by hand or by time.")
    CLAIMED = enum_value("CLAIMED", description="Somebody took it up; it is in progress.")
    REOPENED = enum_value("REOPENED", description="It was opened again by hand.")
    SILENCED = enum_value(
        "SILENCED", description="It was silenced: its status changes only by hand from then on."
    )
    MUTED = enum_value(
        "MUTED", description="It was muted: nobody is told of it, and it is counted as before."
    )
    UNMUTED = enum_value(
        "UNMUTED", description="The mute ended, by hand, in time, or with enough occurrences."
    )
    ASSIGNED = enum_value("ASSIGNED", description="It was given to a member, or to nobody.")
    MERGED = enum_value("MERGED", description="It was merged with another error, into it or taking it up.")
    UNMERGED = enum_value("UNMERGED", description="A merge was undone.")
    DELETED = enum_value("DELETED", description="It was deleted.")


@strawberry.enum(description="Who or what did something.")
class ActorKind(Enum):
    """Who or what did something."""

    SYSTEM = enum_value("system", description="Snaglist by itself.")
    PERSON = enum_value("person", description="A member of the organization.")
    AGENT = enum_value("agent", description="A program with an agent's token.")
    GITHUB = enum_value("github", description="Something that was done on GitHub.")


@strawberry.enum(description="How often a project's digest is sent.")
class AlertFrequency(Enum):
    """How often a project's digest is sent."""

    NONE = enum_value("NONE", description="Never.")
    HOURLY = enum_value("HOURLY", description="Each hour.")
    SIX_HOURLY = enum_value("SIX_HOURLY", description="Every six hours.")
    DAILY = enum_value("DAILY", description="Once a day.")
    WEEKLY = enum_value("WEEKLY", description="Once a week.")


@strawberry.enum(description="What a member is in the organization.")
class MemberRole(Enum):
    """What a member is in the organization; the words of `roles.Role`."""

    OWNER = enum_value("owner", description="May do everything.")
    ADMIN = enum_value("admin", description="Manages projects, instances and members.")
    DEVELOPER = enum_value("developer", description="Works on errors.")
    VIEWER = enum_value("viewer", description="Looks at errors.")


@strawberry.enum(description="What a caller may do. A token can have fewer of them than its person's role.")
class CallerPermission(Enum):
    """What a caller may do; the words of `roles.Permission`."""

    VIEW_ERRORS = enum_value("view:errors", description="See errors, projects, instances and apps.")
    MANAGE_ERRORS = enum_value("manage:errors", description="Resolve, mute, assign, comment.")
    MANAGE_PROJECTS = enum_value("manage:projects", description="Make and change projects.")
    MANAGE_INSTANCES = enum_value(
        "manage:instances",
        description="Make, change, delete and scan instances; make, change and delete apps.",
    )
    MANAGE_MEMBERS = enum_value(
        "manage:members", description="Invite, change and remove members; see who changed what."
    )
    MANAGE_TOKENS = enum_value(
        "manage:tokens", description="Make and revoke agents' tokens; one's own need no permission."
    )
    DELETE_PROJECTS = enum_value("delete:projects", description="Delete projects, and the organization.")
