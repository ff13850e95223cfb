"""Files of a model or a product to a store: read by a source, renamed by a mapping, written by ``write_store``."""

import glob
from collections.abc import Sequence
from pathlib import Path

from halocline.bridge.mapping import apply_mapping, read_mapping
from halocline.bridge.sources.base import SOURCES
from halocline.data.store.from_dataset import write_store
from halocline.data.store.share_out import Splits
from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError


def import_files(
    files: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    source: str = "cf",
    mapping: str | Path | None = None,
    calendar: str | None = None,
    splits: Splits = "years",
    gap_days: float | None = None,
    quiet: bool = True,
) -> StateStore:
    """Write the states of files as a store to train on and to score against.

    Args:
        files: One file or several, or a pattern such as ``"nextsim_*.nc"``.
        out: Store to make.
        source: What the files are: ``cf`` for CF files that carry their grid, or another one of ``SOURCES``.
        mapping: TOML file of names and conversions: ``[sic]``, ``from = "siconc"``, ``factor = 0.01``.
        calendar: Calendar of the store; see ``write_store``.
        splits: Which states train, validate and test; see ``write_store``.
        gap_days: Of the splits ``blocks``; see ``write_store``.
        quiet: No progress.

    Raises:
        ConfigError: If there is no such source.
        InputError: If there are no files, or a variable, unit, time or value cannot be used.
        OutputError: If ``out`` exists or cannot be written.
    """
    read = SOURCES[source]
    renames = () if mapping is None else read_mapping(mapping)
    paths = _matching(files)
    words = paths[0].name if len(paths) == 1 else f"{paths[0].name} and {len(paths) - 1} more"
    dataset = apply_mapping(read(paths), renames, words)
    provenance = {"source": source, "files": [path.name for path in paths]}
    if mapping is not None:
        provenance["mapping"] = Path(mapping).name
    return write_store(
        dataset, out, calendar=calendar, splits=splits, gap_days=gap_days, provenance=provenance, quiet=quiet
    )


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
