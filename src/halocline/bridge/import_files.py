"""Files of a model or a product to a store: read slab by slab, brought to a grid, resumed after a kill."""

import glob
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halocline.bridge.importing.cells import Cells
from halocline.bridge.importing.chunk_cache import small_chunk_cache
from halocline.bridge.importing.job import Job
from halocline.bridge.importing.records import source_files
from halocline.bridge.importing.timeline import Gaps
from halocline.bridge.importing.unfinished import Unfinished
from halocline.bridge.importing.weather import WithWeather
from halocline.bridge.mapping import read_mapping
from halocline.bridge.sources.base import SOURCES
from halocline.bridge.target_grid import target_grid
from halocline.data.grids.grid import Grid
from halocline.data.grids.remap.regrid import Coast
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.begin import whole_store
from halocline.data.store.share_out import Splits
from halocline.data.store.store import StateStore
from halocline.runtime.disk.naming import require_absent
from halocline.runtime.errors import ConfigError, InputError
from halocline.runtime.places.address import named
from halocline.runtime.run_lock import alone
from halocline.runtime.version import __version__


@alone
def import_files(
    files: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    source: str = "cf",
    mapping: str | Path | None = None,
    choices: Choices = AS_THE_FILE_SAYS,
    forcing: str | Path | None = None,
    grid: str | Path | Grid | None = None,
    coast: Coast = "fill",
    coarsen: int = 1,
    crop: str | None = None,
    calendar: str | None = None,
    splits: Splits = "years",
    gaps: Gaps | None = None,
    gap_days: float | None = None,
    jobs: int = 1,
    dask: str | None = None,
    quiet: bool = True,
) -> StateStore:
    """Write the states of files as a store to train on and to score against.

    Files are read some tens of megabytes at a time. An import that was stopped or killed goes on when it is called the
    same way again; the store appears once it is whole.

    Args:
        files: One file or several, or a pattern such as ``"nextsim_*.nc"``.
        out: Store to make.
        source: What the files are: ``cf`` for CF files that carry their grid, or another one of ``SOURCES``.
        mapping: TOML file of names and conversions: ``[sic]``, ``from = "siconc"``, ``factor = 0.01``.
        choices: What the files do not say.
        forcing: Weather to store beside the states, which surrogates need: t2m, q2m or d2m, u10 and v10 of any file, as
            ``halocline forecast --forcing`` takes it, at the times of the states on their cells.
        grid: Grid to bring the states to, conservatively: ``arctic-25km``, ``arctic-50km``, ``arctic-100km``, or a file
            or store with a grid; None for the files' own.
        coast: What becomes of ocean cells of ``grid`` that are mostly land in the files: ``fill``, the nearest ocean
            cell's values, or ``land``.
        coarsen: Means over blocks of so many cells a side.
        crop: Rectangle to keep, before all else: ``40:200,0:300`` (rows, columns) or ``lat=50:90``.
        calendar: Calendar of the store; see ``write_store``.
        splits: Which states train, validate and test; see ``write_store``.
        gaps: ``refuse`` times that are missing or come twice, or ``list`` them (of two records of one time the first
            file's is taken). None refuses, but lists for a source that is a function and answers for its times.
        gap_days: Of the splits ``blocks``; see ``write_store``.
        jobs: Processes that read and write slabs; the store is the same to the byte.
        dask: Address of a dask scheduler whose workers do it instead; they have to see the files.
        quiet: No progress.

    Raises:
        ConfigError: If there is no such source, or it cannot be read in several processes.
        InputError: If there are no files, or a variable, unit, time or value cannot be used.
        OutputError: If ``out`` exists or cannot be written, or was begun by another call.
    """
    kind = SOURCES[source]
    renames = () if mapping is None else read_mapping(mapping)
    paths = _matching(files)
    cells = Cells(None if grid is None else target_grid(grid), coast, coarsen, crop)
    about: dict[str, Any] = {"source": source, "files": [path.name for path in paths]}
    if mapping is not None:
        about["mapping"] = Path(mapping).name
    if forcing is not None:
        about["forcing"] = Path(forcing).name
    settings = {
        "source": source,
        "mapping": repr(renames),
        "choices": choices.table(),
        **({} if choices.mesh is None or not Path(choices.mesh).exists() else {"mesh": _stamp(Path(choices.mesh))}),
        **cells.settings(),
        "calendar": calendar,
        "splits": repr(splits),
        "gap_days": gap_days,
        "gaps": gaps,
        "halocline": __version__,
    }
    unfinished = Unfinished(Path(out))
    if unfinished.is_named:
        unfinished.tidy()
        return whole_store(out)
    require_absent(Path(out))
    weather = [] if forcing is None else _matching(forcing)
    told_paths = [path.absolute() for path in paths]  # workers need not stand in this folder
    states = source_files(kind, told_paths, renames, choices)
    if (jobs > 1 or dask is not None) and not states.by_slab:
        raise ConfigError(
            "--jobs" if dask is None else f"--dask {dask}",
            found=f"files of the kind '{source}', which one function reads all together",
            expected="a kind whose files are read slab by slab",
            remedy="Leave it out.",
        )
    unfinished.begin(settings, {named(str(path)): _stamp(path) for path in (*paths, *weather)})
    try:
        told = states if forcing is None else WithWeather(states, Path(forcing).absolute(), choices)
        job = Job(told, unfinished.store, unfinished.note, unfinished.note_apart, cells, quiet, jobs, dask)
        with small_chunk_cache():
            job.run(calendar, splits, gap_days, gaps, about, unfinished.notes)
    except (KeyboardInterrupt, SystemExit):
        if not quiet:
            print(f"{out} is not finished; the same command goes on.", file=sys.stderr)
        raise
    except Exception:
        unfinished.discard_if_empty()
        raise
    finally:
        states.close()
    unfinished.finish()
    return whole_store(out)


def _stamp(path: Path) -> list[float]:
    """Return what changes when a file does: size and time of change; of a folder, its newest entry's."""
    inside = (entry for entry in path.rglob("*") if entry.is_file())
    newest = max(inside, key=_changed, default=path) if path.is_dir() else path
    return [newest.stat().st_size, _changed(newest)]


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def _matching(files: str | Path | Sequence[str | Path]) -> list[Path]:
    given = [files] if isinstance(files, str | Path) else list(files)
    found = [path for each in given for path in ([Path(each)] if Path(each).exists() else _by_pattern(str(each)))]
    if not found:
        raise InputError(
            "files to import", found="none", expected="at least one file", remedy="Give files, or a pattern of them."
        )
    return found


def _by_pattern(pattern: str) -> list[Path]:
    paths = [Path(path) for path in sorted(glob.glob(pattern))]
    if not paths:
        raise InputError(
            f"files {pattern}",
            found="no such file",
            expected="files at this path, or that fit this pattern",
            remedy="Check the path; quote patterns for the command line.",
        )
    return paths
