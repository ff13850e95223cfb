"""Growth and melt of ice and snow on a slab ocean, every 6 h, cell by cell.

Zero-layer ice (Semtner 1976, J. Phys. Oceanogr. 6): the surface temperature T_s balances shortwave, longwave,
turbulent and conductive heat by Newton steps; above melting the surplus melts snow, then ice. The base grows or melts
by conduction against the ocean's heat. Leads close with Hibler's (1979) thickness h0 and open with half of the relative
thinning. Snow below the water line turns to ice. Damage heals with the cold of the surface; new ice is intact.
Ice below the least concentration is removed, its melting heat taken from the mixed layer. Sublimation cools the
surface but takes no mass.
"""

from dataclasses import astuple, fields

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.budget import TERMS, VolumeBudget
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.parameters import STEFAN_BOLTZMANN, ThermodynamicsParameters
from halocline.worlds.arctic.slab_ocean import open_water_heat_loss, saturation_humidity
from halocline.worlds.arctic.state import IceState
from halocline.worlds.arctic.weather.radiation import longwave_down

_NAMES = {field.name: k for k, field in enumerate(fields(ThermodynamicsParameters))}
assert TERMS[:6] == ("congelation", "open_water_growth", "snow_ice", "surface_melt", "basal_melt", "cutoff")


def step_thermodynamics(
    domain: Domain, state: IceState, air: Atmosphere, budget: VolumeBudget, p: ThermodynamicsParameters
) -> None:
    """Advance ice, snow, damage and mixed layer by ``p.step_s``, in place, and book the volume changes."""
    inside = np.flatnonzero(domain.inner)
    wind = np.hypot(air.u10, air.v10)
    longwave = longwave_down(air.t2m, air.q2m, air.cloud)
    columns = [
        np.ascontiguousarray(values.ravel()[inside], np.float64)
        for values in (air.t2m, air.q2m, wind, longwave, air.shortwave, air.snowfall, air.sst, domain.grid.area)
    ]
    prognostic = (state.sit, state.sic, state.snow, state.damage, state.surface, state.ocean)
    cells = [values.ravel()[inside] for values in prognostic]
    booked = np.zeros(6)
    _columns(*cells, *columns, booked, np.array(astuple(p)))  # type: ignore[call-arg]
    for values, cell in zip(prognostic, cells, strict=True):
        values.reshape(-1)[inside] = cell
    budget.totals[:6] += booked
    _open_sea_outside(domain, state, air, p)


def _open_sea_outside(domain: Domain, state: IceState, air: Atmosphere, p: ThermodynamicsParameters) -> None:
    ring = domain.ocean & ~domain.inner
    state.ocean[ring] = np.maximum(air.sst[ring], p.freezing)


# Positions of the parameters inside the flat array: numba takes them as compile-time constants.
_DT, _RHO_I, _RHO_S, _RHO_W = (_NAMES[n] for n in ("step_s", "rho_ice", "rho_snow", "rho_water"))
_RHO_A, _LF, _LS, _CPA, _CPW = (
    _NAMES[n] for n in ("rho_air", "latent_fusion", "latent_sublimation", "cp_air", "cp_water")
)
_TF, _TM, _KI, _KS, _SPREAD = (
    _NAMES[n] for n in ("freezing", "melting", "conductivity_ice", "conductivity_snow", "thickness_spread")
)
_CH, _WMIN, _EPS = (_NAMES[n] for n in ("transfer", "least_wind", "emissivity"))
_AS, _ASM, _AI, _AIM, _AW, _RAMP, _PATCH = (
    _NAMES[n]
    for n in (
        "albedo_snow",
        "albedo_snow_melting",
        "albedo_ice",
        "albedo_ice_melting",
        "albedo_water",
        "albedo_ramp",
        "snow_patch",
    )
)
_H0, _AMIN, _HMIN = (_NAMES[n] for n in ("lead_closing", "least_concentration", "least_floe"))
_MLD, _TSST, _EXCHANGE, _DEEP = (
    _NAMES[n] for n in ("mixed_layer", "sst_relaxation", "ocean_exchange", "ocean_background")
)
_HEAL, _HEALT, _LV = (_NAMES[n] for n in ("healing", "healing_cooling", "latent_vapour"))


@njit(cache=True, error_model="numpy")
def surface_albedo(thickness: float, snow: float, surface: float, c: np.ndarray) -> float:
    """Return the albedo of ice with ``thickness`` and ``snow`` (m, per ice area) at ``surface`` K."""
    melting = min(1.0, max(0.0, surface - (c[_TM] - 1.0)))
    over_snow = c[_AS] + (c[_ASM] - c[_AS]) * melting
    bare = c[_AI] + (c[_AIM] - c[_AI]) * melting
    bare = c[_AW] + (bare - c[_AW]) * min(1.0, thickness / c[_RAMP])
    covered = snow / (snow + c[_PATCH])
    return bare + (over_snow - bare) * covered


