"""Starting from a given state, and every way such a file can be wrong."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import arctic_domain, arctic_grid
from halocline.worlds.arctic.member import ArcticPlan, final_restart, make_model
from halocline.worlds.arctic.start import start_state
from halocline.worlds.arctic.weather.synthetic import SyntheticWeather


@pytest.fixture(scope="module")
def domain():
    return arctic_domain(100)


@pytest.fixture(scope="module")
def atmosphere(domain):
    return SyntheticWeather(domain, 0, 0).at(0)


@pytest.fixture
def states(arctic):
    """Three states of the store as a plain dataset, as a generator would write it."""
    fields = np.stack([arctic.read(0, k) for k in (0, 200, 800)])
    land = ~arctic.grid.mask
    dataset = arctic.grid.to_dataset()
    for k, name in enumerate(("sit", "sic", "sid", "siu", "siv", "snt")):
        values = fields[:, k].copy()
        values[:, land] = np.nan
        dataset[name] = (("sample", "y", "x"), values, {"units": "m s-1" if name in ("siu", "siv") else "1"})
    dataset["sit"].attrs["units"] = dataset["snt"].attrs["units"] = "m"
    return dataset


def write(dataset, path):
    dataset.to_netcdf(path)
    return path


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_a_file_of_states_starts_the_model(states, arctic, domain, atmosphere, tmp_path, suffix):
    path = tmp_path / f"states{suffix}"
    states.to_netcdf(path) if suffix == ".nc" else states.to_zarr(path, consolidated=False)
    state, moving, _ = start_state(path, 2, domain, atmosphere)
    given = arctic.read(0, 800)
    assert moving
    np.testing.assert_array_equal(state.sit[domain.inner].astype(np.float32), given[0][domain.inner])
    np.testing.assert_array_equal(state.damage[domain.inner].astype(np.float32), given[2][domain.inner])
    assert np.corrcoef(state.u[1:-1, 1:-1].ravel(), given[3][1:, 1:].ravel())[0, 1] > 0.7
    assert (state.ocean[state.sic > 0] == 271.35).all()


def test_a_store_and_a_restart_start_the_model(arctic_path, arctic, domain, atmosphere):
    state, *_ = start_state(arctic_path, 730, domain, atmosphere)
    np.testing.assert_array_equal(state.sit[domain.inner].astype(np.float32), arctic.read(0, 730)[0][domain.inner])
    state, moving, _ = start_state(final_restart(arctic_path, 0), 0, domain, atmosphere)
    assert moving
    assert state.sit.max() > 1.0


def test_a_start_without_drift_gets_the_drift_of_the_wind(states, tmp_path):
    path = write(states.drop_vars(["siu", "siv", "sid", "snt"]), tmp_path / "bare.nc")
    model = make_model(ArcticPlan(100, 1, 0, 12, 0, "bbm", 0.0, str(path), 0, None), 0)
    before = model.sample()
    ice = before[1] > 0.8
    assert 0.005 < np.hypot(before[3], before[4])[ice].mean() < 0.3
    for _ in range(4):
        model.advance()
    after = model.sample()
    assert np.isfinite(after).all()
    assert np.corrcoef(before[0][ice], after[0][ice])[0, 1] > 0.99


def broken(states, name, change):
    out = states.copy(deep=True)
    if change == "nan":
        out[name][0].values[arctic_grid(100).mask] = np.nan
    elif change == "percent":
        out[name] = out[name] * 100
    elif change == "kilograms":
        out[name].attrs["units"] = "kg m-2"
    elif change == "negative":
        out[name].values[0, 32, 32] = -0.5
    elif change == "missing":
        out = out.drop_vars(name)
    return out


@pytest.mark.parametrize(
    ("name", "change", "match"),
    [
        ("sit", "nan", "'sit'.*NaN"),
        ("sic", "percent", "'sic'.*values from 0 to 100"),
        ("sit", "kilograms", "unit of 'sit'.*found 'kg m-2'"),
        ("sit", "negative", "'sit'.*-0.5"),
        ("sic", "missing", "variable 'sic'.*no such variable"),
    ],
)
def test_broken_states(states, name, change, match, domain, atmosphere, tmp_path):
    path = write(broken(states, name, change), tmp_path / "broken.nc")
    with pytest.raises(InputError, match=match):
        start_state(path, 0, domain, atmosphere)


def test_other_grid_mask_rows_index_and_file(states, domain, atmosphere, tmp_path):
    with pytest.raises(InputError, match="y, x = 64, 64"):
        start_state(write(states, tmp_path / "a.nc"), 0, arctic_domain(50), atmosphere)
    coast = states.copy(deep=True)
    coast["mask"].values[10:12, 10:12] ^= 1
    with pytest.raises(InputError, match="4 cells differ"):
        start_state(write(coast, tmp_path / "b.nc"), 0, domain, atmosphere)
    turned, _, notes = start_state(
        write(states.isel(y=slice(None, None, -1)), tmp_path / "c.nc"), 0, domain, atmosphere
    )
    np.testing.assert_array_equal(turned.sit, start_state(tmp_path / "a.nc", 0, domain, atmosphere)[0].sit)
    assert any("rows from top to bottom" in line for line in notes.lines())
    with pytest.raises(InputError, match="0 to 2"):
        start_state(tmp_path / "a.nc", 3, domain, atmosphere)
    with pytest.raises(InputError, match="no such file"):
        start_state(tmp_path / "none.nc", 0, domain, atmosphere)
    (tmp_path / "bad.safetensors").write_bytes(b"12345678")
    with pytest.raises(InputError, match="restart"):
        start_state(tmp_path / "bad.safetensors", 0, domain, atmosphere)


def test_a_restart_of_another_grid(arctic_path, atmosphere):
    with pytest.raises(InputError, match="arctic-50km"):
        start_state(final_restart(arctic_path, 0), 0, arctic_domain(50), atmosphere)


def test_the_store_can_be_opened_by_xarray(arctic_path):
    with xr.open_zarr(arctic_path, consolidated=False) as dataset:
        assert dataset["states"].dims == ("member", "time", "channel", "y", "x")
    assert open_store(arctic_path).grid.fingerprint() == arctic_grid(100).fingerprint()
