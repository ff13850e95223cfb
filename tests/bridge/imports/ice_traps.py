"""Source x trap -> import: the table of docs/howto/data/import-ice.md, row by row with the change that sets it.

``converted``: the reading is the truth; ``asked``: refused with the option that answers, and with the answer the truth;
``refused``: an error that names what is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from halocline.bridge.sources.base import SOURCES as KINDS
from halocline.data.reading.choices import Choices
from tests.bridge.imports.truth import SPHERES, truth

Outcome = Literal["converted", "asked", "refused"]
Change = Callable[[xr.Dataset], xr.Dataset]
SOURCES = ("cf", "si3", "nextsim", "nextsim-dg", "cice", "cs2smos", "topaz", "osisaf")


@dataclass(frozen=True)
class Trap:
    """One kind of fault.

    Attributes:
        name: Its words in the table.
        change: What it does to the files of each source.
        outcome: What must come of it.
        says: What the notes, or the error, must say (a regular expression).
        answer: The user's answer, where asked.
        only: Variables that are compared; all if empty.
        exact: Largest difference from the truth.
    """

    name: str
    change: dict[str, Change]
    outcome: Outcome
    says: str = ""
    answer: Choices | None = None
    only: tuple[str, ...] = ()
    exact: float = 1.5e-3


def _each(change: Change, *sources: str) -> dict[str, Change]:
    return dict.fromkeys(sources, change)


def _of(ds: xr.Dataset, *names: str) -> list[str]:
    return [n for n in names if n in ds.variables]


LAT = ("lat", "latitude", "nav_lat", "TLAT")
LON = ("lon", "longitude", "nav_lon", "TLON")
SIC = ("siconc", "sic", "aice_d", "sea_ice_concentration", "ice_conc", "cice")
SIT = ("sivolu", "sivol", "sit", "hi_d", "analysis_sea_ice_thickness", "sithick", "hice")
U = ("usi", "vxsi", "siu", "u")
V = ("vsi", "vysi", "siv", "v")


def reversed_rows(ds):
    return ds.isel({d: slice(None, None, -1) for d in ds.dims if d in ("y", "yc")})


def transposed(ds):
    first = [d for d in ds.dims if d in ("x", "xc", "ni", "xdim")]
    return ds.transpose(..., *first, *[d for d in ds.dims if d in ("y", "yc", "nj", "ydim", "dg_comp")])


def lon_360(ds):
    return ds.assign({n: ds[n].copy(data=ds[n].values % 360) for n in _of(ds, *LON)})


def single_precision(ds):
    names = _of(ds, *LAT, *LON, "x", "y", "xc", "yc")
    out = ds.assign_coords({n: ds[n].astype(np.float32) for n in names if n in ds.coords})
    return out.assign({n: ds[n].astype(np.float32) for n in names if n not in ds.coords})


def members(ds):
    names = [n for n in ds.data_vars if "time" in ds[n].dims]
    return (
        ds.drop_vars("time")
        .rename({"time": "realization"})
        .assign({n: ds[n].rename(time="realization") for n in names})
    )


def nameless_dimensions(ds):
    return ds.drop_vars(["x", "y"]).rename(x="dim_1", y="dim_0")


def coordinates_like_dimensions(ds):
    j, i = np.meshgrid(np.arange(ds.sizes["y"]), np.arange(ds.sizes["x"]), indexing="ij")
    out = ds.drop_vars(["x", "y"], errors="ignore")
    return out.assign(x=(("y", "x"), i), y=(("y", "x"), j))


def hidden_km(ds):
    out = ds
    for n in _of(ds, "x", "y", "xc", "yc"):
        scale = {"100 km": 100.0, "km": 1.0, "m": 1e-3}[ds[n].attrs["units"]]
        out = out.assign_coords({n: (n, scale * ds[n].values, {"standard_name": ds[n].attrs["standard_name"]})})
    return out


def percent(ds):
    return _scaled(ds, SIC, 100.0, "%")


def fractions_called_percent(ds):
    return _scaled(ds, SIC, 1.0, "%")


def percent_called_fractions(ds):
    return _scaled(ds, SIC, 100.0, "1")


def no_unit(ds):
    out = _scaled(ds, SIC, 100.0, "")
    for n in _of(out, *SIC):
        del out[n].attrs["units"]
    return out


def centimetres(ds):
    return _scaled(ds, SIT, 100.0, "cm")


def km_a_day(ds):
    return _scaled(_scaled(ds, U, 86.4, "km/day"), V, 86.4, "km.d-1")


def wrong_quantity(ds):
    return _scaled(ds, SIT, 1.0, "kg m-2")


def packed_off_the_bounds(ds):
    out = ds
    for n in _of(ds, *SIC):
        top = 100.0 if ds[n].attrs["units"] == "%" else 1.0
        out[n].encoding = {
            "dtype": "int16",
            "scale_factor": top * 3.3e-4,
            "add_offset": top * 1.1e-4,
            "_FillValue": -32767,
        }
    return out


def undeclared_fill(ds):
    out = ds
    for n in _of(ds, *SIC):
        out = out.assign({n: ds[n].fillna(-999.0)})
        out[n].encoding = {"_FillValue": None}
    return out


def thickness_of_the_ice(ds):
    sic = ds["siconc"].where(ds["siconc"] > 0)
    theirs = (ds["sivol"] / sic).fillna(0).where(ds["siconc"].notnull())
    return ds.assign(sivol=theirs.assign_attrs(ds["sivol"].attrs, cell_methods="area: mean where sea_ice"))


def thickness_untold(ds):
    out = thickness_of_the_ice(ds).rename(sivol="thick")
    del out["thick"].attrs["cell_methods"]
    return out


def only_ice_thickness(ds):
    return ds.drop_vars("sivolu")


def damage_untold(ds):
    t = truth()
    attrs = {"standard_name": "sea_ice_damage", "units": "1"}
    return ds.assign(damage=(("time", "y", "x"), t.on_land("sid"), attrs))


def damage_of_intact(ds):
    out = damage_untold(ds)
    attrs = {**out["damage"].attrs, "long_name": "undamaged fraction"}
    return out.assign(damage=(1.0 - out["damage"]).assign_attrs(attrs))


def in_east_and_north(ds):
    """Drift by the standard names of east and north."""
    t = truth(SPHERES.get("topaz" if "vxsi" in ds else "nextsim" if "siu" in ds else "cf", "EPSG:3413"))
    u, v = _of(ds, *U)[0], _of(ds, *V)[0]
    out = ds
    for name, values, standard in (
        (u, t.east, "eastward_sea_ice_velocity"),
        (v, t.north, "northward_sea_ice_velocity"),
    ):
        values = np.where(t.land, np.nan, values).astype(ds[name].dtype)
        out = out.assign({name: ds[name].copy(data=values).assign_attrs(standard_name=standard)})
    return out


def mapping_of_another_grid(ds):
    """East and north, and a grid mapping that is not that of the positions."""
    out = in_east_and_north(ds)
    words = "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=30 +R=6378273 +units=m +no_defs"
    out["Polar_Stereographic_Grid"].attrs["proj4"] = words
    return out


def direction_untold(ds):
    out = ds.copy()
    for n in _of(ds, *U, *V):
        del out[n].attrs["standard_name"]
        out[n].attrs.pop("long_name", None)
    return out


def direction_contradicted(ds):
    out = ds.copy()
    out[_of(ds, *U)[0]].attrs["long_name"] = "Eastward sea ice velocity"
    out[_of(ds, *V)[0]].attrs["long_name"] = "Northward sea ice velocity"
    return out


def bases_mixed(ds):
    out = ds.copy()
    out[_of(ds, *U)[0]].attrs["standard_name"] = "eastward_sea_ice_velocity"
    return out


def east_alone(ds):
    return bases_mixed(ds).drop_vars(_of(ds, *V))


def no_mask(ds):
    return ds.drop_vars("mask")


def mask_of_land(ds):
    return ds.assign(mask=(1 - ds["mask"]).assign_attrs(long_name="land mask: 1 = land, 0 = ocean"))


def mask_untold(ds):
    return ds.assign(land_mask=ds["mask"].drop_attrs()).drop_vars("mask")


def mask_as_flags(ds):
    attrs = {"flag_values": np.array([0, 1, 2], np.int8), "flag_meanings": "open_sea land sea_ice"}
    flags = np.where(ds["mask"] > 0, np.where(ds["siconc"].isel(time=0) > 0, 2, 0), 1).astype(np.int8)
    return ds.assign(mask=(("y", "x"), flags, attrs))


def mask_inverted(ds):
    wrong = ds.assign(mask=(1 - ds["mask"]).assign_attrs(ds["mask"].attrs))
    return wrong.assign({n: wrong[n].fillna(0) for n in wrong.data_vars if wrong[n].ndim == 3})


def mask_inverted_and_missing(ds):
    return ds.assign(mask=(1 - ds["mask"]).assign_attrs(ds["mask"].attrs))


def mask_of_ones(ds):
    zero = ds.assign({n: ds[n].fillna(0) for n in ds.data_vars if ds[n].ndim == 3})
    return zero.assign(mask=xr.ones_like(ds["mask"]))


def mask_of_ones_and_missing(ds):
    return ds.assign(mask=xr.ones_like(ds["mask"]))


def mask_that_changes(ds):
    moving = ds["mask"].expand_dims(time=ds.sizes["time"]).copy()
    moving[-1, 5, 5] = 0
    return ds.assign(mask=moving)


def missing_without_ice(ds):
    sic = ds[_of(ds, *SIC)[0]]
    names = [n for n in ds.data_vars if ds[n].ndim >= 3 and n != sic.name and ds[n].dims[:3] == sic.dims[:3]]
    return ds.assign({n: ds[n].where(~(sic == 0)).assign_attrs(ds[n].attrs) for n in names})


def missing_everywhere_without_ice(ds):
    sic = ds["siconc"]
    return ds.assign({n: ds[n].where(sic > 0) for n in ds.data_vars if ds[n].ndim == 3})


def missing_beside_zeros(ds):
    some = missing_everywhere_without_ice(ds)
    zero = (ds["siconc"] == 0) & (ds["x"] > 0)
    return ds.assign({n: ds[n].where((ds["siconc"] > 0) | zero) for n in some.data_vars if some[n].ndim == 3})


def missing_without_mask(ds):
    return missing_everywhere_without_ice(ds).drop_vars("mask")


def hole_at_the_pole(ds):
    lat = ds[_of(ds, *LAT)[0]]
    names = _of(ds, *SIC, "raw_ice_conc_values")
    return ds.assign({n: ds[n].where(lat < 86).assign_attrs(ds[n].attrs) for n in names})


def hole_alone(ds):
    return hole_at_the_pole(ds).drop_vars(["mask", "status_flag", *SIT, "sisnvol", *U, *V], errors="ignore")


def flags_among_values(ds):
    """After NSIDC: 254 land, 253 coast in bytes of concentration, scale 0.01."""
    out = ds.drop_vars("mask")
    sic = ds["siconc"].fillna(2.54)
    attrs = {
        **ds["siconc"].attrs,
        "flag_values": np.array([251, 253, 254], np.uint8),
        "flag_meanings": "pole_hole coastal land_mask",
    }
    out = out.assign(siconc=sic.assign_attrs(attrs))
    out["siconc"].encoding = {"dtype": "uint8", "scale_factor": 0.01}
    return out


def pole_hole_flag(ds):
    lat = ds["latitude"]
    out = flags_among_values(ds)
    attrs, encoding = out["siconc"].attrs, out["siconc"].encoding
    out = out.assign(siconc=out["siconc"].where((lat < 86) | (out["siconc"] > 2), 2.51).assign_attrs(attrs))
    out["siconc"].encoding = encoding
    return out


def two_candidates(ds):
    return ds.assign(conc=ds["siconc"].assign_attrs(units="1"))


def no_positions(ds):
    return ds.drop_vars(_of(ds, *LAT, *LON)).drop_vars(_of(ds, "crs"))


def another_product(ds):
    return xr.Dataset({"tos": ds[_of(ds, *SIC)[0]]})


def areas_in_km2(ds):
    return ds.assign(cell_area=(("y", "x"), np.full((ds.sizes["y"], ds.sizes["x"]), 9e4), {"units": "km2"}))


def areas_too_large(ds):
    return ds.assign(cell_area=(("y", "x"), np.full((ds.sizes["y"], ds.sizes["x"]), 9e16), {"units": "m2"}))


def _scaled(ds: xr.Dataset, names: tuple[str, ...], factor: float, unit: str) -> xr.Dataset:
    out = ds
    for n in _of(ds, *names):
        have = 100.0 if ds[n].attrs.get("units") == "%" else 1.0
        out = out.assign({n: (ds[n] * (factor / have)).assign_attrs(ds[n].attrs, units=unit)})
        out[n].encoding = {k: v for k, v in ds[n].encoding.items() if k in ("coordinates", "grid_mapping")}
    return out


TRAPS: tuple[Trap, ...] = (
    Trap("nothing unusual", _each(lambda ds: ds, *SOURCES), "converted"),
    # axes and positions
    Trap("rows from top to bottom", _each(reversed_rows, "cf", "cs2smos", "topaz", "osisaf"), "converted"),
    Trap("variables stored (x, y)", _each(transposed, *SOURCES), "converted"),
    Trap("longitudes 0 to 360", _each(lon_360, *SOURCES), "converted"),
    Trap("positions in single precision", _each(single_precision, *SOURCES), "converted"),
    Trap("members as `realization`", _each(members, "cf", "topaz", "nextsim"), "converted"),
    Trap("dimensions without a known name", _each(nameless_dimensions, "cf", "topaz"), "converted", "dim_0, dim_1"),
    Trap(
        "2-D coordinates named like dimensions",
        _each(coordinates_like_dimensions, "cf", "si3", "nextsim", "topaz"),
        "converted",
    ),
    Trap(
        "x and y in km, not said",
        _each(hidden_km, "cf", "cs2smos", "topaz", "osisaf"),
        "converted",
        "positions tell the unit|'km' to 'm'",
    ),
    Trap("no positions and no grid mapping", _each(no_positions, "cf"), "refused", "latitudes and longitudes"),
    Trap("areas in km2", _each(areas_in_km2, "cf", "topaz"), "converted", "area: 'km2' to 'm2'"),
    Trap("areas larger than the Earth", _each(areas_too_large, "cf"), "refused", "cell area"),
    # units
    Trap("concentration in percent", _each(percent, *SOURCES), "converted", "'%' to '1'"),
    Trap(
        "fractions called percent",
        _each(fractions_called_percent, *SOURCES),
        "asked",
        "--unit sic=1",
        Choices(units={"sic": "1"}),
    ),
    Trap(
        "percent called fractions",
        _each(percent_called_fractions, *SOURCES),
        "asked",
        "--unit sic=%",
        Choices(units={"sic": "%"}),
    ),
    Trap("percent without a unit", _each(no_unit, "cf"), "asked", "--unit sic=%", Choices(units={"sic": "%"})),
    Trap(
        "thickness in cm",
        _each(centimetres, "cf", "si3", "nextsim", "cice", "cs2smos", "topaz"),
        "converted",
        "'cm' to 'm'",
    ),
    Trap("drift in km/day", _each(km_a_day, "cf", "nextsim", "topaz"), "converted", "to 'm s-1'"),
    Trap(
        "thickness in kg m-2",
        _each(wrong_quantity, "cf", "si3", "nextsim", "topaz"),
        "refused",
        "unit of 'sit'.*kg m-2",
    ),
    # values
    Trap(
        "packing that misses 0 and 1",
        _each(packed_off_the_bounds, "cf", "topaz", "cs2smos", "osisaf"),
        "converted",
        "rounding of the bound 1",
        only=("sic",),
        exact=1e-3,
    ),
    Trap(
        "fill value not declared, no mask",
        _each(undeclared_fill, "topaz", "cs2smos"),
        "refused",
        "-999.*looks like a fill value|-9.99.*looks like a fill value",
    ),
    Trap(
        "fill value not declared, on land of the mask", _each(undeclared_fill, "cf", "nextsim-dg", "cice"), "converted"
    ),
    Trap(
        "flags among the values",
        _each(flags_among_values, "cf"),
        "converted",
        "flag 254, land_mask",
        only=("sic", "sit", "snt"),
        exact=1e-2,
    ),
    Trap(
        "pole hole as a flag among the values", _each(pole_hole_flag, "cf"), "refused", "within the ice.*no open water"
    ),
    Trap(
        "pole hole missing",
        _each(hole_at_the_pole, "cf", "osisaf", "topaz"),
        "refused",
        "within the ice.*no open water",
    ),
    Trap(
        "pole hole missing, concentration alone",
        _each(hole_alone, "cf", "osisaf"),
        "refused",
        "within the ice.*no open water",
    ),
    # meaning
    Trap(
        "thickness of the ice, said so",
        {"cf": thickness_of_the_ice, "si3": only_ice_thickness},
        "converted",
        "times concentration",
    ),
    Trap(
        "thickness, meaning not said",
        _each(thickness_untold, "cf"),
        "asked",
        "--thickness ice",
        Choices(thickness="ice"),
    ),
    Trap("damage, meaning not said", _each(damage_untold, "cf"), "asked", "--damage broken", Choices(damage="broken")),
    Trap("damage of 1 = intact, said so", _each(damage_of_intact, "cf"), "converted", "1 - damage"),
    Trap("two variables of one standard name", _each(two_candidates, "cf"), "refused", "2 candidates"),
    Trap("another product", _each(another_product, *SOURCES[1:]), "refused", "as .*variables tos"),
    # vectors
    Trap(
        "drift eastward and northward",
        _each(in_east_and_north, "cf", "nextsim", "topaz"),
        "converted",
        "eastward and northward",
    ),
    Trap(
        "east and north, mapping of another grid",
        _each(mapping_of_another_grid, "nextsim"),
        "converted",
        "not that of the positions",
        only=("sit", "sic", "snt"),
    ),
    Trap("direction not said", _each(direction_untold, "cf"), "asked", "--vectors grid", Choices(vectors="grid")),
    Trap(
        "names and words contradict",
        _each(direction_contradicted, "cf", "topaz"),
        "asked",
        "--vectors grid",
        Choices(vectors="grid"),
    ),
    Trap(
        "one component east, the other along y",
        _each(bases_mixed, "cf", "nextsim", "topaz"),
        "refused",
        "different bases",
    ),
    Trap("an eastward component alone", _each(east_alone, "cf", "topaz"), "refused", "without the other one"),
    # masks
    Trap("no mask, missing on land", _each(no_mask, "cf"), "converted", "land is where all values are missing"),
    Trap("mask of land, said so", _each(mask_of_land, "cf"), "converted"),
    Trap("mask as flags", _each(mask_as_flags, "cf"), "converted"),
    Trap("mask, meaning not said", _each(mask_untold, "cf"), "asked", "--mask-ones ocean", Choices(mask_ones="ocean")),
    Trap(
        "mask inverted, zeros on land",
        _each(mask_inverted, "cf"),
        "asked",
        "--mask-ones land",
        Choices(mask_ones="land"),
    ),
    Trap(
        "mask inverted, missing on land",
        _each(mask_inverted_and_missing, "cf"),
        "asked",
        "--mask-ones land",
        Choices(mask_ones="land"),
    ),
    Trap(
        "mask of ones, zeros on land",
        _each(mask_of_ones, "cf"),
        "refused",
        "every cell is ocean, and values in every cell",
    ),
    Trap("mask of ones, missing on land", _each(mask_of_ones_and_missing, "cf"), "converted", "ones everywhere"),
    Trap("mask that changes in time", _each(mask_that_changes, "cf"), "refused", "changes along time in 1 cells"),
    # open water
    Trap(
        "other variables missing without ice",
        _each(missing_without_ice, "cf", "nextsim", "topaz"),
        "converted",
        "missing without ice",
    ),
    Trap(
        "all missing without ice, with a mask",
        _each(missing_everywhere_without_ice, "cf"),
        "converted",
        "open water, 0",
    ),
    Trap(
        "missing beside zeros",
        _each(missing_beside_zeros, "cf"),
        "asked",
        "--open-water zero",
        Choices(open_water="zero"),
    ),
    Trap(
        "all missing without ice, no mask",
        _each(missing_without_mask, "cf"),
        "refused",
        "no concentration of 0 anywhere",
    ),
)


def kinds_table() -> str:
    """The kinds and their files, in Markdown."""
    rows = [f"| `{s}` | {KINDS[s].summary} |" for s in SOURCES if hasattr(KINDS[s], "summary")]
    return "| kind | files |\n|---|---|\n" + "\n".join(rows) + "\n"


def page_table() -> str:
    """The table of the page, in Markdown."""
    head = f"| | {' | '.join(f'`{s}`' for s in SOURCES)} |\n|---|{'---|' * len(SOURCES)}\n"
    rows = [f"| {t.name} | {' | '.join(t.outcome if s in t.change else '' for s in SOURCES)} |" for t in TRAPS]
    return head + "\n".join(rows) + "\n"
