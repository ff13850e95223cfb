"""Results of twin experiments, a line each, and the analysis that makes one: what both twins share."""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import xarray as xr

from halocline.analysis.methods.base import Settings
from halocline.analysis.run import analyse
from halocline.chain.generator import Generator
from halocline.observations.table import Observations

TUNED = ("enoi", "enkf", "etkf")


class Rows:
    """Results that are kept in a file, so that a second call goes on.

    Attributes:
        rows: The results.
    """

    def __init__(self, folder: Path | None) -> None:
        self.path = None if folder is None else folder / "results.jsonl"
        self.rows: list[dict] = []
        if self.path is not None and self.path.exists():
            self.rows = [json.loads(line) for line in self.path.read_text().splitlines()]

    def has(self, key: Mapping[str, object]) -> bool:
        """Return whether there is a result of a key."""
        return any(all(row.get(n) == v for n, v in key.items()) for row in self.rows)

    def keep(self, row: dict) -> None:
        """Keep a result."""
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


def analysed(
    model: Generator,
    table: Observations,
    given: argparse.Namespace,
    method: str,
    settings: Settings,
    prior: xr.Dataset,
) -> tuple[xr.Dataset, xr.Dataset, float]:
    """Return states, what stands beside them, and CPU seconds a member."""
    began = time.process_time()
    states, beside = analyse(
        model, table, given.members, 1, method=method, settings=settings, prior=prior, batch=8, quiet=True
    )
    return states, beside, (time.process_time() - began) / given.members
