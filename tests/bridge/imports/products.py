"""Small files of ice products after their manuals: names, units, attributes, packing, flags, calendars."""

import cftime
import netCDF4
import numpy as np
import xarray as xr

from tests.bridge.imports.truth import NX, NY, SPHERES, Truth, days, hours, off_land, packed, staggered, truth, write


def topaz(path, **changes) -> Truth:
    """ARCTIC_ANALYSISFORECAST_PHY_ICE: packed, x and y in 100 km, sphere of 6 378 273 m, thickness of the ice."""
    t = truth(SPHERES["topaz"])
    mapping = {
        "grid_mapping_name": "polar_stereographic",
        "latitude_of_projection_origin": 90.0,
        "longitude_of_projection_origin": -45.0,
        "straight_vertical_longitude_from_pole": -45.0,
        "scale_factor_at_projection_origin": 1.0,
        "false_easting": 0.0,
        "false_northing": 0.0,
    }
    dims = ("time", "y", "x")
    where = {"cell_methods": "time: mean area: mean where sea_ice"}
    ds = xr.Dataset(
        {
            "siconc": (dims, t.on_land("sic"), {"units": "1", "standard_name": "sea_ice_area_fraction"}),
            "sithick": (
                dims,
                off_land(t, t.per_ice("sit")),
                {"units": "m", "standard_name": "sea_ice_thickness", **where},
            ),
            "sisnthick": (
                dims,
                off_land(t, t.per_ice("snt")),
                {"units": "m", "standard_name": "surface_snow_thickness", **where},
            ),
            "vxsi": (dims, t.on_land("siu"), {"units": "m s-1", "standard_name": "sea_ice_x_velocity"}),
            "vysi": (dims, t.on_land("siv"), {"units": "m s-1", "standard_name": "sea_ice_y_velocity"}),
            "stereographic": ((), np.int8(0), mapping),
            "latitude": (("y", "x"), t.lat.astype(np.float32), {"units": "degrees_north", "standard_name": "latitude"}),
            "longitude": (
                ("y", "x"),
                t.lon.astype(np.float32),
                {"units": "degrees_east", "standard_name": "longitude"},
            ),
        },
        coords={
            "time": days(),
            "y": ("y", t.y / 1e5, {"units": "100 km", "standard_name": "projection_y_coordinate"}),
            "x": ("x", t.x / 1e5, {"units": "100 km", "standard_name": "projection_x_coordinate"}),
        },
    )
    for name in ("siconc", "sithick", "sisnthick", "vxsi", "vysi"):
        ds[name].attrs["grid_mapping"] = "stereographic"
        ds[name].encoding = packed(1e-4 if name == "siconc" else 1e-3)
    ds["time"].encoding["units"] = "hours since 1950-01-01"
    write(ds, path, changes)
    return t


def nextsim(path, **changes) -> Truth:
    """Moorings: float32, fill -1e14, 2-D positions, mapping as a PROJ string, times as means with bounds."""
    words = SPHERES["nextsim"]
    t = truth(words)
    dims, mean = ("time", "y", "x"), {"cell_methods": "area: mean time: mean (interval: 6 hours)"}
    manual = {
        "sic": ("sic", "sea_ice_area_fraction", "1"),
        "sit": ("sit", "sea_ice_thickness", "m"),
        "damage": ("sid", "sea_ice_damage", "1"),
        "snt": ("snt", "surface_snow_thickness", "m"),
        "siu": ("siu", "sea_ice_x_velocity", "m s-1"),
        "siv": ("siv", "sea_ice_y_velocity", "m s-1"),
    }
    ds = xr.Dataset(
        {
            n: (dims, t.on_land(o).astype(np.float32), {"standard_name": s, "units": u, **mean})
            for n, (o, s, u) in manual.items()
        },
        coords={"time": days()},
    )
    ds["latitude"] = (("y", "x"), t.lat.astype(np.float32), {"units": "degrees_north", "standard_name": "latitude"})
    ds["longitude"] = (("y", "x"), t.lon.astype(np.float32), {"units": "degrees_north", "standard_name": "longitude"})
    ds["Polar_Stereographic_Grid"] = ((), np.int32(0), {"proj4": words})
    edges = np.array([[d - hours(12), d + hours(12)] for d in ds["time"].values])
    ds["time_bnds"] = (("time", "nv"), edges)
    ds["time"] = ("time", edges[:, 1], {"bounds": "time_bnds"})  # the stamp is the end of the mean
    for name in manual:
        ds[name].encoding = {"_FillValue": np.float32(-1e14)}
    ds["time"].encoding["units"] = "days since 1900-01-01 00:00:00"
    write(ds, path, changes)
    return t


