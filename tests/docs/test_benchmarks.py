"""What the benchmarks take from the package exists: they are run by hand, and seldom."""

import ast
import importlib
import importlib.util
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FILES = sorted(BENCHMARKS.rglob("*.py"))
VEROS = importlib.util.find_spec("veros") is not None


def missing(tree: ast.AST) -> list[str]:
    """Return the names that the code takes from halocline, and that are not there."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("halocline"):
            if ".veros." in f"{node.module}." and not VEROS:
                continue
            found += [f"{node.module}.{each.name}" for each in node.names if not _there(str(node.module), each.name)]
    return found


def _there(module: str, name: str) -> bool:
    try:
        if hasattr(importlib.import_module(module), name):
            return True
        return importlib.util.find_spec(f"{module}.{name}") is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_benchmark_imports_exists(path: Path) -> None:
    assert missing(ast.parse(path.read_text())) == []


def test_a_name_that_is_gone_is_found() -> None:
    code = "from halocline.chain.chain import Chain, Gone\nfrom halocline.recipes.load import load_model"
    assert missing(ast.parse(code)) == ["halocline.chain.chain.Gone", "halocline.recipes.load.load_model"]
