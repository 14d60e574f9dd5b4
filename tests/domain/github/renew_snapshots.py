"""Write the snapshots of issues anew: `python -m tests.domain.github.renew_snapshots`. Then read what changed."""

from tests.domain.github.bodies import BODIES, SNAPSHOTS, snapshot


def renew() -> None:
    """Write a file for each error, and remove those of errors that are no more."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for path in SNAPSHOTS.glob("*.md"):
        path.unlink()
    for name, error in BODIES.items():
        (SNAPSHOTS / f"{name}.md").write_text(snapshot(error), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    renew()