def nextsim_dg(path, **changes) -> Truth:
    """A diagnostic file in the form with groups: DG components, damage of intact ice, huge values on land."""
    t = truth()
    dims, component = ("time", "ydim", "xdim"), ("time", "ydim", "xdim", "dg_comp")
    land = -3.28e38
    intact = np.where(t.land, land, 1.0 - t.fields["sid"])

    def dg(field):
        return np.stack([field, 0.1 * np.ones_like(field), -0.2 * np.ones_like(field)], axis=-1)

    data = xr.Dataset(
        {
            "hice": (component, dg(t.on_land("sit", land))),
            "cice": (component, dg(t.on_land("sic", land))),
            "damage": (component, dg(intact)),
            "hsnow": (dims, t.on_land("snt", land)),
            "u": (dims, t.on_land("siu", land)),
            "v": (dims, t.on_land("siv", land)),
            "mask": (("ydim", "xdim"), (~t.land).astype(float)),
            "latitude": (("ydim", "xdim"), t.lat),
            "longitude": (("ydim", "xdim"), t.lon),
            "x": (("ydim", "xdim"), np.broadcast_to(t.x[None], t.lat.shape)),
            "y": (("ydim", "xdim"), np.broadcast_to(t.y[:, None], t.lat.shape)),
        },
    )
    seconds = cftime.date2num(days(), "seconds since 1970-01-01", calendar="standard")
    data["time"] = ("time", np.asarray(seconds, float))
    for change in changes.values():
        data = change(data)
    with netCDF4.Dataset(path, "w") as root:
        root.createGroup("structure").setncattr("type", "parametric_rectangular")
        meta = root.createGroup("metadata").createGroup("time")
        meta.createVariable("time", "i8")[...] = int(seconds[0])
        meta["time"].units = "seconds since 1970-01-01T00:00:00Z"
    data.to_netcdf(path, mode="a", group="data")
    return t


def cice(path, **changes) -> Truth:
    """A daily history file of CICE 6: names with _d, corners, positions missing on land, noleap, stamps at the end."""
    t, held = staggered(truth(), {"siu": (0.5, 0.5), "siv": (0.5, 0.5)})
    dims, fill = ("time", "nj", "ni"), np.float32(1e30)
    mean = {"cell_methods": "time: mean"}
    u, v = held["siu"], held["siv"]
    ds = xr.Dataset(
        {
            "aice_d": (dims, t.on_land("sic"), {"units": "1", "long_name": "ice area  (aggregate)", **mean}),
            "hi_d": (dims, t.on_land("sit"), {"units": "m", "long_name": "grid cell mean ice thickness", **mean}),
            "hs_d": (dims, t.on_land("snt"), {"units": "m", "long_name": "grid cell mean snow thickness", **mean}),
            "uvel_d": (
                dims,
                u,
                {"units": "m/s", "long_name": "ice velocity (x)", "coordinates": "ULON ULAT time", **mean},
            ),
            "vvel_d": (
                dims,
                v,
                {"units": "m/s", "long_name": "ice velocity (y)", "coordinates": "ULON ULAT time", **mean},
            ),
            "TLAT": (
                ("nj", "ni"),
                np.where(t.land, np.nan, t.lat),
                {"units": "degrees_north", "long_name": "T grid center latitude"},
            ),
            "TLON": (
                ("nj", "ni"),
                np.where(t.land, np.nan, t.lon % 360),
                {"units": "degrees_east", "long_name": "T grid center longitude"},
            ),
            "ULAT": (("nj", "ni"), t.lat - 1, {"units": "degrees_north"}),
            "ULON": (("nj", "ni"), t.lon % 360, {"units": "degrees_east"}),
            "tmask": (("nj", "ni"), (~t.land).astype(np.float32), {"long_name": "ocean grid mask"}),
            "tarea": (
                ("nj", "ni"),
                np.where(t.land, np.nan, 9e10),
                {"units": "m^2", "long_name": "area of T grid cells"},
            ),
        }
    )
    noon = days(calendar="noleap")
    edges = np.array([[d - hours(12), d + hours(12)] for d in noon])
    ds["time_bounds"] = (("time", "d2"), edges)
    ds["time"] = ("time", edges[:, 1], {"bounds": "time_bounds"})
    ds["time"].encoding |= {"units": "days since 0001-01-01 00:00:00", "calendar": "noleap"}
    for name in ("aice_d", "hi_d", "hs_d", "uvel_d", "vvel_d", "TLAT", "TLON", "tarea"):
        ds[name].encoding |= {"_FillValue": fill, "dtype": "float32"}
    for name in ("uvel_d", "vvel_d"):
        ds[name].encoding["coordinates"] = ds[name].attrs.pop("coordinates")
    write(ds, path, changes)
    return t


