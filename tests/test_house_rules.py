"""Upper limits of the style guide, and documentation that must agree with the code."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from server.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 40, 150
CODE = ("server", "media_pipeline", "search", "storage", "tests", "benchmarks")
MADE = ("server/migrations/versions/",)  # written by Alembic
TOP_LEVEL = {
    *(".ci", "benchmarks", "deploy", "docs", "frontend", "media_pipeline", "search", "server"),
    *("storage", "templates", "tests", "translations"),
    *(".dockerignore", ".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "LICENSE"),
    *("Makefile", "README.md", "babel.cfg", "docker-compose.yml", "pyproject.toml"),
    *("requirements-dev.lock", "requirements.lock"),
}
# A copy of somebody else's work would be one of these; fonts and scripts come from packages.
VENDORED = re.compile(
    r"(^|/)(vendor|third_party|node_modules)/|\.min\.(js|css)$|\.(woff2?|ttf|jar)$"
)


@cache
def project_files() -> tuple[str, ...]:
    """Return every file that is or would be committed."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(sorted(name for name in set(names.splitlines()) if (ROOT / name).is_file()))


def python_files() -> list[str]:
    names = [name for name in project_files() if name.endswith(".py")]
    return [name for name in names if name.split("/")[0] in CODE and not name.startswith(MADE)]


def lines_of(name: str) -> int:
    return len((ROOT / name).read_text().splitlines())


def test_no_source_file_is_longer_than_400_lines() -> None:
    scripts = [name for name in project_files() if re.search(r"^frontend/.*\.(ts|css)$", name)]

    long = {name: lines_of(name) for name in [*python_files(), *scripts]}

    assert {name: count for name, count in long.items() if count > FILE_LINES} == {}


def test_no_template_is_longer_than_150_lines() -> None:
    templates = [name for name in project_files() if name.startswith("templates/")]

    long = {name: lines_of(name) for name in templates}

    assert {name: count for name, count in long.items() if count > TEMPLATE_LINES} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = []
    for name in python_files():
        for node in ast.walk(ast.parse((ROOT / name).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > FUNCTION_LINES:
                    long.append(f"{name}:{node.lineno} {node.name} {length}")

    assert long == []


def test_nobody_catches_everything_to_carry_on() -> None:
    caught = [
        f"{name}:{node.lineno}"
        for name in python_files()
        for node in ast.walk(ast.parse((ROOT / name).read_text()))
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    ]

    assert caught == []


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    """Tell whether it takes any Exception and does not raise again."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {kind.id if isinstance(kind, ast.Name) else "" for kind in kinds if kind}
    takes_all = handler.type is None or bool(names & {"Exception", "BaseException"})
    raises_again = any(isinstance(node, ast.Raise) for node in ast.walk(handler))
    return takes_all and not raises_again


def test_imports_stand_at_the_top() -> None:
    inner = [
        f"{name}:{node.lineno}"
        for name in python_files()
        for function in ast.walk(ast.parse((ROOT / name).read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inner == []


def test_nothing_of_others_is_copied_in() -> None:
    assert [name for name in project_files() if VENDORED.search(name)] == []


def test_the_top_level_holds_only_what_the_layout_names() -> None:
    assert {name.split("/")[0] for name in project_files()} - TOP_LEVEL == set()


def test_every_exception_from_a_rule_names_it() -> None:
    bare = re.compile(r"#\s*(noqa(?!:)|type: ignore(?!\[))")

    found = [
        f"{name}:{number}"
        for name in python_files()
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1)
        if bare.search(line) and name != "tests/test_house_rules.py"
    ]

    assert found == []


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_manual_lists_every_setting(name: str) -> None:
    assert re.search(rf"^\| `{name.upper()}` \|", _manual(), re.MULTILINE)


def test_the_manual_lists_no_setting_that_is_gone() -> None:
    table = _manual().partition("## Settings")[2].partition("\n## ")[0]

    listed = re.findall(r"^\| `([A-Z0-9_]+)` \|", table, re.MULTILINE)

    assert {name.lower() for name in listed} == set(Settings.model_fields)


def _manual() -> str:
    return (ROOT / "docs" / "operations.md").read_text()
