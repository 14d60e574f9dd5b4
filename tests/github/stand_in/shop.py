"""The usual stage: the private repository `acme/shop`, the user `snag-bot` with a token, the App `snaglist-test` on `acme`."""

from dataclasses import dataclass

from tests.github.stand_in.accounts import Accounts
from tests.github.stand_in.people import SHOP

SLUG = "snaglist-test"
SECRET = "the webhooks' secret of the stand-in"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Shop:
    """What a client needs to know of it. `name` is `acme/shop`; `bot` is `snaglist-test[bot]`."""

    name: str
    repository_id: int
    token: str
    login: str
    app_id: int
    installation_id: int
    bot: str


def furnish(github: Accounts, public_key: str) -> Shop:
    """Put it there; where it is there already, tell about it."""
    world = github.world
    app = next((app for app in world.apps.values() if app.slug == SLUG), None)
    if app is None:
        github.add_repository(SHOP)
        github.add_token("snag-bot")
        app = github.add_app(SLUG, public_key=public_key)
        github.install(app.id, "acme")
    installation = next(each for each in world.installations.values() if each.app is app)
    token = next(each for each in world.tokens.values() if each.user.login == "snag-bot")
    return Shop(
        SHOP, world.repository(SHOP).id, token.value, "snag-bot", app.id, installation.id, app.bot.login
    )