def cice_restart(path, grid, **changes) -> Truth:
    """A restart of CICE 6 with its grid file: five categories, no coordinates, the date in global attributes."""
    t, held = staggered(truth(times=1), {"siu": (0.5, 0.5), "siv": (0.5, 0.5)})
    share = np.array([0.1, 0.2, 0.3, 0.25, 0.15])[:, None, None]
    u, v = (np.nan_to_num(held[n][0]) for n in ("siu", "siv"))
    ds = xr.Dataset(
        {
            "aicen": (("ncat", "nj", "ni"), share * t.on_land("sic", 0.0)),
            "vicen": (("ncat", "nj", "ni"), share * t.on_land("sit", 0.0)),
            "vsnon": (("ncat", "nj", "ni"), share * t.on_land("snt", 0.0)),
            "uvel": (("nj", "ni"), u),
            "vvel": (("nj", "ni"), v),
        },
        attrs={"istep1": 8760, "myear": 2020, "mmonth": 3, "mday": 1, "msec": 43200},
    )
    write(ds, path, changes)
    corner_x, corner_y = t.x + 150e3, t.y + 150e3
    lat, lon = t.plane.inverse(corner_x[None, :], corner_y[:, None])
    xr.Dataset(
        {
            "ulat": (("ny", "nx"), np.deg2rad(lat), {"units": "rad"}),
            "ulon": (("ny", "nx"), np.deg2rad(lon), {"units": "rad"}),
            "kmt": (("ny", "nx"), (~t.land).astype(float), {"units": "1"}),
        }
    ).to_netcdf(grid)
    return t


def si3(path, **changes) -> Truth:
    """icemod of NEMO 4 through XIOS: sivolu, snvolu, siconc, drift on the faces, two times with bounds, no mask."""
    t, held = staggered(truth(), {"siu": (0, 0.5), "siv": (0.5, 0)})
    dims = ("time_counter", "y", "x")
    mean = {"cell_methods": "time: mean (interval: 3600 s)", "coordinates": "time_centered nav_lat nav_lon"}
    names = {
        "siconc": ("sic", "sea_ice_area_fraction", ""),
        "sivolu": ("sit", "sea_ice_thickness", "m"),
        "snvolu": ("snt", "surface_snow_thickness", "m"),
    }
    ds = xr.Dataset(
        {n: (dims, t.on_land(o), {"standard_name": s, "units": u, **mean}) for n, (o, s, u) in names.items()}
    )
    ds["sithic"] = (dims, off_land(t, t.per_ice("sit")), {"standard_name": "sea_ice_thickness", "units": "m", **mean})
    ds["sivelu"] = (dims, held["siu"], {"standard_name": "sea_ice_x_velocity", "units": "m/s", **mean})
    ds["sivelv"] = (dims, held["siv"], {"standard_name": "sea_ice_y_velocity", "units": "m/s", **mean})
    ds["nav_lat"] = (("y", "x"), t.lat.astype(np.float32), {"units": "degrees_north", "standard_name": "latitude"})
    ds["nav_lon"] = (("y", "x"), t.lon.astype(np.float32), {"units": "degrees_east", "standard_name": "longitude"})
    for name in [*names, "sithic", "sivelu", "sivelv"]:
        ds[name].encoding = {
            "_FillValue": np.float32(1e20),
            "dtype": "float32",
            "coordinates": ds[name].attrs.pop("coordinates"),
        }
    noon = np.array(days())
    ds["time_centered"] = ("time_counter", noon, {"bounds": "time_centered_bounds"})
    edges = np.array([[d - hours(12), d + hours(12)] for d in noon])
    ds["time_centered_bounds"] = (("time_counter", "axis_nbounds"), edges)
    ds["time_counter_bounds"] = (("time_counter", "axis_nbounds"), edges)
    ds["time_counter"] = ("time_counter", noon, {"bounds": "time_counter_bounds", "axis": "T", "standard_name": "time"})
    for name in ("time_counter", "time_centered"):
        ds[name].encoding["units"] = "seconds since 1900-01-01 00:00:00"
    write(ds, path, changes)
    return t


