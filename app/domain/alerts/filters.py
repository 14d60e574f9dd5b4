"""Which errors a rule is about.

Comes in: what a person asked for, or what was stored of it. Goes out: a filter, or a refusal that names the field of the
graph; and its plain form, for JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from uuid import UUID

from app.domain.events.event_texts import clean
from app.errors import BadInput

VALUES_LIMIT: Final = 50
"""Values of one field."""
TEXT_LIMIT: Final = 200
"""Characters of one value, as of a tag."""
SEVERITIES: Final = ("CRITICAL", "HIGH", "MEDIUM")


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What an error has to be: any of the values in each field that has some; without any, all errors are meant.

    `environments`, `modules`: whole names, in upper or lower case: instances say `PRODUCTION`, apps `production`.
    `severities`: of `SEVERITIES`. `releases`, `tags` (key and value): as they were sent.
    """

    environments: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    instance_ids: tuple[UUID, ...] = ()
    app_ids: tuple[UUID, ...] = ()
    releases: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    assignee_ids: tuple[UUID, ...] = ()


EVERYTHING: Final = AlertFilter()

_NAMES: Final = {
    "environments": "environments",
    "severities": "severities",
    "modules": "modules",
    "instance_ids": "instanceIds",
    "app_ids": "appIds",
    "releases": "releases",
    "tags": "tags",
    "assignee_ids": "assigneeIds",
}
"""What the fields are called in the graph, and in what is stored."""
_IDS: Final = frozenset({"instance_ids", "app_ids", "assignee_ids"})


def checked(wanted: AlertFilter) -> AlertFilter:
    """The filter, each value once, names without spaces around them.

    BadInput, with the graph's name of the field: more than `VALUES_LIMIT` values in a field, a text that is empty, longer
    than `TEXT_LIMIT` or cannot be stored, an unknown severity.
    """
    given: dict[str, Any] = {}
    for name, called in _NAMES.items():
        values, field = getattr(wanted, name), f"filter.{called}"
        if len(values) > VALUES_LIMIT:
            raise BadInput(f"there can be at most {VALUES_LIMIT} values", field=field)
        if name == "tags":
            values = [(_text(key, field), _text(value, field)) for key, value in values]
        elif name not in _IDS:
            values = [_text(value, field) for value in values]
        if name == "severities" and not set(values) <= set(SEVERITIES):
            raise BadInput(f"a severity is one of {', '.join(SEVERITIES)}", field=field)
        given[name] = tuple(dict.fromkeys(values))
    return AlertFilter(**given)


def stored(wanted: AlertFilter) -> dict[str, Any]:
    """The filter as plain values under the graph's names, for `read`; fields without values are left out."""
    plain: dict[str, Any] = {}
    for field in fields(AlertFilter):
        values = getattr(wanted, field.name)
        if values:
            plain[_NAMES[field.name]] = [_plain(value) for value in values]
    return plain


def read(plain: object) -> AlertFilter | None:
    """The filter that was stored. None: it asks what this version does not know; then nobody can tell what it means, and
    it must not be taken for one that asks less."""
    if not isinstance(plain, Mapping) or not set(plain) <= set(_NAMES.values()):
        return None
    given: dict[str, Any] = {}
    try:
        for name, called in _NAMES.items():
            values = plain.get(called, [])
            if not isinstance(values, list):
                return None
            if name in _IDS:
                given[name] = tuple(UUID(value) for value in values)
            elif name == "tags":
                given[name] = tuple((key, value) for key, value in values)
            else:
                given[name] = tuple(values)
        return checked(AlertFilter(**given))
    except (AttributeError, TypeError, ValueError, BadInput):
        return None


def _text(value: str, field: str) -> str:
    text = value.strip()
    if not 1 <= len(text) <= TEXT_LIMIT:
        raise BadInput(f"a text has 1 to {TEXT_LIMIT} characters", field=field)
    if clean(text) != text:
        raise BadInput("a text has characters that cannot be stored", field=field)
    return text


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else list(value) if isinstance(value, tuple) else value
