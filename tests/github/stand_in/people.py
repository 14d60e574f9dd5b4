"""What people do on GitHub's own pages: close, reopen, comment, edit, delete, transfer, rename, uninstall.

Comes in: a number and a login. Goes out: the changed record; webhooks are told as GitHub tells them.
"""

from tests.github.stand_in import changes
from tests.github.stand_in.records import Comment, Installation, Issue, Repository
from tests.github.stand_in.world import World

SHOP = "acme/shop"


class People:
    """The part of the stand-in that people use. `login` need not exist before; `repository` is `owner/name`."""

    world: World

    def person_opens(
        self, title: str, body: str | None = None, *, login: str = "ann", repository: str = SHOP
    ) -> Issue:
        """An issue of a person's own."""
        world = self.world
        return changes.open_issue(world, world.repository(repository), world.user(login), title, body)

    def person_opens_pull_request(
        self, title: str, body: str | None = None, *, login: str = "ann", repository: str = SHOP
    ) -> Issue:
        """A pull request, which lists of issues hold as well."""
        world = self.world
        at = world.repository(repository)
        return changes.open_issue(world, at, world.user(login), title, body, is_pull_request=True)

    def person_closes(
        self, number: int, reason: str = "completed", login: str = "ann", *, repository: str = SHOP
    ) -> Issue:
        """Close: completed, not_planned or duplicate."""
        world = self.world
        issue = world.issue(number, repository)
        changes.set_state(world, world.repository(repository), issue, world.user(login), "closed", reason)
        return issue

    def person_reopens(self, number: int, login: str = "ann", *, repository: str = SHOP) -> Issue:
        """Reopen."""
        world = self.world
        issue = world.issue(number, repository)
        changes.set_state(world, world.repository(repository), issue, world.user(login), "open", "reopened")
        return issue

    def person_comments(
        self, number: int, body: str, login: str = "ann", *, repository: str = SHOP
    ) -> Comment:
        """A comment."""
        world = self.world
        issue = world.issue(number, repository)
        return changes.comment(world, world.repository(repository), issue, world.user(login), body)

    def person_edits_comment(
        self, comment_id: int, body: str, login: str = "ann", *, repository: str = SHOP
    ) -> Comment:
        """Another text of a comment."""
        world = self.world
        issue, comment = self._comment(comment_id)
        changes.edit_comment(world, world.repository(repository), issue, comment, world.user(login), body)
        return comment

    def person_deletes_comment(self, comment_id: int, login: str = "ann", *, repository: str = SHOP) -> None:
        """A comment goes."""
        world = self.world
        issue, comment = self._comment(comment_id)
        changes.delete_comment(world, world.repository(repository), issue, comment, world.user(login))

    def person_edits(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        login: str = "ann",
        repository: str = SHOP,
    ) -> Issue:
        """Another title or text."""
        world = self.world
        issue = world.issue(number, repository)
        changes.edit_issue(world, world.repository(repository), issue, world.user(login), title, body)
        return issue

    def person_deletes(self, number: int, login: str = "ann", *, repository: str = SHOP) -> None:
        """Delete the issue: 410 from now on."""
        world = self.world
        issue = world.issue(number, repository)
        changes.delete_issue(world, world.repository(repository), issue, world.user(login))

    def transfer(self, number: int, to: str, login: str = "ann", *, repository: str = SHOP) -> Issue:
        """Move the issue to another repository; the old address leads there (301)."""
        world = self.world
        issue = world.issue(number, repository)
        here, there = world.repository(repository), world.repository(to)
        return changes.transfer_issue(world, here, issue, there, world.user(login))

    def rename_repository(self, old: str, new: str, login: str = "ann") -> Repository:
        """`new`: `owner/name`; another owner makes it a transfer of the repository. The old name leads to the new one."""
        world = self.world
        return changes.rename(world, world.repository(old), new, world.user(login))

    def delete_repository(self, name: str = SHOP, login: str = "ann") -> None:
        """404 from now on."""
        changes.delete_repository(self.world, self.world.repository(name), self.world.user(login))

    def uninstall(self, installation_id: int, login: str = "ann") -> Installation:
        """The App is taken off the account: its tokens end."""
        installation = self.world.installations[installation_id]
        return changes.change_installation(self.world, installation, "deleted", self.world.user(login))

    def suspend(self, installation_id: int, login: str = "ann") -> Installation:
        """The App may do nothing on the account for now."""
        installation = self.world.installations[installation_id]
        return changes.change_installation(self.world, installation, "suspend", self.world.user(login))

    def unsuspend(self, installation_id: int, login: str = "ann") -> Installation:
        """It may again."""
        installation = self.world.installations[installation_id]
        return changes.change_installation(self.world, installation, "unsuspend", self.world.user(login))

    def _comment(self, comment_id: int) -> tuple[Issue, Comment]:
        for _, issue, comment in self.world.all_comments():
            if comment.id == comment_id:
                return issue, comment
        raise KeyError(comment_id)
