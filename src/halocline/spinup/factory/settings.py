"""How the data factory works: what it is sure of, what it asks of a member, and when it gives up."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from halocline.spinup.criterion import WINDOW
from halocline.spinup.jump.jump import JumpSettings
from halocline.spinup.jump.slow_map import SlowMapSettings
from halocline.spinup.reference.settings import ROUND, ReferenceSettings

Start = Literal["auto", "nearest", "surface", "model"]
STARTS: tuple[Start, ...] = ("auto", "nearest", "surface", "model")
SURFACE_FROM = 8
"""Finished members from which on a response surface is asked at all."""


@dataclass(frozen=True)
class FactorySettings:
    """What members are made like.

    Attributes:
        pilots: First members, which are run from both sides as references are: they teach the map of changes, and say
            whether there is one equilibrium.
        pilot_years: Years of each of their sides before the first extrapolation.
        together: Members of a round. All of them know the same finished members, so that what comes out does not
            depend on how many run at a time.
        max_years: Years without weather of a member at most, of a pilot's side after ``pilot_years``.
        again: First members that are gone through again, for as many years at most, once all others have ended: they
            began when little was known. Those that hold the limits are left alone.
        sweeps: How often they are gone through, the first time included.
        looser: Times the limits of a reference (its drifts, and for pilots the sides' distance).
        start: Where members after the pilots begin: ``nearest`` finished member, response ``surface`` over the finished
            ones, states drawn by a ``model``, or ``auto``: surface or nearest, whichever is nearer for finished members
            that are left out.
        jump: How boldly members jump.
        slow: How the map of changes is fitted.
    """

    pilots: int = 4
    pilot_years: int = 200
    together: int = 4
    max_years: int = 200
    again: int = 0
    sweeps: int = 2
    looser: float = 1.0
    start: Start = "auto"
    jump: JumpSettings = field(default_factory=JumpSettings)
    slow: SlowMapSettings = field(default_factory=SlowMapSettings)

    @property
    def limits(self) -> ReferenceSettings:
        """What pilots and members must hold: a reference's limits, times ``looser``."""
        base = ReferenceSettings(first_years=self.pilot_years, max_years=self.pilot_years + self.max_years)
        names = ("drift_thetao", "drift_so", "apart_thetao", "apart_so")
        return replace(base, slow=self.slow, **{name: self.looser * getattr(base, name) for name in names})

    @property
    def blocks(self) -> int:
        """Most blocks of a member, each time."""
        return self.max_years // WINDOW

    @property
    def per_jump(self) -> int:
        """Blocks from one jump to the next: one that settles, and as many as tell a drift."""
        return ROUND

    def most_years(self, members: int) -> int:
        """Model years without weather at most."""
        pilots = min(self.pilots, members)
        first = pilots * self.limits.most_years + (members - pilots) * self.max_years
        return first + (self.sweeps - 1) * min(self.again, members) * self.max_years

    def to_card(self) -> dict[str, Any]:
        """Return the JSON form, flat; two sweeps, which former versions always had, are not told."""
        words = asdict(self)
        if self.sweeps == FactorySettings.sweeps:
            del words["sweeps"]
        parts = {name: words.pop(name) for name in ("jump", "slow")}
        return words | {f"{part}_{name}": value for part, held in parts.items() for name, value in held.items()}
