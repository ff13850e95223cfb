"""Every constant of the Arctic world, with its unit and source.

"Reference" is the measured comparison of rheologies at 50 km that fixed the defaults; see
docs/explanation/arctic-world.md.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from halocline.runtime.errors import ConfigError, require_choice

DAY = 86400.0  # s
ZERO_CELSIUS = 273.15  # K
STEFAN_BOLTZMANN = 5.670e-8  # W m-2 K-4


@dataclass(frozen=True)
class DynamicsParameters:
    """Constants of momentum and rheology.

    Sources: Olason et al. 2022, "A new brittle rheology and numerical framework for large-scale sea-ice models",
    JAMES 14, table 1 (BBM); Hibler 1979 and Kimmritz et al. 2016 (mEVP).
    """

    step_s: float = 7200.0  # s, dynamics and advection step
    rho_ice: float = 917.0  # kg m-3
    rho_water: float = 1026.0  # kg m-3
    rho_air: float = 1.3  # kg m-3
    coriolis: float = 1.42e-4  # s-1, f plane at 78 N
    air_drag: float = 1.5e-3  # 1; Olason et al. use 2.0e-3 with ERA5, 1.2e-3 in neXtSIM_DG
    water_drag: float = 5.5e-3  # 1; McPhee 1980
    least_ice: float = 0.05  # m, floor of the mass of a corner

    young: float = 5.96e7  # Pa; Olason et al. 5.96e8, softened tenfold: same drift statistics at a third of the cost
    poisson: float = 1.0 / 3.0  # 1
    compaction: float = 20.0  # 1, exp(-C (1 - SIC))
    ridging_strength: float = 1.0e4  # Pa m-3/2, P0
    ridging_exponent: float = 2.5  # of thickness, for thickness-integrated stress (1.5 for stress)
    relaxation_time: float = 1.0e7  # s, undamaged
    relaxation_exponent: float = 5.0  # 1, alpha; lambda ~ (1 - SID)^(alpha - 1)
    friction: float = 0.7  # 1, slope of the Mohr-Coulomb line
    cohesion_lab: float = 3.0e6  # Pa at lab_scale; the knob for realism
    lab_scale: float = 0.1  # m
    courant: float = 0.45  # 1, elastic Courant number of a sub-step
    most_loss: float = 0.95  # 1, largest relative loss of stiffness in one sub-step
    least_intact: float = 1.0e-6  # 1, floor of 1 - SID
    hourglass: float = 0.2  # 1, viscous damping of the velocity checkerboard

    plastic_strength: float = 2.75e4  # N m-2, Hibler's P*
    ellipse: float = 2.0  # 1, eccentricity of the yield curve
    least_deformation: float = 2.0e-9  # s-1, Delta_min
    mevp_alpha: float = 300.0  # 1; alpha = beta
    mevp_iterations: int = 120  # per step

    free_drift_substeps: int = 12  # per step

    @property
    def elastic_speed(self) -> float:
        """Speed of elastic shear waves in undamaged ice, m/s (Olason et al. 2022, section 2.3)."""
        return float((self.young / (2.0 * (1.0 + self.poisson) * self.rho_ice)) ** 0.5)


class ThermodynamicsParameters(NamedTuple):
    """Constants of growth and melt; a tuple, so that compiled functions take it.

    Sources: Semtner 1976 (zero layer); Hibler 1979 (leads); Maykut and Untersteiner 1971; McPhee 1992 (ocean heat).
    """

    step_s: float = 21600.0  # s
    rho_ice: float = 917.0  # kg m-3
    rho_snow: float = 330.0  # kg m-3
    rho_water: float = 1026.0  # kg m-3
    rho_air: float = 1.3  # kg m-3
    latent_fusion: float = 3.34e5  # J kg-1
    latent_sublimation: float = 2.83e6  # J kg-1
    latent_vapour: float = 2.50e6  # J kg-1
    cp_air: float = 1004.0  # J kg-1 K-1
    cp_water: float = 3990.0  # J kg-1 K-1
    freezing: float = 271.35  # K, sea water of salinity 32.5
    melting: float = 273.15  # K, surface of ice and snow
    conductivity_ice: float = 2.1  # W m-1 K-1
    conductivity_snow: float = 0.31  # W m-1 K-1
    thickness_spread: float = 1.15  # 1, more conduction through the thin part of a cell
    transfer: float = 1.3e-3  # 1, bulk transfer of heat and vapour
    least_wind: float = 1.0  # m s-1, in the bulk formulae
    emissivity: float = 0.97  # 1
    albedo_snow: float = 0.82  # 1, cold
    albedo_snow_melting: float = 0.72  # 1
    albedo_ice: float = 0.64  # 1, cold, thicker than albedo_ramp
    albedo_ice_melting: float = 0.53  # 1
    albedo_water: float = 0.07  # 1
    albedo_ramp: float = 0.5  # m, ice thinner than this is darker
    snow_patch: float = 0.02  # m, snow depth that covers half of the ice
    lead_closing: float = 0.3  # m, Hibler's h0
    least_concentration: float = 0.01  # 1, less is removed
    least_floe: float = 0.05  # m, thinner floes pile up
    mixed_layer: float = 30.0  # m
    sst_relaxation: float = 30.0 * DAY  # s
    ocean_exchange: float = 0.006 * 0.006  # m s-1, Stanton number times friction velocity
    ocean_background: float = 1.5  # W m-2, from below the mixed layer
    healing: float = 15.0 * DAY  # s, at a surface healing_cooling colder than the water; Olason et al. 2022
    healing_cooling: float = 20.0  # K


DYNAMICS = DynamicsParameters()
THERMODYNAMICS = ThermodynamicsParameters()

FIXED = ("step_s", "freezing")
"""Constants that no run changes: clock and weather rest on them too."""

_SECTIONS: dict[str, dict[str, float]] = {
    "dynamics": dataclasses.asdict(DYNAMICS),
    "thermodynamics": THERMODYNAMICS._asdict(),
}


@dataclass(frozen=True)
class Physics:
    """The constants of one run."""

    dynamics: DynamicsParameters = DYNAMICS
    thermodynamics: ThermodynamicsParameters = THERMODYNAMICS

    @staticmethod
    def changed(settings: Mapping[str, float]) -> "Physics":
        """Return the constants with some of them changed.

        Args:
            settings: New values by name with section, e.g. ``{"dynamics.air_drag": 2.0e-3}``; units as above.

        Raises:
            ConfigError: If there is no such constant, or a value is no finite number of its kind.
        """
        valid = {f"{s}.{n}": v for s, p in _SECTIONS.items() for n, v in p.items() if n not in FIXED}
        changes: dict[str, dict[str, float]] = {section: {} for section in _SECTIONS}
        for name, value in settings.items():
            require_choice("constant of the Arctic world", name, tuple(valid))
            kind = type(valid[name])
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not number or kind(value) != value or value < 0:
                raise ConfigError(
                    f"constant {name}",
                    found=repr(value),
                    expected=f"a number like {valid[name]!r}, not negative",
                    remedy="Units and sources stand in halocline.worlds.arctic.parameters.",
                )
            section, _, constant = name.partition(".")
            changes[section][constant] = kind(value)
        return Physics(
            dataclasses.replace(DYNAMICS, **changes["dynamics"]),  # type: ignore[arg-type]
            THERMODYNAMICS._replace(**changes["thermodynamics"]),
        )
