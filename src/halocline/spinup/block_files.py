"""The blocks of a run on disk: ``block-000.npz`` holds states, ``block-000.json`` all else."""

from pathlib import Path

from halocline.runtime import files
from halocline.runtime.seals.arrays import read_npz
from halocline.runtime.seals.json_object import damaged, read_json, write_json
from halocline.spinup.block import Block


def block_file(folder: Path, number: int, kind: str) -> Path:
    """Return a block's file; ``kind`` is ``npz`` or ``json``. The block is there if its ``json`` is."""
    return folder / f"block-{number:03d}.{kind}"


def read_block(folder: Path, number: int) -> Block:
    """Read a block that is there.

    Raises:
        InputError: If it was changed on disk.
    """
    path = block_file(folder, number, "json")
    words = read_json(path, "block")
    states = read_npz(block_file(folder, number, "npz"), "block", "states")["states"]
    try:
        return Block(states, words["series"], words["years"], words["cpu_seconds"], words["began"])
    except KeyError as error:
        raise damaged(f"block {path}", f"no {error}") from error


def write_block(folder: Path, number: int, block: Block) -> None:
    """Write a block; it is there once all of it is."""
    words = {name: getattr(block, name) for name in ("years", "cpu_seconds", "began", "series")}
    files.write_npz(block_file(folder, number, "npz"), {"states": block.states})
    write_json(block_file(folder, number, "json"), words)


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
