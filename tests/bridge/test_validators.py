"""Each validator of files for other models has a test that fails when one of its rules has no broken example."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import halocline.bridge

TESTS = Path(__file__).parent


def validators():
    """Return module and name of every table of rules in the package: tuples of things with a name and a check."""
    found = []
    for module in pkgutil.walk_packages(halocline.bridge.__path__, "halocline.bridge."):
        if not module.name.rsplit(".", 1)[-1].endswith("rules"):
            continue
        held = vars(importlib.import_module(module.name))
        found += [
            (module.name, name)
            for name, value in held.items()
            if isinstance(value, tuple) and value and all(hasattr(v, "found") and hasattr(v, "remedy") for v in value)
        ]
    return found


def complete(tree, module, name):
    """Tell whether a test file compares the names of a validator's rules with those of its examples."""
    taken = any(
        isinstance(node, ast.ImportFrom) and node.module == module and name in {a.name for a in node.names}
        for node in ast.walk(tree)
    )
    compared = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Eq)
        and isinstance(node.left, ast.SetComp)
        and isinstance(node.left.generators[0].iter, ast.Name)
        and node.left.generators[0].iter.id == name
    ]
    return taken and bool(compared)


def test_the_validators_are_found():
    assert sorted(f"{module.removeprefix('halocline.bridge.')}.{name}" for module, name in validators()) == [
        "nemo.rules.RULES",
        "pop.folder_rules.FOLDER_RULES",
        "pop.rules.RULES",
        "restarts.cice_rules.RULES",
        "restarts.nextsim_dg_rules.RULES",
        "restarts.si3_rules.RULES",
    ]


@pytest.mark.parametrize(("module", "name"), validators(), ids=lambda v: v.removeprefix("halocline.bridge."))
def test_a_test_holds_a_broken_example_of_every_rule(module, name):
    trees = [ast.parse(path.read_text()) for path in TESTS.rglob("test_*.py")]
    assert any(complete(tree, module, name) for tree in trees), f"no test compares {module}.{name} with its examples"
