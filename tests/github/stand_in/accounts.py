"""Setting the stage: users, repositories, tokens, Apps and their installations, webhooks.

Comes in: what a test wants there to be. Goes out: the records, for the test to keep.
"""

import secrets
from collections.abc import Iterable, Mapping

from tests.github.stand_in.records import App, Hook, Installation, Repository, Role, Token, User
from tests.github.stand_in.world import World

PERMISSIONS = {"issues": "write", "metadata": "read"}


class Accounts:
    """The part of the stand-in that tests furnish it with."""

    world: World

    def add_organization(self, login: str) -> User:
        """The owner of repositories."""
        user = self.world.user(login)
        user.type = "Organization"
        return user

    def add_repository(
        self,
        full_name: str,
        *,
        private: bool = True,
        has_issues: bool = True,
        archived: bool = False,
        roles: Mapping[str, Role] | None = None,
    ) -> Repository:
        """A new, empty repository; `roles` by login. Installations on all of the owner's repositories see it."""
        owner, name = full_name.split("/")
        world = self.world
        repository = Repository(
            world.new_id(),
            self.add_organization(owner),
            name,
            world.now(),
            private=private,
            has_issues=has_issues,
            archived=archived,
            roles={login.lower(): role for login, role in (roles or {}).items()},
        )
        world.repositories[repository.id] = repository
        return repository

    def add_token(
        self,
        login: str,
        *,
        scopes: Iterable[str] | None = None,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[str] | None = None,
        role: Role | None = "write",
    ) -> str:
        """A personal access token: a classic one with `scopes` (as it comes: repo), or with `permissions` a fine-grained one.

        `repositories` (names) are those of a fine-grained one, None: all. `role`: what the user gets on all private
        repositories that there are now and where he has no role yet; None: nothing.
        """
        world, user = self.world, self.world.user(login)
        token = Token(
            ("ghp_" if permissions is None else "github_pat_") + secrets.token_hex(18),
            "classic" if permissions is None else "fine_grained",
            user,
            scopes=frozenset(("repo",) if scopes is None else scopes),
            permissions=dict(permissions or {}),
            repositories=self._ids(repositories),
        )
        if role:
            for repository in world.repositories.values():
                repository.roles.setdefault(login.lower(), role)
        world.tokens[token.value] = token
        return token.value

    def revoke_token(self, value: str) -> None:
        """From now on it is answered with 401."""
        self.world.tokens[value].is_revoked = True

    def add_app(
        self, slug: str, *, public_key: str, permissions: Mapping[str, str] | None = None, owner: str = "acme"
    ) -> App:
        """A GitHub App; `public_key`: PEM (see `keys.key_pair`); its bot is `slug[bot]`."""
        world = self.world
        app = App(
            world.new_id(),
            slug,
            world.user(f"{slug}[bot]"),
            self.add_organization(owner),
            public_key,
            dict(PERMISSIONS if permissions is None else permissions),
            world.now(),
        )
        world.apps[app.id] = app
        return app

    def install(
        self,
        app_id: int,
        account: str = "acme",
        *,
        permissions: Mapping[str, str] | None = None,
        repositories: Iterable[str] | None = None,
    ) -> Installation:
        """Put an App on an account: on these repositories (names), or on all."""
        world, app = self.world, self.world.apps[app_id]
        installation = Installation(
            world.new_id(),
            app,
            self.add_organization(account),
            dict(app.permissions if permissions is None else permissions),
            world.now(),
            self._ids(repositories),
        )
        world.installations[installation.id] = installation
        return installation

    def set_permissions(self, installation_id: int, permissions: Mapping[str, str]) -> None:
        """Another set of permissions, for tokens that are made from now on and for those that are there."""
        self.world.installations[installation_id].permissions = dict(permissions)
        for token in self.world.tokens.values():
            if token.installation and token.installation.id == installation_id:
                token.permissions = dict(permissions)

    def add_hook(
        self,
        secret: str,
        *,
        url: str | None = None,
        app_id: int | None = None,
        repository: str | None = None,
    ) -> Hook:
        """Tell what happens: to an App's hook (`app_id`), or to one of a repository.

        With `url` deliveries are posted there; they are kept in `deliveries` in any case.
        """
        if (app_id is None) == (repository is None):
            raise ValueError("either an App's or a repository's")
        world = self.world
        hook = Hook(
            secret,
            url,
            None if app_id is None else world.apps[app_id],
            None if repository is None else world.repository(repository).id,
        )
        world.hooks.append(hook)
        return hook

    def _ids(self, names: Iterable[str] | None) -> frozenset[int] | None:
        return None if names is None else frozenset(self.world.repository(name).id for name in names)
