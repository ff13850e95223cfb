"""The commands of ``halocline export`` that the registry lists: options, replacement, errors of exit status 2."""

import sys

import netCDF4
import pytest

from halocline.bridge.exports.base import EXPORTS
from halocline.cli.main import main
from tests.bridge.exports.ice_start import cice_grid, states


@pytest.fixture
def run(monkeypatch, capsys):
    def halocline(*words):
        monkeypatch.setattr(sys, "argv", ["halocline", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code or 0, capsys.readouterr()

    return halocline


def test_every_kind_is_a_command(run):
    code, told = run("export", "--help")
    assert code == 0
    assert len(EXPORTS) == 6
    assert all(name in told.out for name in (*EXPORTS, "nemo"))


def test_a_command_writes_replaces_and_refuses(run, tmp_path):
    states(2).to_netcdf(tmp_path / "states.nc")
    grid, out = cice_grid(tmp_path / "grid.nc"), tmp_path / "starts"
    command = ("export", "cice", tmp_path / "states.nc", "--template", grid, "--out", out)
    code, told = run(*command, "--ice-layers", 4)
    assert code == 0
    assert "nilyr = 4" in told.out
    assert f"{out}: 2 restart(s) written" in told.out
    code, told = run(*command)
    assert code == 2
    assert "exists already" in told.err
    code, told = run(*command, "--overwrite", "--member", 0, "--member", 1)
    assert code == 0
    assert ".new" not in told.out
    with netCDF4.Dataset(out / "cice_m003.nc") as f:
        assert "qice007" in f.variables
    code, told = run(*command, "--overwrite", "--member", 7, "--thermodynamics", "cold")
    assert code == 2
    assert "member" in told.err
    assert "mushy or bl99" in told.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["grid.nc", "starts", "states.nc"]
