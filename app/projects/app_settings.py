"""What can be set on an app: how it is checked, how it is stored, and what the graph calls it.

Comes in: values by the names of their columns. Goes out: the same as they are stored. BadInput names the field.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from app.projects import names
from app.projects.rules import stored_ignore_rules

FIELDS: Final = {
    "name": "name",
    "slug": "slug",
    "platform": "platform",
    "ignore_rules": "ignoreRules",
    "sample_rate": "sampleRate",
    "quota_per_minute": "quotaPerMinute",
    "in_app_include": "inAppInclude",
    "in_app_exclude": "inAppExclude",
}
"""The columns that can be set, and what the graph calls them."""
JSON: Final = ("ignore_rules",)
"""Those whose value is stored as JSON; here they are as JSON has them."""


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. BadInput: something that nobody can have."""
    values = dict(given)
    for column, check in (
        ("name", names.name),
        ("slug", names.slug),
        ("platform", names.platform),
        ("sample_rate", names.sample_rate),
        ("ignore_rules", stored_ignore_rules),
    ):
        if column in values:
            values[column] = check(values[column])
    if values.get("quota_per_minute") is not None:
        values["quota_per_minute"] = names.quota(values["quota_per_minute"])
    for column in ("in_app_include", "in_app_exclude"):
        if column in values:
            values[column] = names.in_app_prefixes(values[column], FIELDS[column])
    return values


def stored(column: str, value: Any) -> Any:
    """The value for its column."""
    return json.dumps(value) if column in JSON else value


def told(column: str, value: Any) -> Any:
    """The value for the audit: rules as one text each."""
    return [json.dumps(each) for each in value] if column in JSON and value is not None else value
