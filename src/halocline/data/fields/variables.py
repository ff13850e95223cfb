"""The registry of variables: names, units, bounds and where on the grid cell they live."""

from dataclasses import dataclass
from typing import Literal

from halocline.runtime.errors import InputError, require_choice

Staggering = Literal["centre", "corner", "u_face", "v_face"]


@dataclass(frozen=True)
class Variable:
    """One physical variable.

    Attributes:
        name: Short name used in stores and files.
        standard_name: CF standard name (or the nearest term where the CF table has none).
        long_name: Words for axes and reports.
        unit: CF unit.
        lower: Lowest physical value, hit exactly by the data (an atom); None if unbounded.
        upper: Highest physical value, hit exactly by the data; None if unbounded.
        plausible: Range (in ``unit``) outside which the unit is probably wrong.
        staggering: Where on the cell the stored values live.
        zero_without_ice: Whether the value is exactly 0 in a cell without ice.
        partner: The other component of a vector along the grid's axes.
        cell_methods: CF cell methods of the stored values.
        levelled: Whether it lives on levels; level k is the channel ``thetao_00``, ``thetao_01``, ..., surface first.
    """

    name: str
    standard_name: str
    long_name: str
    unit: str
    lower: float | None
    upper: float | None
    plausible: tuple[float, float]
    staggering: Staggering = "centre"
    zero_without_ice: bool = False
    partner: str | None = None
    cell_methods: str = "area: mean time: point"
    levelled: bool = False

    def attributes(self) -> dict[str, str | float | list[float]]:
        """Return the CF attributes of this variable."""
        attrs: dict[str, str | float | list[float]] = {
            "standard_name": self.standard_name,
            "long_name": self.long_name,
            "units": self.unit,
            "cell_methods": self.cell_methods,
            "staggering": self.staggering,
        }
        if self.lower is not None:
            attrs["valid_min"] = self.lower
        if self.upper is not None:
            attrs["valid_max"] = self.upper
        return attrs


_TWO_HOUR_MEAN = "area: mean time: mean (interval: 2 hours)"

VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        # Thickness is volume per cell area (CF cell mean), never per ice-covered area: volume = sum(sit * area).
        Variable(
            "sit",
            "sea_ice_thickness",
            "sea-ice thickness (cell mean)",
            "m",
            0.0,
            None,
            (0.0, 60.0),
            zero_without_ice=True,
        ),
        Variable(
            "sic", "sea_ice_area_fraction", "sea-ice concentration", "1", 0.0, 1.0, (0.0, 1.0), zero_without_ice=True
        ),
        # Not in the CF table. 0 = intact, 1 = fully broken (neXtSIM_DG writes the opposite).
        Variable("sid", "sea_ice_damage", "sea-ice damage", "1", 0.0, 1.0, (0.0, 1.0), zero_without_ice=True),
        Variable(
            "siu",
            "sea_ice_x_velocity",
            "sea-ice drift along grid x",
            "m s-1",
            None,
            None,
            (-4.0, 4.0),
            zero_without_ice=True,
            partner="siv",
            cell_methods=_TWO_HOUR_MEAN,
        ),
        Variable(
            "siv",
            "sea_ice_y_velocity",
            "sea-ice drift along grid y",
            "m s-1",
            None,
            None,
            (-4.0, 4.0),
            zero_without_ice=True,
            partner="siu",
            cell_methods=_TWO_HOUR_MEAN,
        ),
        Variable(
            "snt",
            "surface_snow_thickness",
            "snow thickness (cell mean)",
            "m",
            0.0,
            None,
            (0.0, 8.0),
            zero_without_ice=True,
        ),
        Variable("t2m", "air_temperature", "air temperature at 2 m", "K", None, None, (190.0, 330.0)),
        Variable("q2m", "specific_humidity", "specific humidity at 2 m", "kg kg-1", 0.0, None, (0.0, 0.04)),
        Variable("u10", "x_wind", "wind at 10 m along grid x", "m s-1", None, None, (-60.0, 60.0), partner="v10"),
        Variable("v10", "y_wind", "wind at 10 m along grid y", "m s-1", None, None, (-60.0, 60.0), partner="u10"),
        # Potential, not conservative, temperature. The range excludes Kelvin, and leaves room for bad generators.
        Variable(
            "thetao",
            "sea_water_potential_temperature",
            "potential temperature of sea water",
            "degC",
            None,
            None,
            (-15.0, 50.0),
            levelled=True,
        ),
        # Salinity on the practical scale (psu), as NEMO's and Veros's simplified equations of state take it; not the
        # absolute salinity of TEOS-10 (g kg-1), which is 0.5 % larger. CF writes psu as 1e-3. The range excludes
        # fractions (0.035), per cent (3.5) and zeros on land; it is the open ocean's, not a river mouth's.
        Variable(
            "so",
            "sea_water_salinity",
            "salinity of sea water (practical scale, psu)",
            "1e-3",
            None,
            None,
            (5.0, 50.0),
            levelled=True,
        ),
        Variable("zos", "sea_surface_height_above_geoid", "sea-surface height", "m", None, None, (-10.0, 10.0)),
    )
}

SEA_ICE = ("sit", "sic", "sid", "siu", "siv", "snt")
FORCING = ("t2m", "q2m", "u10", "v10")
OCEAN = ("thetao", "so", "zos")


def variable(name: str) -> Variable:
    """Return the variable called ``name``.

    Raises:
        InputError: If there is none; the error names the nearest.
    """
    require_choice("variable", name, VARIABLES, InputError)
    return VARIABLES[name]


def channel_variable(name: str) -> tuple[Variable, int | None]:
    """Return the variable of a channel, and its level (0 = surface) if the channel is one level of it.

    Raises:
        InputError: If the name is neither a variable nor a level of one.
    """
    stem, _, level = name.rpartition("_")
    if level.isdigit() and stem in VARIABLES and VARIABLES[stem].levelled:
        return VARIABLES[stem], int(level)
    return variable(name), None
