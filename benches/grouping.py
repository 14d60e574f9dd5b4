"""How well messages are grouped, on labelled logs where they lie beside the project, and at what cost."""

import csv
import importlib.util
from pathlib import Path
from types import ModuleType

from app.domain.messages import group_key

BESIDE = Path(__file__).parent.parent.parent / "shared"


def run() -> None:
    """Print grouping accuracy (GA), F1 over groups (FGA), over-merging, groups per true group, microseconds."""
    scorer, sets = BESIDE / "score_messages.py", BESIDE / "data" / "loghub"
    if not (scorer.exists() and any(sets.rglob("*_structured.csv"))):
        print("message grouping: left out, the labelled logs are not beside the project")
        return
    scoring = _module(scorer)
    average = scoring.evaluate(str(sets), group_key, scoring.SETS, verbose=False)["AVERAGE"]
    print(
        f"message grouping, {len(scoring.SETS)} labelled logs  GA {average['GA']:.3f} (goal 0.95), FGA {average['FGA']:.3f} (0.93),"
        f" over-merged {average['overmerge']:.4f} (0.01 at most), groups per true one {average['frag']:.2f},"
        f" {average['us']:.1f} us a message (25 at most)"
    )


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    csv.field_size_limit(10**7)
    return module


if __name__ == "__main__":
    run()
