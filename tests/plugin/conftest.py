"""The plug-in as if it were installed, for the commands: its metadata in a folder on the path, nothing with pip."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

DISTRIBUTION = Path(__file__).parent / "distribution"
PACKAGE = DISTRIBUTION / "halocline_antarctic"
PROJECT = tomllib.loads((DISTRIBUTION / "pyproject.toml").read_text())["project"]
sys.path.append(str(DISTRIBUTION))  # without its metadata: in this process its registries stay as they are


@pytest.fixture(scope="session")
def halocline(tmp_path_factory):
    """Return ``run(*arguments, code=...)``: the command line, or code, in a process that finds the plug-in."""
    site = tmp_path_factory.mktemp("site")
    about = site / f"halocline_antarctic-{PROJECT['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PROJECT['name']}\nVersion: {PROJECT['version']}\n")
    points = PROJECT["entry-points"].items()
    sections = [[f"[{group}]", *(f"{name} = {thing}" for name, thing in named.items())] for group, named in points]
    (about / "entry_points.txt").write_text("\n".join(line for section in sections for line in section) + "\n")
    paths = [str(site), str(DISTRIBUTION), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}

    def run(*arguments, code=None, fails=False):
        start = ["-m", "halocline", *map(str, arguments)] if code is None else ["-c", code, *map(str, arguments)]
        done = subprocess.run(
            [sys.executable, *start], capture_output=True, text=True, timeout=300, env=environment, check=False
        )
        assert (done.returncode == 0) != fails, done.stderr
        return done.stderr if fails else done.stdout

    return run


@pytest.fixture(scope="session")
def archives(tmp_path_factory):
    """Raw files of three years of the toy Antarctic."""
    from halocline_antarctic.toy import write_year

    folder = tmp_path_factory.mktemp("archives")
    return [write_year(folder, year) for year in range(3)]


@pytest.fixture(scope="session")
def south(halocline, archives, tmp_path_factory):
    """A store of them, imported by the plug-in's source."""
    out = tmp_path_factory.mktemp("south") / "south.zarr"
    halocline("import", *archives, "--source", "toy-antarctic", "--out", out, "--quiet")
    return out
