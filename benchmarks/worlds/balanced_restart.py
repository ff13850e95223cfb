"""How much of the kinetic energy of a NEMO restart its velocities in balance have, at the moment of the restart.

    python benchmarks/worlds/balanced_restart.py RESTART.nc

Temperature, salinity and sea-surface height of the restart, and its wind, are all that is taken; its own velocities
are the truth. Ratios of kinetic energy: of the velocities, and of the means of the four velocities around each face of
the other kind, which are what balances a pressure gradient on a C grid. Columns that alternate in sign count in the
first and vanish in the second.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.bridge.nemo.files import open_nemo
from halocline.bridge.nemo.template import read_template
from halocline.bridge.nemo.velocities import Velocities, faces_of, velocities_of
from halocline.physics.flow.faces import ACROSS_U, ACROSS_V, mean_of
from halocline.report.numbers import number

STARTS = {
    "balanced, as by default": Velocities("balanced"),
    "the same without wind": Velocities("balanced", wind="none"),
    "the same, 0 at the equator": Velocities("balanced", wind="none", rule="zero"),
}


def main() -> None:
    """Print a line for each kind of velocities."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("restart", type=Path)
    restart = parser.parse_args().restart
    template = read_template(restart)
    with open_nemo(restart, "restart") as file:
        fields = {name: np.asarray(file[name][0], np.float64) for name in ("tn", "sn", "sshn", "un", "vn")}
    true = fields["un"], fields["vn"]
    grid = template.cells.grid
    weight = grid.thickness * np.cos(np.radians(np.nan_to_num(grid.lat))) * _rows(grid.lat)
    wet_u, wet_v = faces_of(template)

    def energies(pair: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
        u, v = pair
        means = mean_of(u, wet_u, wet_v, ACROSS_V), mean_of(v, wet_v, wet_u, ACROSS_U)
        whole, balancing = ((weight * (a**2 + b**2)).sum() for a, b in (pair, means))
        return float(whole), float(balancing)

    own = energies(true)
    print("| velocities | kinetic energy | of the means that balance the pressure |\n|---|---:|---:|")
    for name, how in STARTS.items():
        u, v, _ = velocities_of(how, fields, template)
        ratios = [number(a / b) for a, b in zip(energies((u, v)), own, strict=True)]
        print(f"| {name} | {' | '.join(ratios)} |")


def _rows(lat: np.ndarray) -> np.ndarray:
    """Return the distance between rows (y, x), degrees."""
    return np.abs(np.gradient(np.nan_to_num(lat), axis=0))


if __name__ == "__main__":
    main()
