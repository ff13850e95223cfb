"""Growth and melt of ice and snow on a slab ocean, every 6 h, cell by cell.

Zero-layer ice (Semtner 1976, J. Phys. Oceanogr. 6): the surface temperature T_s balances shortwave, longwave,
turbulent and conductive heat by Newton steps; above melting the surplus melts snow, then ice. The base grows or melts
by conduction against the ocean's heat. Leads close with Hibler's (1979) thickness h0 and open with half of the relative
thinning. Snow below the water line turns to ice. Damage heals with the cold of the surface; new ice is intact.
Ice below the least concentration is removed, its melting heat taken from the mixed layer. Sublimation cools the
surface but takes no mass.
"""

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.budget import TERMS, VolumeBudget
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.parameters import STEFAN_BOLTZMANN, ThermodynamicsParameters
from halocline.worlds.arctic.slab_ocean import open_water_heat_loss, saturation_humidity
from halocline.worlds.arctic.state import IceState
from halocline.worlds.arctic.weather.radiation import longwave_down

assert TERMS[:6] == ("congelation", "open_water_growth", "snow_ice", "surface_melt", "basal_melt", "cutoff")


def step_thermodynamics(
    domain: Domain, state: IceState, air: Atmosphere, budget: VolumeBudget, p: ThermodynamicsParameters
) -> None:
    """Advance ice, snow, damage and mixed layer by ``p.step_s``, in place, and book the volume changes."""
    inside = np.flatnonzero(domain.inner)
    wind = np.hypot(air.u10, air.v10)
    longwave = longwave_down(air.t2m, air.q2m, air.cloud)
    around = (air.t2m, air.q2m, wind, longwave, air.shortwave, air.snowfall, air.sst, domain.grid.area)
    columns = tuple(np.ascontiguousarray(values.ravel()[inside], np.float64) for values in around)
    prognostic = (state.sit, state.sic, state.snow, state.damage, state.surface, state.ocean)
    cells = tuple(values.ravel()[inside] for values in prognostic)
    booked = np.zeros(6)
    _columns(cells, columns, booked, p)
    for values, cell in zip(prognostic, cells, strict=True):
        values.reshape(-1)[inside] = cell
    budget.totals[:6] += booked
    open_sea = domain.ocean & ~domain.inner
    state.ocean[open_sea] = np.maximum(air.sst[open_sea], p.freezing)


@njit(cache=True, error_model="numpy")
def surface_albedo(thickness: float, snow: float, surface: float, p: ThermodynamicsParameters) -> float:
    """Return the albedo of ice with ``thickness`` and ``snow`` (m, per ice area) at ``surface`` K."""
    melting = min(1.0, max(0.0, surface - (p.melting - 1.0)))
    over_snow = p.albedo_snow + (p.albedo_snow_melting - p.albedo_snow) * melting
    bare = p.albedo_ice + (p.albedo_ice_melting - p.albedo_ice) * melting
    bare = p.albedo_water + (bare - p.albedo_water) * min(1.0, thickness / p.albedo_ramp)
    covered = snow / (snow + p.snow_patch)
    return bare + (over_snow - bare) * covered


@njit(cache=True, error_model="numpy")
def surface_balance(
    ts: float, thickness: float, snow: float, weather: tuple[float, ...], p: ThermodynamicsParameters
) -> tuple[float, float, float]:
    """Return (T_s after 4 Newton steps, conductive heat upwards W/m2, melting heat W/m2)."""
    air, q, wind, lw, sw = weather
    conductance = p.thickness_spread / (thickness / p.conductivity_ice + snow / p.conductivity_snow)
    absorbed = (1.0 - surface_albedo(thickness, snow, ts, p)) * sw + p.emissivity * lw
    speed = max(wind, p.least_wind)
    sensible = p.rho_air * p.cp_air * p.transfer * speed
    latent = p.rho_air * p.latent_sublimation * p.transfer * speed
    gain = 0.0
    for k in range(5):
        qs, slope = saturation_humidity(ts, True)
        gain = (
            absorbed
            - p.emissivity * STEFAN_BOLTZMANN * ts**4
            + sensible * (air - ts)
            + latent * (q - qs)
            + conductance * (p.freezing - ts)
        )
        if k < 4:
            loss = 4.0 * p.emissivity * STEFAN_BOLTZMANN * ts**3 + sensible + latent * slope + conductance
            ts = min(p.melting, ts + gain / loss)
    melt = gain if ts >= p.melting and gain > 0.0 else 0.0
    return ts, conductance * (p.freezing - ts), melt


