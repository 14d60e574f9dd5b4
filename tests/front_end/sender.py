"""An app that sends its events while somebody looks at the list."""

from typing import Any

from tests.running import Running

CREATE_PROJECT = 'mutation { projectCreate(input: {name: "Shop"}) { project { id } } }'
CREATE_APP = """
mutation ($project: ID!) { appCreate(input: {projectId: $project, name: "Till"}) { app { ingestUrl keys { key } } } }
"""


class Sender:
    """An app that sends its events."""

    def __init__(self, snaglist: Running) -> None:
        project = project_of(snaglist)
        self.app: dict[str, Any] = snaglist.ask(CREATE_APP, project=project)["appCreate"]["app"]
        self.client = snaglist.client

    def sends(self, *events: dict[str, Any]) -> None:
        """All of the events, which are taken."""
        headers = {"Authorization": f"Bearer {self.app['keys'][0]['key']}"}
        taken = self.client.post(self.app["ingestUrl"], headers=headers, json={"events": events})
        assert taken.json()["accepted"] == len(events), taken.text


def project_of(snaglist: Running) -> str:
    """The id of a project; it is made where there is none."""
    found = snaglist.ask("{ projects(first: 1) { nodes { id } } }")["projects"]["nodes"]
    made = found or [snaglist.ask(CREATE_PROJECT)["projectCreate"]["project"]]
    project_id: str = made[0]["id"]
    return project_id
