"""The table "what a change may touch" holds: each change is made on a copy of the package."""

import json
import subprocess
import sys

from tests.docs.pages import ROOT
from tests.plugin.conftest import PROJECT

# New files of the package, edited ones, and lines put into these.
PLAN = {
    "a surface variable": (0, 0, 0),
    "a levelled ocean variable": (0, 0, 0),
    "a data source, by a mapping": (0, 0, 0),
    "a data source that needs code": (1, 0, 0),
    "another hemisphere or grid": (0, 0, 0),
    "a solver": (1, 0, 0),
    "a constraint": (1, 0, 0),
    "a score": (1, 0, 0),
    "a network": (1, 0, 0),
    "a fourth system": (2, 0, 0),  # the second one is its preset
    "a command": (1, 1, 1),
}


def test_what_each_change_touches():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "touched.py", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {row["what"]: (len(row["added"]), len(row["edited"]), row["lines"]) for row in rows} == PLAN
    groups = {row["group"] for row in rows if row["group"]}
    assert groups == set(PROJECT["entry-points"]), "the plug-in adds through every group that the table names"


def test_the_package_does_not_know_the_plug_in():
    names = [name for group in PROJECT["entry-points"].values() for name in group]
    files = [*(ROOT / "src" / "halocline").rglob("*.py"), *(ROOT / "src" / "halocline").rglob("*.toml")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    known = [name for name in (*names, "halocline_antarctic", "antarctic-generator") if f'"{name}"' in text]
    assert known == []