@njit(cache=True, error_model="numpy")
def _columns(
    cells: tuple[np.ndarray, ...], around: tuple[np.ndarray, ...], booked: np.ndarray, p: ThermodynamicsParameters
) -> None:
    sit, sic, snow, damage, surface, ocean = cells
    t2m, q2m, wind, lw, sw, fall, sst, area = around
    dt = p.step_s
    melt_ice = p.rho_ice * p.latent_fusion
    melt_snow = p.rho_snow * p.latent_fusion
    heat_capacity = p.rho_water * p.cp_water * p.mixed_layer
    for i in range(sit.size):
        h, a, s, d, to = sit[i], sic[i], snow[i], damage[i], ocean[i]
        congelation = flooded = top_melt = base_melt = under_ice = 0.0
        weather = (t2m[i], q2m[i], wind[i], lw[i], sw[i])
        loss = open_water_heat_loss(to, weather, p)
        if a > 0.0:
            hi = h / a
            hs = s / a
            if t2m[i] < p.melting:
                hs += fall[i] * dt
            ts, up, melt = surface_balance(surface[i], max(hi, p.least_floe), hs, weather, p)
            surface[i] = ts
            heat = melt * dt
            snow_gone = min(hs, heat / melt_snow)
            hs -= snow_gone
            heat -= snow_gone * melt_snow
            top_melt = min(hi, heat / melt_ice)
            hi -= top_melt
            from_layer = p.rho_water * p.cp_water * p.ocean_exchange * max(0.0, to - p.freezing)
            base = (up - from_layer - p.ocean_background) * dt / melt_ice
            if base >= 0.0:
                congelation = base
            else:
                base_melt = min(hi, -base)
            hi += congelation - base_melt
            under_ice = from_layer
            sunk = (p.rho_snow * hs - (p.rho_water - p.rho_ice) * hi) / p.rho_water
            if sunk > 0.0:
                flooded = min(sunk, hs * p.rho_snow / p.rho_ice)
                hs -= flooded * p.rho_ice / p.rho_snow
                hi += flooded
            booked[0] += area[i] * a * congelation
            booked[2] += area[i] * a * flooded
            booked[3] -= area[i] * a * top_melt
            booked[4] -= area[i] * a * base_melt
            h_new = hi * a
            s = hs * a
            d = max(0.0, d - dt / p.healing * max(0.0, p.freezing - ts) / p.healing_cooling)
            if h_new < h:
                a *= 1.0 - 0.5 * (h - h_new) / h
            h = h_new
        weight = dt / p.sst_relaxation
        to = to - ((1.0 - a) * loss + a * under_ice) * dt / heat_capacity
        to = (to + weight * sst[i]) / (1.0 + weight)
        if to < p.freezing:
            new = (p.freezing - to) * heat_capacity / melt_ice
            grown = min(1.0 - a, new / p.lead_closing)
            if a + grown >= p.least_concentration:  # else the water stays supercooled by some mK until there is enough
                d *= a / (a + grown)
                a += grown
                h += new
                to = p.freezing
                booked[1] += area[i] * new
        if a > 0.0 and h < p.least_floe * a:
            a = h / p.least_floe
        if a < p.least_concentration and h > 0.0:
            booked[5] -= area[i] * h
            to -= (h * melt_ice + s * melt_snow) / heat_capacity
            h = a = 0.0
        if a < p.least_concentration:
            h = a = s = d = 0.0
            surface[i] = p.freezing
        sit[i], sic[i], snow[i], damage[i], ocean[i] = h, a, s, d, to
