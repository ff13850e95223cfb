"""Constraints on a user's dataset, in Python and on the command line."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import halocline
from halocline.data.files.ocean import ocean_states
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import density_error
from halocline.runtime.errors import ConfigError, InputError
from tests.ocean_toy import toy_ocean_dataset, toy_ocean_grid
from tests.toy import CHANNELS, toy_grid, toy_sample


def run(*arguments):
    command = [sys.executable, "-m", "halocline", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_contents_then_stability_hold_together():
    """Stability keeps the heat and salt of columns, so basin contents survive it."""
    dataset, training = toy_ocean_dataset(), toy_ocean_dataset(members=20, seed=4)
    out, moved = halocline.constrain(dataset, ["contents", "stability"], contents_from=training, kind="basin")
    assert [m.name for m in moved] == ["contents", "stability"]
    for m in moved:
        assert m.residual_before > m.tolerance >= max(m.residual_after, m.residual_end)
    assert moved[1].rms_change["zos"] == 0
    assert moved[1].rms_change["thetao"] > 0.01
    assert out.attrs["halocline_constraints"] == "contents, stability"
    ocean = ocean_states(out)
    t, s = ocean.layout.select(ocean.states, "thetao", "so")
    assert (density_error(t, s, ocean.layout.grid, DINO_EOS, reference="local") == 0).all()


def test_a_later_constraint_that_undoes_an_earlier_one_is_seen():
    dataset = toy_ocean_dataset()
    one = toy_ocean_dataset(members=1, seed=5)
    one["thetao"].values[:, :2] -= 5.0
    _, moved = halocline.constrain(dataset, ["stability", "contents"], contents_from=one)
    assert moved[0].residual_after == 0
    assert moved[0].residual_end > 0.1


def test_contents_of_one_state_are_given_to_all():
    one = toy_ocean_dataset(members=1, seed=5)
    out, _ = halocline.constrain(toy_ocean_dataset(), ["contents"], contents_from=one)
    grid = toy_ocean_grid()
    means = (out["thetao"].fillna(0) * grid.volume).sum(("y", "x")) / np.maximum(grid.volume.sum((1, 2)), 1)
    expected = (one["thetao"].fillna(0) * grid.volume).sum(("y", "x")) / np.maximum(grid.volume.sum((1, 2)), 1)
    np.testing.assert_allclose(means, np.broadcast_to(expected, means.shape), atol=1e-12)


def test_drawn_contents_belong_to_the_member_not_to_its_place():
    training = toy_ocean_dataset(members=20, seed=4)
    dataset = toy_ocean_dataset()
    whole, _ = halocline.constrain(dataset, ["contents"], contents_from=training, seed=3)
    alone, _ = halocline.constrain(dataset.isel(member=[2]), ["contents"], contents_from=training, seed=3)
    np.testing.assert_allclose(alone["thetao"][0], whole["thetao"][2], atol=1e-12)


def ice_dataset(offset=0.3):
    sample = toy_sample(toy_grid(), 20)
    units = dict(zip(CHANNELS, ("m", "1", "1", "m s-1", "m s-1"), strict=True))
    return xr.Dataset({n: (("y", "x"), sample[k] + offset, {"units": units[n]}) for k, n in enumerate(CHANNELS)})


def test_ice_bounds_without_a_model():
    out, moved = halocline.constrain(ice_dataset(), ["ice-bounds"])
    assert moved[0].residual_before > 0.2
    assert moved[0].residual_end == 0
    assert float(out["sic"].max()) <= 1
    assert out["sit"].dims == ("y", "x")


def test_dry_cells_and_packing(tmp_path):
    """Zeros on land stay zeros, and a file packed to 16 bits is not packed again."""
    dataset = toy_ocean_dataset().fillna(0.0)
    dataset["tmask"] = (("depth", "y", "x"), toy_ocean_grid().wet.astype(np.int8))
    packing = {"dtype": "int16", "scale_factor": 2e-3, "add_offset": 10.0}
    dataset.to_netcdf(tmp_path / "in.nc", encoding={"thetao": packing})
    done = run(
        "constrain", tmp_path / "in.nc", "--constraint", "sort", "--out", tmp_path / "out.nc", "--reference", "surface"
    )
    assert done.returncode == 0, done.stderr
    out = xr.load_dataset(tmp_path / "out.nc")
    assert (out["so"].values[:, ~toy_ocean_grid().wet] == 0).all()
    ocean = ocean_states(out)
    t, s = ocean.layout.select(ocean.states, "thetao", "so")
    assert (density_error(t, s, ocean.layout.grid, DINO_EOS) == 0).all()


def test_the_command_prints_how_far_it_moved_the_states(tmp_path):
    toy_ocean_dataset(dtype=np.float32).to_netcdf(tmp_path / "in.nc")
    out = tmp_path / "out.nc"
    done = run("constrain", tmp_path / "in.nc", "--constraint", "stability", "--out", out)
    assert done.returncode == 0, done.stderr
    for word in ("stability", "before", "after", "kg m-3", "thetao", "psu", "written to"):
        assert word in done.stdout
    again = run("constrain", out, "--constraint", "stability", "--out", out)
    assert again.returncode == 2
    assert "exists already" in " ".join(again.stderr.split())


def test_wrong_names_and_missing_contents():
    dataset = toy_ocean_dataset()
    with pytest.raises(ConfigError, match="Did you mean 'stability'"):
        halocline.constrain(dataset, ["stabilty"])
    with pytest.raises(ConfigError, match="at least one"):
        halocline.constrain(dataset, [])
    with pytest.raises(ConfigError, match="--contents-from"):
        halocline.constrain(dataset, ["contents"])
    with pytest.raises(InputError, match="none of ours among thetao"):
        halocline.constrain(dataset, ["ice-bounds"])
    other = toy_ocean_dataset(toy_ocean_grid(uniform=True), members=4)
    with pytest.raises(InputError, match="same grid"):
        halocline.constrain(dataset, ["contents"], contents_from=other)
    with pytest.raises(InputError, match="dimensions of 'sid'"):
        halocline.constrain(ice_dataset().assign(sid=ice_dataset()["sid"].T.rename(x="a", y="b")), ["ice-bounds"])


def test_reading_a_broken_file(tmp_path):
    path = Path(tmp_path / "broken.nc")
    path.write_bytes(b"CDF\x01 not really")
    done = run("constrain", path, "--constraint", "sort", "--out", tmp_path / "o.nc")
    assert done.returncode == 2
    assert "cannot be read" in " ".join(done.stderr.split())
