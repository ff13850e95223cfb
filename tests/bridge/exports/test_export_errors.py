"""The export command on bad states: exit status 2, four lines, nothing written."""

import sys

import netCDF4
import numpy as np
import pytest

from halocline.bridge.nemo.dates import Calendar
from halocline.bridge.nemo.restart import write_restart
from halocline.cli.main import main
from tests.ocean_toy import toy_ocean_dataset, toy_ocean_grid


def kelvin(d):
    d["thetao"].values[:] += 273.15
    return d


def mass_fraction(d):
    d["so"].values[:] /= 1000
    return d


def hole(d):
    d["so"].values[0, 0, 3, 3] = np.nan
    return d


@pytest.mark.parametrize(
    ("broken", "field", "remedy"),
    [
        (lambda d: d.isel(depth=[0, 2, 1, 3, 4, 5, 6, 7]), "vertical coordinate", "Sort the levels"),
        (kelvin, "values of 'thetao'", "--unit thetao=K"),
        (mass_fraction, "values of 'so'", "multiply by 1000"),
        (hole, "'so' in", "Fill them"),
        (lambda d: toy_ocean_dataset(toy_ocean_grid(nx=6)), "grid in", "Bring the file to this grid"),
    ],
)
def test_bad_states(broken, field, remedy, template_path, tmp_path, monkeypatch, capsys):
    broken(toy_ocean_dataset()).to_netcdf(tmp_path / "states.nc")
    out = tmp_path / "restart_start.nc"
    command = ["export", "nemo", tmp_path / "states.nc", "--template", template_path, "--out", out]
    monkeypatch.setattr(sys, "argv", ["halocline", *map(str, command)])
    monkeypatch.setenv("COLUMNS", "500")
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    text = " ".join(capsys.readouterr().err.replace("│", " ").split())
    for word in (field, remedy, "found", "expected", "remedy"):
        assert word in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["states.nc", "template.nc"]


def test_the_time_step_of_a_template_can_be_replaced(tmp_path, template_path, ocean):
    write_restart(ocean, template_path, tmp_path / "out.nc", calendar=Calendar(1350.0))
    with netCDF4.Dataset(tmp_path / "out.nc") as f:
        assert float(f["rdt"][0]) == 1350
        assert float(f["kt"][0]) == 4320
