"""What a geostrophic balance is taken with: the reference of its pressure, and what is done at the equator."""

from dataclasses import dataclass

import numpy as np

from halocline.physics.flow.equator import RULES


@dataclass(frozen=True, eq=False)
class Balance:
    """The reference of a balance.

    Attributes:
        rho0: Reference density, kg m-3.
        height: Sea-surface height (y, x), m: the velocities are absolute. None for a level of no motion.
        no_motion: Its depth, m; the deepest wet level where the water is shallower. Needed without ``height``; with it,
            velocities are made 0 there all the same.
        rule: What is done at the equator, of ``equator.RULES``: ``beta`` (the balance's derivative) or ``zero``.
        equator: The rule's latitude, degrees; its own if None.

    Raises:
        ValueError: Without a reference.
    """

    rho0: float
    height: np.ndarray | None = None
    no_motion: float | None = None
    rule: str = "beta"
    equator: float | None = None

    def __post_init__(self) -> None:
        if self.height is None and self.no_motion is None:
            raise ValueError("geostrophic velocities need a sea-surface height or a level of no motion")

    @property
    def reach(self) -> float:
        """Latitude up to which the rule counts, degrees."""
        return RULES[self.rule] if self.equator is None else self.equator
