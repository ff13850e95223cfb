"""Pressure lid, Veros's streamfunction lid, Veros's free surface: how far apart, and what is conserved.

    python benchmarks/worlds/dino_lid.py [--days 40]

All start from rest with the same stratification and forcing, smallest basin (R8), synchronous steps of one hour, NumPy
backend. First salinity is uniform (35 psu) and so is the salinity restored to: it must stay so.
"""

import argparse
import os

os.environ |= {"VEROS_BACKEND": "numpy", "VEROS_LOGLEVEL": "error", "VEROS_DISKLESS_MODE": "1"}

import numpy as np
from veros import veros_routine

from halocline.worlds.dino import weather
from halocline.worlds.dino.forcing import ForcingPlan, ForcingRows, forcing_rows
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.presets import preset
from halocline.worlds.dino.veros.setup import DinoSetup, use_dino_equation_of_state
from halocline.worlds.dino.veros.step import Ocean

STEP = 3600.0
GEOMETRY = make_geometry(preset("R8"))
NAMES = ("temp", "salt", "u", "v")


class Plain(DinoSetup):
    """Veros's own stepping of the same setup, with either of its surface conditions."""

    streamfunction = True
    rows: ForcingRows
    patterns: np.ndarray
    number = 0

    @veros_routine
    def set_parameter(self, state):
        """As ours, but for the lid."""
        DinoSetup.__dict__["set_parameter"].function(self, state)
        state.settings.enable_streamfunction = self.streamfunction

    @veros_routine
    def set_forcing(self, state):
        """Put in the same forcing."""
        shell = _Shell(state, self.patterns)
        row = self.rows.profiles[self.number]
        haloed = np.concatenate([row[:, :1]] * 2 + [row] + [row[:, -1:]] * 2, axis=1)
        Ocean._force.__get__(shell)(haloed, self.rows.weather[self.number])


class _Shell:
    def __init__(self, state, patterns):
        self.state, self._patterns = state, patterns


def shipped(streamfunction: bool, rows: ForcingRows, ocean: Ocean, salt: np.ndarray | None) -> dict[str, np.ndarray]:
    """Run Veros's own steps."""
    kind = type("Plain", (Plain,), {"streamfunction": streamfunction, "rows": rows, "patterns": ocean._patterns})
    model = kind(GEOMETRY, STEP, STEP)
    model.setup()
    vs = model.state.variables
    if salt is not None:
        with vs.unlock():
            vs.salt = salt
    for number in range(len(rows.profiles)):
        model.number = number
        model.step(model.state)
    return {name: np.asarray(getattr(vs, name))[..., int(vs.tau)] for name in NAMES}


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=40)
    days = parser.parse_args().days
    use_dino_equation_of_state()
    patterns = weather.modes(GEOMETRY.lat, (np.arange(GEOMETRY.preset.shape[2]) + 0.5) / GEOMETRY.preset.shape[2])
    ocean = Ocean(DinoSetup(GEOMETRY, STEP, STEP), patterns, 24 * days)
    plan = ForcingPlan(0, -1, ForcingParameters(), ForcingParameters(), 0)
    rows = forcing_rows(plan, GEOMETRY.lat, 0.0, 24 * days, STEP / 86400)
    flat = ForcingRows(rows.profiles.copy(), rows.weather)
    flat.profiles[:, 2] = 35.0
    uniform = np.where(ocean.mask[..., None], 35.0, 0.0) * np.ones(3)
    results = {}
    for name in ("pressure lid", "streamfunction lid", "free surface"):
        if name == "pressure lid":
            run = ocean.advance(ocean.pristine, rows.profiles, rows.weather)
            salty = ocean.advance(ocean.pristine | {"salt": uniform}, flat.profiles, flat.weather)
            results[name] = [{n: np.asarray(f[n])[..., 1] for n in NAMES} for f in (run, salty)]
        else:
            stream = name == "streamfunction lid"
            results[name] = [shipped(stream, rows, ocean, None), shipped(stream, flat, ocean, uniform)]
    base = results["pressure lid"][0]
    print(f"| after {days} days | largest difference to the pressure lid: u, v | T | uniform salinity off by at most |")
    print("|---|---|---|---|")
    for name, (run, salty) in results.items():
        gap = {n: np.abs(run[n] - base[n])[2:-2, 2:-2].max() for n in NAMES}
        off = np.abs(salty["salt"][ocean.mask] - 35.0).max()
        print(
            f"| {name} | {max(gap['u'], gap['v']):.1e} m/s of {np.abs(base['u']).max():.2f} "
            f"| {gap['temp']:.2g} K | {off:.1e} psu |"
        )


if __name__ == "__main__":
    main()
