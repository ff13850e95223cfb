"""An empty store for states from elsewhere, its splits shared out, and what is told of it once it is whole."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from halocline.data.fields.layout import Layout
from halocline.data.grids.grid import Grid
from halocline.data.store.members import MemberTable
from halocline.data.store.share_out import Splits, ThinSplits, shared_out
from halocline.data.store.splits import limits_of
from halocline.data.store.store import StateStore, open_store
from halocline.data.store.writer import create_store
from halocline.data.store.years import begin_of_years, year_numbers


def begin_store(
    path: Path,
    grid: Grid,
    layout: Layout,
    hours: np.ndarray,
    calendar: str,
    *,
    members: int,
    table: MemberTable | None,
    splits: Splits,
    gap_days: float | None,
    provenance: Mapping[str, Any],
) -> None:
    """Create an empty store with splits; see ``create_store`` and ``share_out.shared_out`` for what is given."""
    years = int(year_numbers(hours, calendar)[-1]) + 1
    shared = shared_out(splits, hours, calendar, members, years, table=table, gap_days=gap_days)
    create_store(
        path,
        grid,
        layout.channels,
        members,
        hours,
        dict(provenance),
        calendar=calendar,
        splits=shared,
        members_table=table,
        years_begin=begin_of_years(hours, calendar) if shared is None else 0,
    )


def whole_store(path: Path | str) -> StateStore:
    """Open a store that has just been made; what its splits cannot tell is a warning, ``ThinSplits``."""
    store = open_store(path)
    for note in limits_of(store):
        warnings.warn(ThinSplits(note), stacklevel=3)
    return store
