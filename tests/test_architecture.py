"""The house itself: sizes, names, and what must not stand in any file."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE_LIMIT = 300
FUNCTION_LIMIT = 40
BANNED_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "service",
    "kit",
    "core",
    "base",
    "handler",
}


def python_files() -> list[Path]:
    rooms = [ROOT / room for room in ("app", "workers", "benches")]
    return [path for room in rooms for path in sorted(room.rglob("*.py"))]


def tracked_files() -> Iterator[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/corpus/"):
            yield ROOT / name


def test_there_are_files_to_look_at() -> None:
    assert len(python_files()) > 10
    assert ROOT / "pyproject.toml" in set(tracked_files())


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_at_one_sitting(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= FILE_LIMIT
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < FUNCTION_LIMIT, f"{node.name} is too long"


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_happens_there(path: Path) -> None:
    assert not {part.removesuffix(".py") for part in path.relative_to(ROOT).parts} & BANNED_NAMES
    if path.name != "__init__.py" or path.read_text():
        assert ast.get_docstring(ast.parse(path.read_text())), (
            "a module opens with what comes in and what goes out"
        )


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_pattern_repeats_a_group_possessively(path: Path) -> None:
    """Python 3.11.0 to 3.11.4 match such groups wrongly (CPython issue 106052); an atomic group says the same."""
    assert not re.search(r"\)(?:[*+?]|\{[0-9,]+\})\+", path.read_text())


def test_no_file_names_a_registry_or_a_path_of_a_developers_machine() -> None:
    named = re.compile(
        r"^\s*--?(?:extra-)?index-url|^\s*(?:index-url|registry)\s*=|\"resolved\": \"http|files[.]python[h]osted",
        re.MULTILINE,
    )
    developers_folder = str(ROOT.parent) + "/"
    for path in tracked_files():
        text = path.read_text(errors="replace")
        assert not named.search(text), f"{path} names a registry"
        assert developers_folder == "//" or developers_folder not in text, (
            f"{path} holds a path of this machine"
        )


def test_every_pinned_package_has_a_hash() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        pinned = re.split(r"\n(?=\S)", path.read_text().strip())
        assert pinned
        for package in pinned:
            assert "==" in package.splitlines()[0]
            assert "--hash=sha256:" in package, f"{package.splitlines()[0]} in {path.name} has no hash"
