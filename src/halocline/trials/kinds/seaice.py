"""Sea-ice states in the Arctic world, under any of its rheologies."""

import xarray as xr

from halocline.runtime.extras import require_extra
from halocline.trials.ice.plan import IceProtocol, IceTrialPlan, plan_runs
from halocline.trials.ice.verdicts import judge_ice
from halocline.trials.judgement import Verdict
from halocline.trials.protocol import TRIALS, Request, check_options

YEARS = 1


class IceTrial:
    """See docs/explanation/integrate-ice.md."""

    variables = "seaice"
    options = ("rheology",)

    def require(self) -> None:
        """Raise MissingExtraError if the simulator's parts are not installed."""
        require_extra("simulate", "running the Arctic world")

    def plan(self, request: Request) -> IceTrialPlan:
        """Read and check all states and choose their controls."""
        return plan_runs(
            request.groups,
            protocol=IceProtocol(years=YEARS if request.years is None else request.years),
            **request.common(),
            **check_options("seaice", request),
        )

    def judge(self, runs: xr.Dataset) -> tuple[Verdict, ...]:
        """Return the verdicts on runs."""
        return judge_ice(runs)


TRIALS.register("seaice")(IceTrial())
