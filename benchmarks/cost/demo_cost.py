"""Wall time and peak memory of the demo, from nothing, in a folder of its own; then again, all found.

    python benchmarks/cost/demo_cost.py --out /tmp/demo

Peak memory is that of the largest single process, and the sum over all processes of the demo sampled twice a second.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

PAGE_KB = resource.getpagesize() // 1024


def main() -> None:
    """Run the demo twice and print both costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    for run in ("first run", "second run"):
        began, peak = time.perf_counter(), 0
        process = subprocess.Popen([sys.executable, "-m", "halocline", "demo", "--out", str(arguments.out)])
        while process.poll() is None:
            peak = max(peak, sum(resident_kb(pid) for pid in family(process.pid)))
            time.sleep(0.5)
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(
            f"{run}: exit {process.returncode}, {time.perf_counter() - began:.0f} s wall, "
            f"largest process {largest / 1e6:.2f} GB, all processes {peak / 1e6:.2f} GB",
            flush=True,
        )


def family(root: int) -> list[int]:
    """Return a process and its descendants (Linux)."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def resident_kb(pid: int) -> int:
    """Return the resident memory of a process in kB; 0 if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KB
    except (OSError, IndexError):
        return 0


if __name__ == "__main__":
    main()
