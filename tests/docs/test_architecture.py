"""The page on architecture says what the import contracts enforce."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text()


def contracts():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def test_the_table_has_every_room_in_the_order_of_the_layers():
    layers = [set(layer.split(" | ")) for layer in contracts()[0]["layers"]]
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    for layer in layers:
        assert set(listed[: len(layer)]) == layer
        listed = listed[len(layer) :]
    assert not listed


def test_a_room_that_the_table_says_knows_no_network_may_import_none():
    forbidden = {
        room: set(contract["forbidden_modules"])
        for contract in contracts()
        if contract["type"] == "forbidden" and "halocline.nn" in contract["forbidden_modules"]
        for room in contract["source_modules"]
    }
    for room in ("data", "physics", "worlds", "bridge", "trials", "spinup", "report", "constraints"):
        assert {"halocline.nn", "halocline.diffusion"} <= forbidden[f"halocline.{room}"], room


def test_every_path_on_the_page_is_there():
    for path in re.findall(r"[\w/]+/[\w/]+\.py|(?<=`)tests/[\w/]+\.py", PAGE):
        assert any((ROOT / base / path).exists() for base in ("src/halocline", "")), path
