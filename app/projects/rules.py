"""The rules for the events of apps: which are left out, how they are grouped, and what is taken out of them.

Comes in: rules as people gave them. Goes out: the rules as they are stored. BadInput names the field at fault, as the
graph calls it.
"""

import re
from typing import Any

from app.domain.events import grouping_rules, ignore_rules
from app.domain.secrets import scrubbing
from app.domain.secrets.scrubbing import Scrubbing
from app.errors import BadInput


def stored_ignore_rules(plain: Any) -> list[dict[str, str]]:
    """The rules that leave errors of an app out, as JSON."""
    _demand_none(ignore_rules.problems(plain), "ignoreRules")
    return ignore_rules.plain(ignore_rules.restored(plain))


def checked_grouping_rules(plain: Any) -> tuple[grouping_rules.Rule, ...]:
    """The grouping rules that this JSON holds."""
    _demand_none(grouping_rules.problems(plain), "groupingRules")
    return grouping_rules.restored(plain)


def stored_grouping_rules(plain: Any) -> list[dict[str, Any]]:
    """The grouping rules of a project, as JSON."""
    return grouping_rules.plain(checked_grouping_rules(plain))


def stored_scrubbing(rules: Scrubbing) -> dict[str, Any]:
    """What is taken out of the events of a project, as JSON."""
    plain = scrubbing.plain(rules)
    _demand_none(scrubbing.check(plain), "scrubbing")
    for field in ("sensitive_keys", "safe_keys"):
        if not all(name.isprintable() for name in plain[field]):
            _demand_none([(field, "has a name with a character that cannot be shown")], "scrubbing")
    return scrubbing.plain(scrubbing.restored(plain))


def _demand_none(problems: list[tuple[str, str]], where: str) -> None:
    for field, message in problems:
        path = re.sub("_([a-z])", lambda found: found[1].upper(), field)
        raise BadInput(message, field=f"{where}.{path}" if path else where)
