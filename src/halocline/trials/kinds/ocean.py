"""Ocean states in Veros, on one of DINO's basins."""

import xarray as xr

from halocline.trials.judgement import Verdict
from halocline.trials.ocean.plan import Protocol, TrialPlan, plan_runs
from halocline.trials.ocean.verdicts import judge_ocean
from halocline.trials.protocol import TRIALS, Request, check_options
from halocline.worlds.dino.process import require_veros

YEARS = 10


class OceanTrial:
    """See docs/explanation/integrate.md."""

    variables = "ocean"
    options = ("nearest_forcing", "preset")

    def require(self) -> None:
        """Raise InputError if Veros is not installed."""
        require_veros()

    def plan(self, request: Request) -> TrialPlan:
        """Read and check all states and choose their controls."""
        return plan_runs(
            request.groups,
            protocol=Protocol(years=YEARS if request.years is None else request.years),
            **request.common(),
            **check_options("ocean", request),
        )

    def judge(self, runs: xr.Dataset) -> tuple[Verdict, ...]:
        """Return the verdicts on runs."""
        return judge_ocean(runs)


TRIALS.register("ocean")(OceanTrial())
