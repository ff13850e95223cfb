"""What a simulated year costs: CPU seconds by resolution and rheology, and memory against the number of years.

    python benchmarks/cost/arctic_cost.py

Each row runs ``simulate`` in a fresh process for 1 and for 2 years; the difference is the cost of a year without start,
compilation and statistics of the first.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

CASES = ((100, "bbm"), (50, "bbm"), (25, "bbm"), (100, "mevp"), (50, "mevp"), (100, "freedrift"))


def once(resolution: int, rheology: str, years: int) -> tuple[float, float]:
    """Return (CPU seconds, peak memory in MB) of a fresh process that simulates ``years``."""
    code = f"""
import json, resource, sys
from pathlib import Path
from halocline.worlds.arctic.run import simulate
out = Path(sys.argv[1])
simulate(out, resolution_km={resolution}, years={years}, spinup_years=0, rheology={rheology!r}, quiet=True)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3]))
"""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code, str(Path(folder) / "a.zarr")], check=True, capture_output=True, text=True
        )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def main() -> None:
    """Print the table."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else len(CASES)
    print("| grid | rheology | CPU s per year | peak memory, 1 year | peak memory, 2 years |\n|---|---|---|---|---|")
    for resolution, rheology in CASES[:most]:
        first, small = once(resolution, rheology, 1)
        second, large = once(resolution, rheology, 2)
        print(f"| {resolution} km | {rheology} | {second - first:.0f} | {small:.0f} MB | {large:.0f} MB |", flush=True)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"\n(all runs together {children.ru_utime + children.ru_stime:.0f} CPU s)")


if __name__ == "__main__":
    main()
