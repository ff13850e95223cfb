"""List the files of the package that each change of the plan touches, by making every change on a copy of it.

The table "what a change may touch" of the design promises numbers. This script adds one thing of each kind as a file of
the package (each hands on what ``tests/plugin/distribution`` defines), asks the package for it in another process, and
compares the copy with the original::

    python tools/touched.py
"""

import argparse
import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "halocline"
PLUGIN = ROOT / "tests" / "plugin" / "distribution"
PRESET = (PLUGIN / "halocline_antarctic" / "antarctic.toml").read_text(encoding="utf-8")
TABLE = """
[{name}]
standard_name = "{name}"
long_name = "{name}"
unit = "1"
plausible = [0.0, 1.0]
{more}
"""
COMMAND = '''"""halocline hello: greets."""


def hello() -> None:
    """Greet."""
'''


@dataclass(frozen=True)
class Change:
    """A row of the table.

    Attributes:
        what: What is added.
        check: Code that fails unless the package knows it.
        added: New files of the package, and their text.
        lines: Lines put into files of the package, each with the line before it.
        beside: Files beside the data, and their text.
        group: Entry-point group by which another distribution adds it, without any file of the package.
    """

    what: str
    check: str
    added: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True)
class Touched:
    """What a change touched.

    Attributes:
        what: What was added.
        added: New files of the package.
        edited: Files of the package that are others than before.
        lines: How many lines were put into them.
        group: Entry-point group.
    """

    what: str
    added: list[str]
    edited: list[str]
    lines: int
    group: str


def _registered(what: str, name: str, registry: str, folder: str, thing: str, more: Mapping[str, str] = {}) -> Change:
    """Return the change that registers ``module:thing`` of the plug-in by a file in a registry's folder."""
    module, _, label = registry.partition(":")
    home, _, attribute = thing.partition(":")
    text = f"from {module} import {label}\nfrom halocline_antarctic.{home} import {attribute}\n"
    text += f"\n{label}.register({name!r})({attribute})\n"
    check = f"from {module} import {label}\nassert {name!r} in list({label})\n{label}[{name!r}]\nprint({label}.group)"
    return Change(what, check, {f"{folder}/{name.replace('-', '_')}.py": text, **more})


CHANGES = (
    Change(
        "a surface variable",
        "from halocline.data.fields.variables import variable\nassert not variable('melt_pond').levelled",
        beside={"surface.toml": TABLE.format(name="melt_pond", more="")},
        group="halocline.variables",
    ),
    Change(
        "a levelled ocean variable",
        "from halocline.data.fields.variables import channel_variable\nassert channel_variable('nitrate_03')[1] == 3",
        beside={"levelled.toml": TABLE.format(name="nitrate", more='levelled = true\ngroup = "ocean"')},
        group="halocline.variables",
    ),
    Change(
        "a data source, by a mapping",
        "from halocline.bridge.mapping import read_mapping\n"
        "assert read_mapping(DATA / 'map.map')[0].theirs == 'siconc'",
        beside={"map.map": '[sic]\nfrom = "siconc"\nfactor = 0.01\n'},
    ),
    _registered(
        "a data source that needs code",
        "toy-antarctic",
        "halocline.bridge.sources.base:SOURCES",
        "bridge/sources",
        "source:read",
    ),
    Change(
        "another hemisphere or grid",
        "import numpy as np\nfrom halocline.data.grids.projected import projected_grid\n"
        "from halocline.data.grids.projection import Plane\nx = np.linspace(-3e6, 3e6, 4)\n"
        "assert (projected_grid('south', Plane.of('EPSG:3976'), x, x, np.ones((4, 4), bool)).lat < -40).all()",
    ),
    _registered(
        "a solver", "ralston", "halocline.diffusion.solvers.base:SOLVERS", "diffusion/solvers", "solver:Ralston"
    ),
    _registered(
        "a constraint",
        "platelets-under-ice",
        "halocline.constraints.registry:CONSTRAINTS",
        "constraints/named",
        "constraint:PlateletsUnderIce",
    ),
    _registered(
        "a score", "sectors", "halocline.evaluate.ice.families:ICE_SCORES", "evaluate/ice/families", "score:sectors"
    ),
    _registered("a network", "dilated", "halocline.nn.base:NETWORKS", "nn", "network:build"),
    _registered(
        "a fourth system",
        "antarctic-generator",
        "halocline.systems.protocol:SYSTEMS",
        "systems/published",
        "system:SYSTEM",
        {"systems/presets/antarctic.toml": PRESET},
    ),
    Change(
        "a command",
        "from typer.main import get_command\nfrom halocline.cli.main import app\n"
        "assert 'hello' in get_command(app).commands",
        {"cli/hello.py": COMMAND},
        {"cli/main.py": ('    "models",\n', '    "hello",\n')},
    ),
)
CONFIG = "\nfrom halocline.systems.config import load_config\nassert load_config('antarctic').recipe"


