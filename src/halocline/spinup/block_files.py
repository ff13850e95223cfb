"""The blocks of a run on disk: ``block-000.npz`` holds states, ``block-000.json`` all else."""

import json
from pathlib import Path

import numpy as np

from halocline.runtime import files
from halocline.spinup.block import Block


def block_file(folder: Path, number: int, kind: str) -> Path:
    """Return a block's file; ``kind`` is ``npz`` or ``json``. The block is there if its ``json`` is."""
    return folder / f"block-{number:03d}.{kind}"


def read_block(folder: Path, number: int) -> Block:
    """Read a block that is there."""
    words = json.loads(block_file(folder, number, "json").read_text(encoding="utf-8"))
    with np.load(block_file(folder, number, "npz")) as file:
        states = file["states"]
    return Block(states, words["series"], words["years"], words["cpu_seconds"], words["began"])


def write_block(folder: Path, number: int, block: Block) -> None:
    """Write a block; it is there once all of it is."""
    words = {name: getattr(block, name) for name in ("years", "cpu_seconds", "began", "series")}
    files.write_npz(block_file(folder, number, "npz"), {"states": block.states})
    files.write_text(block_file(folder, number, "json"), json.dumps(words, indent=1) + "\n")


def read_blocks(folder: Path) -> list[list[Block]]:
    """Return the blocks of a run that lie in its folder, in rows of consecutive numbers.

    A run with acceleration keeps its first blocks in the folder of its plain run.
    """
    out: list[list[Block]] = []
    last = -2
    for path in sorted(folder.glob("block-*.json")):
        number = int(path.stem.removeprefix("block-"))
        if number != last + 1:
            out.append([])
        out[-1].append(read_block(folder, number))
        last = number
    return out
