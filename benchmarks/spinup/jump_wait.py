"""How long a jump has to wait after a start: what one by the second, third or fourth decade's change is worth.

    python benchmarks/spinup/jump_wait.py DATA.zarr.equilibria --members 15 26 [--preset R8]

For members of 'halocline simulate dino --equilibrium' from the first number to the second: the distance (rms over the
volume, K) of a decade's mean from the last thirty years of the member's run, before and after a jump from it by the map
that all other members have taught.
"""

import argparse
import statistics
from pathlib import Path

from halocline.spinup.block_files import read_blocks
from halocline.spinup.histories import read_histories
from halocline.spinup.jump.slow_map import SlowMapSettings
from halocline.spinup.metric import even_metric
from halocline.spinup.pooled_map import fit_ocean
from halocline.spinup.reference.stretch import Stretch
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset


def main() -> None:
    """Fit, jump, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("equilibria", type=Path)
    parser.add_argument("--members", type=int, nargs=2, required=True)
    parser.add_argument("--preset", default="R8")
    arguments = parser.parse_args()
    grid = make_grid(make_geometry(preset(arguments.preset)))
    metric, every = even_metric(grid), read_histories(arguments.equilibria, arguments.preset)
    columns: dict[int, list[tuple[float, float]]] = {2: [], 3: [], 4: []}
    print("| member | " + " | ".join(f"by decade {n} (K)" for n in columns) + " |")
    print("|---:|" + "---:|" * len(columns))
    for number in range(arguments.members[0], arguments.members[1] + 1):
        name = f"member-{number:03d}"
        blocks = [b for row in read_blocks(arguments.equilibria / name / "relax") for b in row]
        end = Stretch(name, blocks).state
        slow = fit_ocean(
            [h for runs in every if runs.folder.name != name for h in runs.histories], grid, SlowMapSettings()
        )
        cells = []
        for decade, found in columns.items():
            mean = blocks[decade - 1].mean
            there = mean + slow.remaining(mean - blocks[decade - 2].mean).field
            found.append((metric.rms(mean - end)["thetao"], metric.rms(there - end)["thetao"]))
            cells.append("{:.2f} → {:.2f}".format(*found[-1]))
        print(f"| {number} | " + " | ".join(cells) + " |")
    middles = [[statistics.median(side) for side in zip(*found, strict=True)] for found in columns.values()]
    print("| median | " + " | ".join("{:.2f} → {:.2f}".format(*m) for m in middles) + " |")


if __name__ == "__main__":
    main()
