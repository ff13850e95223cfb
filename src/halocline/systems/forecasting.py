"""A forecast by a model that is given by name: what the command runs."""

from dataclasses import dataclass

import xarray as xr

from halocline.chain.forecast.request import ForecastRequest, OutsideTraining, run_request
from halocline.runtime.device import Compute
from halocline.systems.loading import load_stepper

__all__ = ["OutsideTraining", "Request", "run_forecast"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Request(ForecastRequest):
    """What to forecast and by which model.

    Attributes:
        model: Folder or name of a surrogate, or of a baseline.
        steps: Solver steps.
        solver: Solver.
        noise_hours: Memory of the noise.
        views: In which symmetry members are stepped.
        noise: Where noise comes from.
    """

    model: str
    steps: int | None = None
    solver: str | None = None
    noise_hours: float | None = None
    views: str | None = None
    noise: str | None = None


def run_forecast(request: Request, compute: Compute) -> xr.Dataset:
    """Load the model and run the request; the same request again continues one that was killed.

    Raises:
        HaloclineError: The first thing that does not fit.
    """
    stepper = load_stepper(
        request.model,
        compute,
        steps=request.steps,
        solver=request.solver,
        noise_hours=request.noise_hours,
        views=request.views,
        noise=request.noise,
    )
    return run_request(stepper, request)