def si3_restart(path, mesh, **changes) -> Truth:
    """An ice restart of NEMO 4 with its mesh_mask: categories, faces, zeros on land; no mask, units or date."""
    t, held = staggered(truth(times=1), {"siu": (0, 0.5), "siv": (0.5, 0)})
    share = np.array([0.1, 0.2, 0.3, 0.25, 0.15])[None, :, None, None]
    by_category, surface = ("time_counter", "numcat", "y", "x"), ("time_counter", "y", "x")
    ds = xr.Dataset(
        {
            "nav_lat": (("y", "x"), np.where(t.land, 0.0, t.lat)),
            "nav_lon": (("y", "x"), np.where(t.land, 0.0, t.lon)),
            "a_i": (by_category, share * t.on_land("sic", 0.0)[:, None]),
            "v_i": (by_category, share * t.on_land("sit", 0.0)[:, None]),
            "v_s": (by_category, share * t.on_land("snt", 0.0)[:, None]),
            "u_ice": (surface, np.nan_to_num(held["siu"])),
            "v_ice": (surface, np.nan_to_num(held["siv"])),
            "kt_ice": ((), 1440.0),
        }
    )
    write(ds, path, changes)
    xr.Dataset(
        {
            "glamt": (("time_counter", "y", "x"), t.lon[None]),
            "gphit": (("time_counter", "y", "x"), t.lat[None]),
            "e1t": (("time_counter", "y", "x"), np.full((1, NY, NX), 3e5)),
            "e2t": (("time_counter", "y", "x"), np.full((1, NY, NX), 3e5)),
            "tmaskutil": (("time_counter", "y", "x"), (~t.land)[None].astype(np.int8)),
        }
    ).to_netcdf(mesh)
    return t


