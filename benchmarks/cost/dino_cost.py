"""What a model year of the DINO world costs: the compiled step against Veros's own, in one run on one core.

    python benchmarks/cost/dino_cost.py [R8 R4 R2] [--steps 72]

Each line is a process of its own: set-up and compilation apart, then accelerated steps. "shipped" is Veros's own
step with the same physics (its streamfunction lid) on the backend named.
"""

import argparse
import json
import os
import subprocess
import sys
import time

MODES = (("compiled step", "jax"), ("shipped", "jax"), ("shipped", "numpy"))


def measure(size: str, mode: str, steps: int) -> dict[str, float]:
    """Return seconds of set-up (with compilation) and CPU ms a step; runs in the child."""
    import resource

    import numpy as np

    from halocline.worlds.dino import weather
    from halocline.worlds.dino.forcing import ForcingPlan, forcing_rows
    from halocline.worlds.dino.geometry import make_geometry
    from halocline.worlds.dino.parameters import ForcingParameters
    from halocline.worlds.dino.presets import preset
    from halocline.worlds.dino.veros.setup import DinoSetup, use_dino_equation_of_state
    from halocline.worlds.dino.veros.step import Ocean

    began = time.perf_counter()
    grid = preset(size)
    geometry = make_geometry(grid)
    use_dino_equation_of_state()
    plan = ForcingPlan(0, 0, ForcingParameters(), ForcingParameters(), 0)
    patterns = weather.modes(geometry.lat, (np.arange(grid.shape[2]) + 0.5) / grid.shape[2])
    if mode == "compiled step":
        ocean = Ocean(DinoSetup(geometry, grid.dt_momentum, grid.dt_tracer), patterns, 360)
        fields = ocean.pristine

        def run(first: int, count: int) -> None:
            nonlocal fields
            days = grid.dt_tracer / 86400
            rows = forcing_rows(plan, geometry.lat, first * days, count, days)
            fields = ocean.advance(fields, rows.profiles, rows.weather)
            np.asarray(fields["u"])

    else:
        model = _shipped(DinoSetup, geometry, grid)

        def run(first: int, count: int) -> None:
            for _ in range(count):
                model.step(model.state)
            np.asarray(model.state.variables.u)

    run(0, 3)
    setup, cpu = time.perf_counter() - began, time.process_time()
    run(3, steps)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "setup": setup,
        "ms": 1e3 * (time.process_time() - cpu) / steps,
        "mb": memory,
        "steps_a_year": 360 * 86400 / grid.dt_tracer,
    }


def _shipped(base, geometry, grid):
    from veros import veros_routine
    from veros.core.operators import numpy as npx

    from halocline.worlds.dino.climate import wind_stress
    from halocline.worlds.dino.parameters import ForcingParameters
    from halocline.worlds.dino.veros.setup import to_veros

    class Shipped(base):
        @veros_routine
        def set_parameter(self, state):
            base.__dict__["set_parameter"].function(self, state)
            state.settings.enable_streamfunction = True

        @veros_routine
        def set_forcing(self, state):
            vs = state.variables
            stress = wind_stress(geometry.lat, ForcingParameters())[:, None].repeat(grid.shape[2], axis=1)
            vs.surface_taux = npx.asarray(to_veros(stress)) * vs.maskU[:, :, -1]
            vs.forc_temp_surface = 1e-5 * (15.0 - vs.temp[:, :, -1, vs.tau]) * vs.maskT[:, :, -1]

    model = Shipped(geometry, grid.dt_momentum, grid.dt_tracer)
    model.setup()
    return model


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["R8", "R4"])
    parser.add_argument("--steps", type=int, default=72)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measure(*arguments.child, arguments.steps)))
        return
    from halocline.worlds.dino.process import _SETTINGS

    print(
        "| preset | step | backend | set-up and compilation, s | CPU ms a step | CPU s a model year | peak memory, MB |"
    )
    print("|---|---|---|---|---|---|---|")
    for size in arguments.sizes:
        for mode, backend in MODES:
            environment = os.environ | _SETTINGS | {"VEROS_BACKEND": backend}
            command = [sys.executable, __file__, "--child", size, mode, "--steps", str(arguments.steps)]
            output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            r = json.loads(output.strip().splitlines()[-1])
            year = r["ms"] * r["steps_a_year"] / 1e3
            print(f"| {size} | {mode} | {backend} | {r['setup']:.0f} | {r['ms']:.1f} | {year:.1f} | {r['mb']:.0f} |")


if __name__ == "__main__":
    main()
