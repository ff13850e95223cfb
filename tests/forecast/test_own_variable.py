"""A variable and a forcing of one's own, from a TOML file: trained on, forecast and scored, without an edit."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.fields import variables
from halocline.data.fields.variables import is_variable, load_variables
from halocline.data.store.store import open_store
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.device import choose_compute
from halocline.systems.forecasting import Request, run_forecast
from tests.surrogate_toy import FORCING, STATE, surrogate_store, toy_surrogate

pytestmark = pytest.mark.filterwarnings("ignore::halocline.chain.forecast.air_history.ShortHistory")
TABLE = """
[ridge]
standard_name = "sea_ice_ridge_thickness"
long_name = "ridged ice"
unit = "m"
group = "seaice"
lower = 0.0
plausible = [0.0, 80.0]

[lwdown]
standard_name = "surface_downwelling_longwave_flux_in_air"
long_name = "longwave radiation"
unit = "W m-2"
group = "forcing"
plausible = [0.0, 600.0]
"""


def test_from_a_store_to_a_score(tmp_path):
    known = dict(variables._known())
    try:
        (tmp_path / "mine.toml").write_text(TABLE)
        load_variables(tmp_path / "mine.toml")
        store = surrogate_store(tmp_path / "data.zarr", steps=8, extra=("ridge", "lwdown"))
        names = ", ".join(f'"{name}"' for name in (*STATE, "ridge"))
        air = ", ".join(f'"{name}"' for name in (*FORCING, "lwdown"))
        wanted = [f"variables=[{names}]", f"forcing=[{air}]", "training.samples=24"]
        model = toy_surrogate(store, tmp_path / "model", wanted)
        variables._known().clear()
        variables._known().update(known)  # as on another machine, which has no mine.toml
        out = tmp_path / "fc.zarr"
        request = Request(model=str(model), start=store, out=out, days=1.0, members=2, starts=1, quiet=True)
        run_forecast(request, choose_compute("cpu", "fp32"))
        variables._known().clear()
        variables._known().update(known)
        forecast = open_forecast(out)
        assert forecast.channels == (*STATE, "ridge")
        assert not is_variable("lwdown")
        ridge = xr.open_zarr(out, consolidated=False)["ridge"]
        assert ridge.attrs["units"] == "m"
        assert float(ridge.min()) >= 0.0
        card = evaluate_forecast(forecast, open_store(store))
        assert {row.variable for row in card.rows} >= {"sit", "ridge"}
        errors = [row.value for row in card.rows if row.variable == "ridge" and "CRPS" in row.score]
        assert errors
        assert np.isfinite(errors).all()
    finally:
        variables._known().clear()
        variables._known().update(known)
