"""Model years and CPU seconds until equilibrium under held-out forcing, from several starts: the spin-up table.

    python benchmarks/spinup/ocean_spinup.py --data DATA.zarr --work runs/spinup [--model MODEL] [--targets N] \
        [--max-years Y]

The same as ``halocline reproduce spinup``; the same command again continues.
"""

import argparse
from pathlib import Path

from halocline.experiments.spinup import reproduce_spinup


def main() -> None:
    """Run what is missing and print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--model")
    parser.add_argument("--targets", type=int, default=1)
    parser.add_argument("--max-years", type=int, default=300)
    parser.add_argument("--methods", nargs="+")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    print(
        reproduce_spinup(
            arguments.data,
            arguments.work,
            model=arguments.model,
            targets=arguments.targets,
            methods=arguments.methods,
            max_years=arguments.max_years,
            jobs=arguments.jobs,
        )
    )


if __name__ == "__main__":
    main()
