"""Record what the command line makes, bit by bit, and check later that it still makes the same.

    python tools/golden.py record GOLDEN --data NEMO_FILES
    python tools/golden.py check GOLDEN
    python tools/golden.py check GOLDEN --only forecast --only train

Everything runs as ``python -m halocline`` of this checkout, on one thread. Compared are the raw bytes of every array by
name, the numbers of score tables and of training logs; not attributes, which tell versions, paths and dates. A check
reads the recorded inputs, prints one line an item and exits with 1 if anything differs. Bits hold on one type of
machine, with the same versions of the libraries. ``--data`` names a folder with the restart and the mesh_mask of NEMO's
DINO at 4 degrees (``DINO4_00005760_restart.nc``, ``mesh_mask_4deg.nc``).
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from golden_digest import digest
from golden_inputs import broken_ice, nemo_states
from golden_items import Item, in_words, items

ROOT = Path(__file__).parents[1]
THREADS = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


def main() -> None:
    """Read the command line, record or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    names = list(dict.fromkeys(name for item in items() for name in (item.group, f"{item.group}/{item.name}")))
    for name in ("record", "check"):
        command = commands.add_parser(name)
        command.add_argument("golden", type=Path, help="Folder of the recording.")
        command.add_argument("--only", action="append", choices=names, metavar="GROUP[/ITEM]", help="May be repeated.")
        if name == "record":
            command.add_argument("--data", type=Path, help="Folder of NEMO's files.")
        else:
            command.add_argument("--keep", type=Path, help="Keep what the check makes in this new folder.")
    asked = parser.parse_args()
    recorded = asked.golden.resolve()
    only = asked.only or names
    chosen = [item for item in items() if item.group in only or f"{item.group}/{item.name}" in only]
    if asked.command == "record":
        sys.exit(record(recorded, chosen, asked.data))
    if asked.keep is not None:
        asked.keep.mkdir(parents=True)
        sys.exit(check(recorded, chosen, asked.keep.resolve()))
    with tempfile.TemporaryDirectory() as folder:
        failed = check(recorded, chosen, Path(folder))
    sys.exit(failed)


def record(recorded: Path, chosen: list[Item], data: Path | None) -> int:
    """Run items into ``recorded``, with one file of digests a group; items that fail are told and left out."""
    (recorded / "inputs").mkdir(parents=True, exist_ok=True)
    if data is not None:
        nemo_states(data, recorded / "inputs")
    failed = 0
    for item in chosen:
        if item.data and not (recorded / "inputs" / "dino4.nc").exists():
            print(f"left out  {item.group}/{item.name}: needs --data", flush=True)
            continue
        try:
            if item.group == "constrain" and not (recorded / "inputs" / "broken-ice.nc").exists():
                broken_ice(recorded / "generate" / "arctic.nc", recorded / "inputs" / "broken-ice.nc")
            start = time.monotonic()
            write_digest(recorded, item, made(item, recorded, recorded))
            print(f"recorded  {item.group}/{item.name}  {time.monotonic() - start:.1f} s", flush=True)
        except Exception as error:
            failed = 1
            print(f"error     {item.group}/{item.name}: {error}", flush=True)
    return failed


def write_digest(recorded: Path, item: Item, digests: dict[str, Any]) -> None:
    """Add an item's digest to its group's file, beside the machine and the libraries that it was made with."""
    libraries = {name: version(name) for name in ("numpy", "torch", "numba", "scipy", "xarray", "zarr")}
    about = {"machine": _processor(), "python": platform.python_version(), **libraries}
    entry = {"about": about, "digest": digests}
    file = recorded / "digests" / f"{item.group}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(read_digests(recorded, item.group) | {item.name: entry}, indent=1) + "\n")


def read_digests(recorded: Path, group: str) -> dict[str, Any]:
    """Return the recorded digests of a group by item."""
    file = recorded / "digests" / f"{group}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def check(recorded: Path, chosen: list[Item], folder: Path) -> int:
    """Run items into ``folder`` and compare with what was recorded; return 1 if anything differs."""
    count = {"same": 0, "DIFFERENT": 0, "error": 0}
    for item in chosen:
        name = f"{item.group}/{item.name}"
        golden = read_digests(recorded, item.group).get(item.name)
        if golden is None:
            print(f"left out  {name}: not recorded", flush=True)
            continue
        start = time.monotonic()
        try:
            word, note = _compare(made(item, folder, recorded), golden["digest"])
        except Exception as error:
            word, note = "error", str(error)
        if word != "same" and golden["about"]["machine"] != _processor():
            note += f"; recorded on {golden['about']['machine']}, not on {_processor()}"
        count[word] += 1
        print(f"{word:<9} {name}  {time.monotonic() - start:.1f} s  {note}", flush=True)
    print(", ".join(f"{number} {word}" for word, number in count.items()), flush=True)
    return int(count["DIFFERENT"] + count["error"] > 0)


def made(item: Item, folder: Path, recorded: Path) -> dict[str, Any]:
    """Run one item below ``folder`` and return its digest.

    The loss in a training's log is a running mean that begins anew after a kill, so it depends on when that fell.
    """
    out = run(item, folder, recorded)
    return digest(out) if item.mode == "whole" else digest(out, timed=("seconds", "loss"))


def run(item: Item, folder: Path, recorded: Path) -> Path:
    """Run one item below ``folder`` and return what it made."""
    out = folder / item.group / item.name
    out.parent.mkdir(parents=True, exist_ok=True)
    for old in out.parent.glob(f"{item.name}*"):
        if old == out or old.name.startswith((f"{item.name}.training", f"{item.name}.restarts")):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    reference = next((ROOT / "src" / "halocline").rglob("dino-R4.zarr"))
    forms = ROOT / "tests" / "golden"
    words = in_words(item.words, out=out, recorded=recorded, forms=forms, reference=reference)
    command = [sys.executable, "-m", "halocline", *words]
    saved = recorded / "started" / item.name
    if item.mode == "continued" and folder != recorded:
        shutil.copytree(saved, out.parent, dirs_exist_ok=True)
    elif item.mode != "whole":
        _run_until(command, out.parent, *item.kill_at)
        if out.is_dir() and item.resume:
            raise RuntimeError("it had ended before it was killed")
        if item.mode == "continued":
            shutil.rmtree(saved, ignore_errors=True)
            saved.mkdir(parents=True)
            for path in out.parent.glob(f"{item.name}*"):
                shutil.copytree(path, saved / path.name)
    if item.mode != "whole":
        command += item.resume.split()
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(" ".join((done.stderr or done.stdout).split())[-400:])
    return out


def _run_until(command: list[str], folder: Path, pattern: str, number: int) -> None:
    process = subprocess.Popen(command, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while sum(1 for _ in folder.glob(pattern)) < number:
        if process.poll() is not None:
            raise RuntimeError(f"it ended by itself, with {process.returncode}, before it could be killed")
        time.sleep(0.002)
    process.kill()
    process.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, **THREADS, "PYTHONPATH": str(ROOT / "src")}


def _compare(new: dict[str, Any], golden: dict[str, Any]) -> tuple[str, str]:
    differing = sorted(name for name in new.keys() | golden.keys() if new.get(name) != golden.get(name))
    if not differing:
        return "same", f"{len(golden)} arrays or rows"
    shown = ", ".join(differing[:6]) + (", …" if len(differing) > 6 else "")
    return "DIFFERENT", f"{len(differing)} of {len(new.keys() | golden.keys())}: {shown}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