def make(change: Change, copy: Path, data: Path) -> None:
    """Make a change on a copy of the package, and write what lies beside the data."""
    for folder, files in ((copy, change.added), (data, change.beside)):
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    for name, (before, line) in change.lines.items():
        text = (copy / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"'{before}' in {name}"
        (copy / name).write_text(text.replace(before, before + line), encoding="utf-8")


def difference(copy: Path) -> tuple[list[str], list[str]]:
    """Return the files that only the copy has, and those that differ from the original."""
    names = sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file())
    added = [name for name in names if not (PACKAGE / name).exists()]
    shared = [name for name in names if name not in added]
    _, edited, wrong = filecmp.cmpfiles(copy, PACKAGE, shared, shallow=False)
    assert not wrong, wrong
    return added, edited


def touched() -> list[Touched]:
    """Make all changes one after the other, and return what each touched."""
    found, before = [], (set[str](), set[str]())
    with tempfile.TemporaryDirectory() as temporary:
        copy, data = Path(temporary) / "src" / "halocline", Path(temporary) / "data"
        data.mkdir()
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for change in CHANGES:
            make(change, copy, data)
            now = difference(copy)
            added, edited = (sorted(set(new) - old) for new, old in zip(now, before, strict=True))
            before = (set(now[0]), set(now[1]))
            found.append(Touched(change.what, added, edited, len(change.lines), change.group))
        groups = _checked(copy.parent, data)
    return [Touched(**{**asdict(row), "group": group}) for row, group in zip(found, groups, strict=True)]


def _checked(source: Path, data: Path) -> list[str]:
    """Run every check in a process that knows the copy only; return the groups of the registries."""
    code = [f"from pathlib import Path\nDATA = Path({str(data)!r})"]
    code += [f"{change.check}\nprint('|')" for change in CHANGES]
    tables = os.pathsep.join(str(path) for path in sorted(data.glob("*.toml")))
    environment = os.environ | {"PYTHONPATH": f"{source}{os.pathsep}{PLUGIN}", "HALOCLINE_VARIABLES": tables}
    done = subprocess.run(
        [sys.executable, "-B", "-c", "\n".join(code) + CONFIG],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    said = [part.strip() for part in done.stdout.split("|")[:-1]]
    return [change.group or group for change, group in zip(CHANGES, said, strict=True)]


def table(rows: list[Touched]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| change | new files of the package | edited files | from outside, without any |", "|---|---|---|---|"]
    for row in rows:
        edited = ", ".join(f"`{name}`" for name in row.edited)
        edited += f" ({row.lines} line)" if row.edited else "none"
        added = ", ".join(f"`{name}`" for name in row.added) or "none"
        lines.append(f"| {row.what} | {added} | {edited} | {f'`{row.group}`' if row.group else ''} |")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="Print JSON instead of a Markdown table.")
    rows = touched()
    print(json.dumps([asdict(row) for row in rows]) if parser.parse_args().json else table(rows))
