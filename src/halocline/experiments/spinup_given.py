"""What is there before the spin-up experiment runs: known equilibria, cold starts, maps that other runs taught."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from halocline.runtime.errors import ConfigError
from halocline.spinup.criterion import WINDOW, Equilibrium
from halocline.spinup.histories import ForcedRuns, of_others, read_histories
from halocline.spinup.jump.shared_map import SharedMap
from halocline.spinup.methods import Method
from halocline.spinup.pooled_map import pooled_map, read_map, write_map
from halocline.spinup.reference.cold_run import take_over
from halocline.spinup.reference.folder import known_for, read_known
from halocline.spinup.targets import Archive, Target


def require_cold_years(cold_years: int | None, least: int, told: str) -> None:
    """Check how long the cold start shall run, if that is said.

    Args:
        cold_years: What was said.
        least: Years of the others.
        told: Name of their option.

    Raises:
        ConfigError: If it is fewer, or no whole number of blocks.
    """
    if cold_years is not None and (cold_years < least or cold_years % WINDOW):
        expected = f"a multiple of {WINDOW}, at least {told} ({least})"
        raise ConfigError("cold-years", found=cold_years, expected=expected, remedy="Choose another, or leave it out.")


def chosen_targets(archive: Archive, targets: int | None, members: Sequence[int]) -> list[Target]:
    """Return the first held-out members, one if no number is said, or those that are named.

    Raises:
        ConfigError: If both are said, or there are no such held-out members.
        StoreError: If the store has none.
    """
    if members and targets is not None:
        remedy = "Name the members, or say how many."
        raise ConfigError("targets and member", found="both", expected="at most one", remedy=remedy)
    return archive.held_out(members) if members else archive.targets(1 if targets is None else targets)


def known_equilibria(
    references: Path | None, archive: Archive, targets: Sequence[Target]
) -> tuple[dict[str, Equilibrium], dict[str, object]]:
    """Return known equilibria by name of the target, and what is to be said of them."""
    if references is None:
        return {}, {}
    every = read_known(references, archive.preset)
    found = {target.name: known_for(target, every, references) for target in targets}
    words = [
        f"{name}: error {each.record['error_thetao']:.3f} K, "
        + ("within the limits." if each.record["verified"] else "NOT within the limits of a reference.")
        for name, each in found.items()
    ]
    facts: dict[str, object] = {"references": references.name, "reference_errors": " ".join(words)}
    return {name: each.equilibrium for name, each in found.items()}, facts


def cold_starts(references: Path | None, known: Mapping[str, Equilibrium], out: Path) -> dict[str, object]:
    """Take over the plain years of the references' cold sides where no cold start has been run; say how many.

    Args:
        references: Their folder.
        known: What it holds, by name of the target; an equilibrium has the name of its folder.
        out: Folder of the experiment.
    """
    if references is None:
        return {}
    blocks = {name: take_over(references / each.name, out / name / "cold") for name, each in known.items()}
    told = ", ".join(f"{name}: {WINDOW * count} years" for name, count in blocks.items() if count)
    return {"cold_starts_taken_over": told} if told else {}


def slow_maps(
    histories: Path | None, archive: Archive, targets: Sequence[Target], methods: Sequence[Method], out: Path
) -> tuple[dict[str, SharedMap], dict[str, object]]:
    """Return the map of each target, fitted to the runs of all other forcings; one that was used before is kept.

    Raises:
        InputError: If there are no runs of another forcing, or none is long enough.
    """
    if histories is None or not any(m.by == "jump" for m in methods):
        return {}, {}
    maps: dict[str, SharedMap] = {}
    facts: dict[str, object] = {}
    every: list[ForcedRuns] | None = None
    for target in targets:
        path = out / target.name / "tracer-map.npz"
        if not path.exists():
            every = read_histories(histories, archive.preset) if every is None else every
            others = of_others(every, target.forcing, histories)
            slow = pooled_map(others, archive.metric.grid)
            names = sorted({r.folder.name for r in others})
            write_map(slow, path, f"{len(names)} forcing{'s' * (len(names) > 1)}: {', '.join(names)}")
        maps[target.name], facts[f"histories_for_{target.name}"] = read_map(path, archive.metric.grid)
    return maps, facts