@njit(cache=True, error_model="numpy")
def surface_balance(
    ts: float, thickness: float, snow: float, air: float, q: float, wind: float, lw: float, sw: float, c: np.ndarray
) -> tuple[float, float, float]:
    """Return (T_s after 4 Newton steps, conductive heat upwards W/m2, melting heat W/m2)."""
    conductance = c[_SPREAD] / (thickness / c[_KI] + snow / c[_KS])
    absorbed = (1.0 - surface_albedo(thickness, snow, ts, c)) * sw + c[_EPS] * lw
    speed = max(wind, c[_WMIN])
    sensible = c[_RHO_A] * c[_CPA] * c[_CH] * speed
    latent = c[_RHO_A] * c[_LS] * c[_CH] * speed
    gain = 0.0
    for k in range(5):
        qs, slope = saturation_humidity(ts, True)
        gain = (
            absorbed
            - c[_EPS] * STEFAN_BOLTZMANN * ts**4
            + sensible * (air - ts)
            + latent * (q - qs)
            + conductance * (c[_TF] - ts)
        )
        if k < 4:
            loss = 4.0 * c[_EPS] * STEFAN_BOLTZMANN * ts**3 + sensible + latent * slope + conductance
            ts = min(c[_TM], ts + gain / loss)
    melt = gain if ts >= c[_TM] and gain > 0.0 else 0.0
    return ts, conductance * (c[_TF] - ts), melt


@njit(cache=True, error_model="numpy")
def _columns(
    sit: np.ndarray,
    sic: np.ndarray,
    snow: np.ndarray,
    damage: np.ndarray,
    surface: np.ndarray,
    ocean: np.ndarray,
    t2m: np.ndarray,
    q2m: np.ndarray,
    wind: np.ndarray,
    lw: np.ndarray,
    sw: np.ndarray,
    fall: np.ndarray,
    sst: np.ndarray,
    area: np.ndarray,
    booked: np.ndarray,
    c: np.ndarray,
) -> None:
    dt = c[_DT]
    melt_ice = c[_RHO_I] * c[_LF]
    melt_snow = c[_RHO_S] * c[_LF]
    heat_capacity = c[_RHO_W] * c[_CPW] * c[_MLD]
    for i in range(sit.size):
        h, a, s, d, to = sit[i], sic[i], snow[i], damage[i], ocean[i]
        congelation = flooded = top_melt = base_melt = under_ice = 0.0
        loss = open_water_heat_loss(to, t2m[i], q2m[i], wind[i], lw[i], sw[i], c)
        if a > 0.0:
            hi = h / a
            hs = s / a
            if t2m[i] < c[_TM]:
                hs += fall[i] * dt
            ts, up, melt = surface_balance(surface[i], max(hi, c[_HMIN]), hs, t2m[i], q2m[i], wind[i], lw[i], sw[i], c)
            surface[i] = ts
            heat = melt * dt
            snow_gone = min(hs, heat / melt_snow)
            hs -= snow_gone
            heat -= snow_gone * melt_snow
            top_melt = min(hi, heat / melt_ice)
            hi -= top_melt
            from_layer = c[_RHO_W] * c[_CPW] * c[_EXCHANGE] * max(0.0, to - c[_TF])
            base = (up - from_layer - c[_DEEP]) * dt / melt_ice
            if base >= 0.0:
                congelation = base
            else:
                base_melt = min(hi, -base)
            hi += congelation - base_melt
            under_ice = from_layer
            sunk = (c[_RHO_S] * hs - (c[_RHO_W] - c[_RHO_I]) * hi) / c[_RHO_W]
            if sunk > 0.0:
                flooded = min(sunk, hs * c[_RHO_S] / c[_RHO_I])
                hs -= flooded * c[_RHO_I] / c[_RHO_S]
                hi += flooded
            booked[0] += area[i] * a * congelation
            booked[2] += area[i] * a * flooded
            booked[3] -= area[i] * a * top_melt
            booked[4] -= area[i] * a * base_melt
            h_new = hi * a
            s = hs * a
            d = max(0.0, d - dt / c[_HEAL] * max(0.0, c[_TF] - ts) / c[_HEALT])
            if h_new < h:
                a *= 1.0 - 0.5 * (h - h_new) / h
            h = h_new
        weight = dt / c[_TSST]
        to = to - ((1.0 - a) * loss + a * under_ice) * dt / heat_capacity
        to = (to + weight * sst[i]) / (1.0 + weight)
        if to < c[_TF]:
            new = (c[_TF] - to) * heat_capacity / melt_ice
            grown = min(1.0 - a, new / c[_H0])
            if a + grown >= c[_AMIN]:  # else the water stays supercooled by some mK until there is enough
                d *= a / (a + grown)
                a += grown
                h += new
                to = c[_TF]
                booked[1] += area[i] * new
        if a > 0.0 and h < c[_HMIN] * a:
            a = h / c[_HMIN]
        if a < c[_AMIN] and h > 0.0:
            booked[5] -= area[i] * h
            to -= (h * melt_ice + s * melt_snow) / heat_capacity
            h = a = 0.0
        if a < c[_AMIN]:
            h = a = s = d = 0.0
            surface[i] = c[_TF]
        sit[i], sic[i], snow[i], damage[i], ocean[i] = h, a, s, d, to
