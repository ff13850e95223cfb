"""The command ``simulate arctic``."""

import subprocess
import sys

from typer.testing import CliRunner

from halocline.cli.simulate import app
from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError
from halocline.worlds.arctic import run


def test_help_needs_neither_torch_nor_numba_nor_zarr():
    code = (
        "import sys, halocline.cli.simulate\n"
        "heavy = [m for m in ('torch', 'numba', 'zarr', 'xarray', 'scipy') if m in sys.modules]\n"
        "print(heavy); sys.exit(bool(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_command_writes_a_store(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "YEAR_HOURS", 24 * 5)
    out = tmp_path / "a.zarr"
    words = "arctic --years 1 --spinup-years 0 --interval-hours 6 --rheology mevp --warming 0.5 --seed 3 --quiet --out"
    result = CliRunner().invoke(app, [*words.split(), str(out)])
    assert result.exit_code == 0, result.output
    store = open_store(out)
    assert len(store.hours) == 20
    assert store.attributes["provenance"]["rheology"] == "mevp"
    assert store.attributes["provenance"]["warming"] == 0.5


def test_a_wrong_resolution_is_an_error_with_a_remedy(tmp_path):
    result = CliRunner().invoke(app, ["arctic", "--resolution", "12", "--out", str(tmp_path / "a.zarr")])
    assert isinstance(result.exception, ConfigError)
    assert "100, 50 or 25" in str(result.exception)