def cs2smos(path, **changes) -> Truth:
    """v2.06 l4sit: EASE2, km, packed integers, percent, thickness of the ice and its uncertainty, sensors beside it."""
    t = truth("EPSG:6931", 300e3, times=1)
    dims = ("time", "yc", "xc")
    thick = {"units": "m", "standard_name": "sea_ice_thickness", "grid_mapping": "Lambert_Azimuthal_Grid"}
    gone = np.where(t.fields["sic"] > 0, off_land(t, t.per_ice("sit")), np.nan)
    ds = xr.Dataset(
        {
            "analysis_sea_ice_thickness": (dims, gone, thick),
            "analysis_sea_ice_thickness_unc": (dims, 0.1 * gone, {"units": "m"}),
            "background_sea_ice_thickness": (dims, gone + 0.3, thick),
            "cryosat_sea_ice_thickness": (dims, gone - 0.2, thick),
            "sea_ice_concentration": (
                dims,
                100 * t.on_land("sic"),
                {"units": "%", "standard_name": "sea_ice_area_fraction", "grid_mapping": "Lambert_Azimuthal_Grid"},
            ),
            "Lambert_Azimuthal_Grid": (
                (),
                np.int32(0),
                {
                    "grid_mapping_name": "lambert_azimuthal_equal_area",
                    "longitude_of_projection_origin": 0.0,
                    "latitude_of_projection_origin": 90.0,
                    "false_easting": 0.0,
                    "false_northing": 0.0,
                    "semi_major_axis": 6378137.0,
                    "inverse_flattening": 298.257223563,
                    "proj4_string": "+proj=laea +lon_0=0 +datum=WGS84 +ellps=WGS84 +lat_0=90.0",
                },
            ),
            "lat": (("yc", "xc"), t.lat, {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": (("yc", "xc"), t.lon, {"units": "degrees_east", "standard_name": "longitude"}),
        },
        coords={
            "time": days(1),
            "yc": ("yc", t.y[::-1] / 1e3, {"units": "km", "standard_name": "projection_y_coordinate"}),
            "xc": ("xc", t.x / 1e3, {"units": "km", "standard_name": "projection_x_coordinate"}),
        },
    )
    for name in ("lat", "lon", *[n for n in ds.data_vars if ds[n].ndim == 3]):
        ds[name] = ds[name].isel(yc=slice(None, None, -1)).drop_vars("yc")  # rows from top to bottom
    ds = ds.assign_coords(yc=("yc", t.y[::-1] / 1e3, ds["yc"].attrs))
    for name in [n for n in ds.data_vars if ds[n].ndim == 3]:
        ds[name].encoding = packed(1e-3, "int32", -2147483647)
    ds["time_bnds"] = (("time", "nv"), np.array([[days(1)[0] - hours(84), days(1)[0] + hours(84)]]))
    ds["time"].attrs["bounds"] = "time_bnds"
    ds["time"].encoding["units"] = "seconds since 1978-01-01"
    write(ds, path, changes)
    return t


def osisaf(path, **changes) -> Truth:
    """OSI-450-a: EASE2, km, percent packed in 0.01, raw retrievals beside, status bits for land, lake and filters."""
    t = truth("EPSG:6931", 300e3, times=1)
    dims = ("time", "yc", "xc")
    ice = {"units": "%", "standard_name": "sea_ice_area_fraction", "grid_mapping": "Lambert_Azimuthal_Grid"}
    conc = 100 * t.on_land("sic")
    noise = np.where(conc == 100, 3.0, -2.0)
    flag = np.where(t.land, 1, 0) | np.where(t.fields["sic"] == 0, 4, 0) | np.where(t.lat > 85, 32, 0)
    flag[0, 0, 0] |= 8
    words = "land lake open_water_filter land_spill_over high_t2m spatial_interp temporal_interp max_ice_climatology"
    bits = np.array([1, 2, 4, 8, 16, 32, 64, -128], np.int8)
    ds = xr.Dataset(
        {
            "ice_conc": (dims, conc, ice),
            "raw_ice_conc_values": (dims, np.where((conc == 0) | (conc == 100), conc + noise, np.nan), ice),
            "total_standard_uncertainty": (dims, 0 * conc + 3.0, {"units": "%"}),
            "status_flag": (dims, flag.astype(np.int8), {"flag_masks": bits, "flag_meanings": words}),
            "Lambert_Azimuthal_Grid": (
                (),
                np.int32(0),
                {
                    "grid_mapping_name": "lambert_azimuthal_equal_area",
                    "longitude_of_projection_origin": 0.0,
                    "latitude_of_projection_origin": 90.0,
                    "false_easting": 0.0,
                    "false_northing": 0.0,
                    "semi_major_axis": 6378137.0,
                    "inverse_flattening": 298.257223563,
                },
            ),
            "lat": (("yc", "xc"), t.lat.astype(np.float32), {"units": "degrees_north", "standard_name": "latitude"}),
            "lon": (("yc", "xc"), t.lon.astype(np.float32), {"units": "degrees_east", "standard_name": "longitude"}),
        },
        coords={
            "time": days(1),
            "yc": ("yc", t.y / 1e3, {"units": "km", "standard_name": "projection_y_coordinate"}),
            "xc": ("xc", t.x / 1e3, {"units": "km", "standard_name": "projection_x_coordinate"}),
        },
    )
    for name in ("ice_conc", "raw_ice_conc_values", "total_standard_uncertainty"):
        ds[name].encoding = packed(0.01, "int32", -32767)
    ds["time"].encoding["units"] = "seconds since 1978-01-01 00:00:00"
    write(ds, path, changes)
    return t


def cf(path, **changes) -> Truth:
    """A file of anybody's model: CF names, a plane in metres, a mask, nothing to ask."""
    t = truth()
    dims = ("time", "y", "x")
    names = {
        "siconc": ("sic", "sea_ice_area_fraction", "1"),
        "sivol": ("sit", "sea_ice_thickness", "m"),
        "sisnvol": ("snt", "surface_snow_thickness", "m"),
        "usi": ("siu", "sea_ice_x_velocity", "m s-1"),
        "vsi": ("siv", "sea_ice_y_velocity", "m s-1"),
    }
    ds = xr.Dataset(
        {
            n: (dims, t.on_land(o), {"standard_name": s, "units": u, "grid_mapping": "crs"})
            for n, (o, s, u) in names.items()
        },
        coords={
            "time": days(),
            "y": ("y", t.y, {"units": "m", "standard_name": "projection_y_coordinate"}),
            "x": ("x", t.x, {"units": "m", "standard_name": "projection_x_coordinate"}),
        },
    )
    for name in ("sivol", "sisnvol"):
        ds[name].attrs["cell_methods"] = "area: mean time: point"
    ds["crs"] = ((), np.int32(0), t.plane.cf_attributes())
    ds["latitude"] = (("y", "x"), t.lat, {"units": "degrees_north", "standard_name": "latitude"})
    ds["longitude"] = (("y", "x"), t.lon, {"units": "degrees_east", "standard_name": "longitude"})
    ds["mask"] = (("y", "x"), (~t.land).astype(np.int8), {"long_name": "ocean mask, 1 = ocean"})
    ds["time"].encoding["units"] = "hours since 2000-01-01"
    write(ds, path, changes)
    return t
