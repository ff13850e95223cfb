"""The factory: pilots, then rounds of members that begin and jump by what all rounds before have found."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.spinup.accelerate import Fit
from halocline.spinup.block import Block, histories_of
from halocline.spinup.block_files import read_blocks
from halocline.spinup.factory.begin import Begin, Beginnings
from halocline.spinup.factory.carry import Carried, best_share, carry
from halocline.spinup.factory.finished import Finished
from halocline.spinup.factory.member import RELAX, Tell, run_member, run_pilot
from halocline.spinup.factory.settings import FactorySettings
from halocline.spinup.histories import write_forcing
from halocline.spinup.jump.history import History
from halocline.spinup.jump.shared_map import SharedMap
from halocline.spinup.metric import even_metric
from halocline.spinup.pooled_map import fit_ocean
from halocline.spinup.reference.starts import Case, far_start
from halocline.spinup.session_pool import SessionPool
from halocline.worlds.dino.geometry import Geometry
from halocline.worlds.dino.parameters import ForcingParameters

Report = Callable[[int, str], None]
"""``report(years, note)``: model years that are done or turned out not to be needed, of all members."""
Draw = Callable[[Sequence[int], Sequence[ForcingParameters], Path], Sequence[Begin]]
"""``draw(numbers, forcings, folder)``: starts that a generator makes for members."""


@dataclass(frozen=True, eq=False)
class Line:
    """A member on the curve of costs.

    Attributes:
        number: Of the member.
        sweep: 0, and more each time that it was gone through again (FactorySettings.again).
        round: Of the sweep; 0 for the pilots.
        finished: What came of it.
    """

    number: int
    sweep: int
    round: int
    finished: Finished

    @property
    def from_sides(self) -> bool:
        """Whether it was run from both sides."""
        return self.sweep == 0 and self.round == 0


class Factory:
    """Runs what is missing of an ensemble of equilibria.

    What a member begins from and how it jumps depends on the rounds before and on nothing else, neither on how many
    run at a time nor on kills.

    Args:
        preset: Size of the basin.
        geometry: The basin.
        grid: Its cells.
        forcings: Of the members (member,), in the order in which they are run.
        folder: A folder a member lies in it.
        settings: How.
        report: Hears of the years.
        draw: Makes starts, if ``settings.start`` is ``model``.
    """

    def __init__(
        self,
        preset: str,
        geometry: Geometry,
        grid: Grid,
        forcings: Sequence[ForcingParameters],
        folder: Path,
        settings: FactorySettings,
        report: Report,
        draw: Draw | None = None,
    ) -> None:
        self._preset, self._geometry, self._metric = preset, geometry, even_metric(grid)
        self._forcings, self._folder, self._settings = list(forcings), Path(folder), settings
        self._report, self._draw = report, draw
        self._years: dict[tuple[int, int], int] = {}
        self._taught: dict[int, tuple[int, list[History]]] = {}
        self._lock = threading.Lock()

    def rounds(self) -> list[list[int]]:
        """Return the members' numbers, round by round; the pilots first."""
        pilots, together, count = self._settings.pilots, self._settings.together, len(self._forcings)
        rest = [list(range(k, min(k + together, count))) for k in range(pilots, count, together)]
        return [list(range(min(pilots, count))), *rest]

    def make(self, pool: SessionPool, then: Callable[[Line], None]) -> list[Line]:
        """Run every round of every sweep; ``then`` hears of each finished member, in order.

        Returns:
            The last line of each member.

        Raises:
            HaloclineError: If the model blew up, or its process ended.
        """
        known: dict[int, Line] = {}
        for sweep in range(self._settings.sweeps):
            for number, members in enumerate(self.rounds()):
                wanted = [m for m in members if sweep == 0 or self._once_more(known[m])]
                sides = sweep == 0 and number == 0
                found = pool.map(self._pilot(pool), wanted) if sides else self._round(pool, wanted, known, sweep)
                made = [Line(m, sweep, number, f) for m, f in zip(wanted, found, strict=True)]
                known |= {line.number: line for line in made}
                for line in made:
                    then(line)
        return [known[m] for m in sorted(known)]

    def carried(self, lines: Sequence[Line], asked: Collection[int]) -> dict[int, Carried]:
        """Return where members that are not within the limits would end, by the map that all runs have taught.

        Args:
            lines: The last line of each member, from ``make``; pilots from both sides stay where they are.
            asked: Numbers of the members that say how far of the way all go (see ``best_share``).
        """
        taught = [history for line in lines for history in self._histories(line)]
        slow, reach = fit_ocean(taught, self._metric.grid, self._settings.slow), self._settings.jump.reach
        ended, there = {line.number: line.finished.state for line in lines}, {}
        for line in lines:
            if not line.finished.verified and not line.from_sides:
                blocks = [block for row in read_blocks(self.folder(line.number) / RELAX) for block in row]
                there[line.number] = carry(blocks[: line.finished.blocks], slow, reach)
        chosen = sorted(asked)
        share = best_share(
            [self._forcings[m] for m in chosen],
            np.stack([ended[m] for m in chosen]),
            {k: there[m] for k, m in enumerate(chosen) if m in there},
            self._metric,
        )
        return {m: Carried.between(ended[m], state, share, self._metric) for m, state in there.items() if share > 0}

    def _once_more(self, line: Line) -> bool:
        return line.number < self._settings.again and not line.finished.verified

    def folder(self, member: int) -> Path:
        """Return the folder of a member."""
        return self._folder / f"member-{member:03d}"

    def _pilot(self, pool: SessionPool) -> Callable[[int], Finished]:
        def run(member: int) -> Finished:
            folder, forcing = self._begun(member), self._forcings[member]
            case = Case(folder.name, forcing, *far_start(self._geometry, self._metric.grid, forcing))
            most = self._settings.limits.most_years
            return self._once(
                member, 0, most, lambda tell: run_pilot(case, self._metric, folder, self._settings, pool, tell)
            )

        return run

    def _round(
        self, pool: SessionPool, members: Sequence[int], known: Mapping[int, Line], sweep: int
    ) -> list[Finished]:
        lines = list(known.values())
        begins = self._begins(members, lines)
        since = {m: known[m].finished.blocks if m in known else 0 for m in members}

        def run(member: int) -> Finished:
            return self._once(
                member,
                sweep,
                self._settings.max_years,
                lambda tell: run_member(
                    f"member-{member:03d}",
                    self._forcings[member],
                    begins[member],
                    self._fit(member, lines),
                    self._metric,
                    self._begun(member),
                    self._settings,
                    pool,
                    tell,
                    since[member],
                ),
            )

        return pool.map(run, members)

    def _begins(self, members: Sequence[int], lines: Sequence[Line]) -> Mapping[int, Callable[[], Begin]]:
        """Return what makes each member's start; nothing is fitted or drawn for members that have begun."""
        known: list[Beginnings] = []

        def beginnings() -> Beginnings:
            if not known:
                forcings = [self._forcings[line.number] for line in lines]
                states = np.stack([line.finished.state for line in lines])
                known.append(Beginnings(forcings, states, self._metric, [f"member {line.number}" for line in lines]))
            return known[0]

        own = {line.number: Begin(line.finished.state, "mean of its sides", np.nan) for line in lines}

        def begin(member: int) -> Begin:
            if member in own:
                return own[member]
            if self._draw is not None:
                return self._draw([member], [self._forcings[member]], self.folder(member))[0]
            with self._lock:
                found = beginnings()
                return found.at(self._forcings[member], found.chosen(self._settings.start))

        return {member: (lambda m=member: begin(m)) for member in members}  # type: ignore[misc]

    def _fit(self, member: int, lines: Sequence[Line]) -> Fit:
        """Return what fits a map to all runs of the rounds before, and to a member's own blocks."""
        own, settings = f"{self.folder(member).name}/{RELAX}", self._settings.slow
        taught = [h for line in lines for h in self._histories(line) if h.run != own]

        def fit(blocks: Sequence[Block]) -> SharedMap:
            return fit_ocean([*taught, *histories_of(own, blocks)], self._metric.grid, settings)

        return fit

    def _histories(self, line: Line) -> list[History]:
        """Return what a member's runs taught when its line was written: they may have gone on. Read once."""
        sweep, found = self._taught.get(line.number, (-1, []))
        if sweep != line.sweep:
            found = self._read_histories(line)
            self._taught[line.number] = line.sweep, found
        return found

    def _read_histories(self, line: Line) -> list[History]:
        folder, out = self.folder(line.number), list[History]()
        for run in sorted(p for p in folder.iterdir() if p.is_dir()):
            blocks = [block for row in read_blocks(run) for block in row]
            blocks = blocks[: line.finished.blocks] if run.name == RELAX else blocks
            out += histories_of(f"{folder.name}/{run.name}", blocks)
        return out

    def _once(self, member: int, sweep: int, most: int, run: Callable[[Tell], Finished]) -> Finished:
        """Return what a member's folder says of its end in a sweep, or run it."""
        folder = self.folder(member)
        found = Finished.read(folder, sweep)
        if found is None:
            found = run(lambda years, note: self._tell(member, sweep, years, note))
            found.write(folder, sweep)
        self._tell(member, sweep, most, f"{folder.name}: {'within the limits' if found.verified else 'ended'}")
        return found

    def _begun(self, member: int) -> Path:
        folder = self.folder(member)
        write_forcing(folder, self._preset, self._forcings[member])
        return folder

    def _tell(self, member: int, sweep: int, years: int, note: str) -> None:
        with self._lock:
            self._years[member, sweep] = years
            self._report(sum(self._years.values()), note)
