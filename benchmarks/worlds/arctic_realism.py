"""Is the Arctic world like the Arctic? Seasons, drift, deformation, damage; mEVP and free drift beside as controls.

    python benchmarks/worlds/arctic_realism.py --work /tmp/arctic --pictures docs/pictures

simulates (once; the stores in --work are used again) a brittle run, then one year each of the three rheologies from the
same restart under the same weather, and prints the tables of docs/explanation/arctic-world.md and draws its pictures.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cmocean
import matplotlib.pyplot as plt
import numpy as np
import safetensors.numpy
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore, open_store
from halocline.worlds.arctic.budget import TERMS
from halocline.worlds.arctic.member import final_restart
from halocline.worlds.arctic.run import simulate

RHEOLOGIES = ("bbm", "mevp", "freedrift")
MONTH_ENDS = np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
DAY = 86400.0
NAMES = {"bbm": "BBM", "mevp": "mEVP", "freedrift": "free drift"}


def make_stores(work: Path, resolution: int, years: int, seed: int) -> dict[str, Path]:
    """Simulate what is missing; return the stores by name."""
    work.mkdir(parents=True, exist_ok=True)
    stores = {"long": work / f"long-{resolution}.zarr"}
    simulate(stores["long"], resolution_km=resolution, years=years, seed=seed, interval_hours=24)
    start = final_restart(stores["long"], 0)
    for name in RHEOLOGIES:
        stores[name] = work / f"{name}-{resolution}.zarr"
        simulate(
            stores[name],
            resolution_km=resolution,
            years=1,
            seed=seed + 1,
            interval_hours=6,
            rheology=name,
            start=start,
        )
    return stores


def months(store: StateStore) -> np.ndarray:
    """Return the month 0..11 of each time."""
    day = store.hours % 8760 / 24.0
    return np.searchsorted(MONTH_ENDS, day, side="right")


def seasonal_cycle(store: StateStore) -> tuple[np.ndarray, np.ndarray]:
    """Return daily extent (million km2) and volume (thousand km3), (time,)."""
    extent, volume = [], []
    for k in range(len(store.hours)):
        sit, sic = store.read(0, k)[:2]
        extent.append(store.grid.area[sic > 0.15].sum() / 1e12)
        volume.append((sit * store.grid.area).sum() / 1e12)
    return np.array(extent), np.array(volume)


@dataclass
class Winter:
    """Daily means of one winter, January to mid-March, north of 72 N: arrays (day, y, x)."""

    u: np.ndarray
    v: np.ndarray
    wind_u: np.ndarray
    wind_v: np.ndarray
    sid: np.ndarray
    pack: np.ndarray
    spacing: float
    lat: np.ndarray


def read_winter(store: StateStore, days: int = 75) -> Winter:
    """Read the first ``days`` days of a 6-hourly store and form daily means."""
    index = {name: k for k, name in enumerate(store.channels)}
    daily = []
    for day in range(days):
        daily.append(np.mean([store.read(0, 4 * day + k) for k in range(4)], axis=0))
    fields = np.stack(daily)

    def get(name: str) -> np.ndarray:
        return fields[:, index[name]]

    pack = (get("sic") > 0.8) & (store.grid.lat > 72.0)
    return Winter(get("siu"), get("siv"), get("u10"), get("v10"), get("sid"), pack, store.grid.spacing, store.grid.lat)


def gradients(w: Winter) -> tuple[np.ndarray, np.ndarray]:
    """Return velocity gradients (4, day, y - 1, x - 1) in 1/day from 2 x 2 centres, and where all four are pack."""

    def gradient(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b, c, d = q[:, :-1, :-1], q[:, :-1, 1:], q[:, 1:, :-1], q[:, 1:, 1:]
        scale = DAY / (2.0 * w.spacing)
        return (b + d - a - c) * scale, (c + d - a - b) * scale

    p = w.pack
    valid = p[:, :-1, :-1] & p[:, :-1, 1:] & p[:, 1:, :-1] & p[:, 1:, 1:]
    return np.stack([*gradient(w.u), *gradient(w.v)]), valid


def deformation(g: np.ndarray) -> np.ndarray:
    """Return the total deformation of gradients (4, ...), 1/day."""
    ux, uy, vx, vy = g
    return np.sqrt((ux + vy) ** 2 + (ux - vy) ** 2 + (uy + vx) ** 2)


def scaling(g: np.ndarray, valid: np.ndarray, spacing: float) -> tuple[np.ndarray, np.ndarray]:
    """Return (scales km, <deformation^q> at each for q = 1, 2, 3), gradients averaged over boxes at least 3/4 pack."""
    scales, moments = [], []
    for size in (1, 2, 4, 8, 16):
        if size * spacing > 850e3:
            break
        ny, nx = (n // size * size for n in g.shape[2:])
        shape = (-1, ny // size, size, nx // size, size)
        weight = valid[:, :ny, :nx].reshape(shape).astype(float)
        boxes = np.stack(
            [(c[:, :ny, :nx].reshape(shape) * weight).sum((2, 4)) / np.maximum(weight.sum((2, 4)), 1) for c in g]
        )
        full = weight.mean((2, 4)) >= 0.75
        eps = deformation(boxes)[full]
        scales.append(size * spacing / 1e3)
        moments.append([np.mean(eps**q) for q in (1, 2, 3)])
    return np.array(scales), np.array(moments).T


def tail_slope(eps: np.ndarray) -> float:
    """Return the log-log slope of the density between the 95th and the 99.9th percentile."""
    edges = np.geomspace(*np.percentile(eps, [95, 99.9]), 12)
    density = np.histogram(eps, edges)[0] / np.diff(edges)
    centre = np.sqrt(edges[1:] * edges[:-1])
    return float(np.polyfit(np.log(centre[density > 0]), np.log(density[density > 0]), 1)[0])


def wind_relation(w: Winter) -> tuple[float, float, float]:
    """Return (drift over wind, turning to the right in degrees, R2) of a complex regression north of 76 N."""
    where = w.pack & (w.lat > 76.0)
    ice, wind = (w.u + 1j * w.v)[where], (w.wind_u + 1j * w.wind_v)[where]
    ice, wind = ice - ice.mean(), wind - wind.mean()
    factor = (np.conj(wind) * ice).mean() / (np.abs(wind) ** 2).mean()
    r2 = 1.0 - (np.abs(ice - factor * wind) ** 2).mean() / (np.abs(ice) ** 2).mean()
    return float(abs(factor)), float(-np.rad2deg(np.angle(factor))), float(r2)


def describe(name: str, store: StateStore) -> dict[str, float]:
    """Print one row of the control table; return its numbers."""
    w = read_winter(store)
    g, valid = gradients(w)
    eps = deformation(g)[valid]
    scales, moments = scaling(g, valid, w.spacing)
    beta = [np.polyfit(np.log(scales), np.log(m), 1)[0] for m in moments]
    speed = np.hypot(w.u, w.v)[w.pack] * 100
    factor, turn, r2 = wind_relation(w)
    sid = "{:.2f} {:.2f} {:.2f}".format(*np.percentile(w.sid[w.pack], [10, 50, 90])) if name == "bbm" else "none"
    thickest = max(float(store.read(0, k)[0].max()) for k in range(0, len(store.hours), 40))
    print(
        f"| {NAMES[name]} | {beta[0]:.2f} / {beta[1]:.2f} / {beta[2]:.2f} "
        f"| {eps.mean() * 100:.1f} / {np.median(eps) * 100:.1f} / {np.percentile(eps, 99) * 100:.0f} "
        f"| {tail_slope(eps):.1f} | {speed.mean():.1f} | {(speed < 1).mean():.2f} "
        f"| {factor * 100:.2f} %, {turn:.0f} deg, {r2:.2f} | {sid} | {thickest:.1f} |"
    )
    return {"beta1": beta[0], "r2": r2, "speed": float(speed.mean())}


def print_seasons(store: StateStore) -> None:
    """Print monthly extent and volume of each year, and the shares of exact values."""
    extent, volume = seasonal_cycle(store)
    month, year = months(store), store.years()
    print("\n| year | extent March | extent September | volume April | volume September |\n|---|---|---|---|---|")
    for y in range(int(year.max()) + 1):
        row = [v[(year == y) & (month == m)].mean() for v, m in ((extent, 2), (extent, 8), (volume, 3), (volume, 8))]
        print(f"| {y + 1} | {row[0]:.1f} | {row[1]:.1f} | {row[2]:.1f} | {row[3]:.1f} |")
    ocean = store.grid.mask
    print("\n| share of ocean cells | SIT = 0 | SIC = 1 | SIC > 0.99 | SID = 0 | marginal ice, 0.15 < SIC < 0.8 |")
    print("|---|---|---|---|---|---|")
    for name, m in (("March", 2), ("September", 8)):
        states = np.stack([store.read(0, int(k))[:, ocean] for k in np.flatnonzero(month == m)[::5]])
        sit, sic, sid = states[:, 0], states[:, 1], states[:, 2]
        shares = [sit == 0, sic == 1, sic > 0.99, sid == 0, (sic > 0.15) & (sic < 0.8)]
        print(f"| {name} | " + " | ".join(f"{s.mean():.2f}" for s in shares) + " |")


def print_budget(path: Path, grid: Grid, years: int) -> None:
    """Print the mean yearly volume budget of the whole run (spin-up included) and how well it closes."""
    end = safetensors.numpy.load_file(final_restart(path, 0))
    change = (end["state_volume"] * grid.area).sum() - end["start_volume"][0]
    print("\n| term | km3 per year |\n|---|---|")
    for name, value in zip(TERMS, end["budget"], strict=True):
        print(f"| {name} | {value / years / 1e9:.0f} |")
    residual = abs(end["budget"].sum() - change) / (end["state_volume"] * grid.area).sum()
    print(f"| change of volume | {change / years / 1e9:.0f} |\n\nresidual over volume: {residual:.1e}")


def draw_seasons(store: StateStore, file: Path) -> None:
    """Draw extent and volume of all years with the bands of the acceptance tests."""
    extent, volume = seasonal_cycle(store)
    day, year = store.hours % 8760 / 24.0, store.years()
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), constrained_layout=True)
    bands = (((74, 13, 16), (258, 4, 8)), ((105, 22, 32),))
    for axis, values, title, band in zip(
        axes, (extent, volume), ("extent, million km$^2$", "volume, thousand km$^3$"), bands, strict=True
    ):
        for y in range(int(year.max()) + 1):
            axis.plot(day[year == y], values[year == y], lw=1, label=f"year {y + 1}")
        for middle, low, high in band:
            axis.fill_between([middle - 15, middle + 15], low, high, color="0.85", zorder=0)
        axis.set(title=title, xlabel="day of the year", ylim=(0, None), xlim=(0, 365))
    axes[0].legend(frameon=False, fontsize=8)
    save(figure, file)


def panel(axis: plt.Axes, store: StateStore, values: np.ndarray, **kwargs: object) -> object:
    """Draw one map; land is grey."""
    axis.set_facecolor("0.75")
    shown = np.where(store.grid.mask, values, np.nan)
    image = axis.imshow(shown, origin="lower", interpolation="nearest", **kwargs)
    axis.set(xticks=[], yticks=[])
    return image


def draw_maps(store: StateStore, file: Path) -> None:
    """Draw thickness, concentration, damage and drift speed in mid-March and mid-September of the last year."""
    kinds = (
        ("SIT, m", lambda s: s[0], {"vmin": 0, "vmax": 4, "cmap": cmocean.cm.dense}),
        ("SIC", lambda s: s[1], {"vmin": 0, "vmax": 1, "cmap": cmocean.cm.ice}),
        ("SID", lambda s: np.where(s[1] > 0, s[2], np.nan), {"vmin": 0.5, "vmax": 1, "cmap": cmocean.cm.amp}),
        ("drift, cm/s", lambda s: 100 * np.hypot(s[3], s[4]), {"vmin": 0, "vmax": 20, "cmap": cmocean.cm.speed}),
    )
    figure, axes = plt.subplots(2, 4, figsize=(10, 5.2), constrained_layout=True)
    for row, (day, name) in enumerate(((74, "15 March"), (258, "15 September"))):
        index = int(np.argmin(np.abs(store.hours - (int(store.years().max()) * 8760 + day * 24))))
        state = store.read(0, index)
        for axis, (title, pick, look) in zip(axes[row], kinds, strict=True):
            image = panel(axis, store, pick(state), **look)
            axis.set_title(f"{title}, {name}" if title.startswith("SIT") else title, fontsize=9)
            figure.colorbar(image, ax=axis, shrink=0.7)
    save(figure, file)


def draw_deformation(stores: dict[str, StateStore], file: Path, day: int = 60) -> None:
    """Draw one day's deformation of the three rheologies, and the damage of the brittle one."""
    figure, axes = plt.subplots(1, 4, figsize=(11, 3.1), constrained_layout=True)
    for axis, name in zip(axes, RHEOLOGIES, strict=False):
        w = read_winter(stores[name], day + 1)
        g, _ = gradients(w)
        eps = np.full(w.u.shape[1:], np.nan)
        eps[:-1, :-1] = deformation(g)[day] * 100
        sic = stores[name].read(0, 4 * day)[1]
        image = panel(axis, stores[name], np.where(sic > 0.5, eps, np.nan), vmin=0, vmax=12, cmap=cmocean.cm.thermal)
        axis.set_title(f"deformation, {NAMES[name]}", fontsize=9)
    figure.colorbar(image, ax=axes[2], shrink=0.8, label="% per day")
    state = stores["bbm"].read(0, 4 * day + 3)
    image = panel(
        axes[3],
        stores["bbm"],
        np.log10(np.where(state[1] > 0, 1 - state[2], np.nan)),
        vmin=-2,
        vmax=0,
        cmap=cmocean.cm.ice,
    )
    axes[3].set_title("log10(1 - SID), BBM", fontsize=9)
    figure.colorbar(image, ax=axes[3], shrink=0.8)
    save(figure, file)


def draw_statistics(stores: dict[str, StateStore], file: Path) -> None:
    """Draw deformation densities and the scaling of the mean for the three rheologies, and the damage density."""
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), constrained_layout=True)
    for name in RHEOLOGIES:
        w = read_winter(stores[name])
        g, valid = gradients(w)
        eps = deformation(g)[valid]
        edges = np.geomspace(1e-4, 2.0, 45)
        density = np.histogram(eps, edges)[0] / np.diff(edges) / eps.size
        axes[0].loglog(np.sqrt(edges[1:] * edges[:-1]), density, label=NAMES[name])
        scales, moments = scaling(g, valid, w.spacing)
        slope = np.polyfit(np.log(scales), np.log(moments[0]), 1)[0]
        axes[1].loglog(scales, moments[0] * 100, "o-", label=f"{NAMES[name]}, {slope:.2f}")
        if name == "bbm":
            axes[2].hist(w.sid[w.pack], np.linspace(0, 1, 51), density=True)
    tail = np.array([0.1, 0.6])
    axes[0].loglog(tail, 3e-4 * tail**-3.0, "k--", lw=1, label="slope -3")
    axes[0].set(xlabel="total deformation, 1/day", title="density", ylim=(1e-5, None))
    axes[1].set(xlabel="scale, km", title="mean deformation, % per day")
    for axis, ticks in ((axes[1].xaxis, (50, 100, 200, 400, 800)), (axes[1].yaxis, (1, 2, 5))):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_locator(NullLocator())
    axes[2].set(xlabel="SID", title="damage in the pack, BBM")
    axes[0].legend(frameon=False, fontsize=8)
    axes[1].legend(frameon=False, fontsize=8)
    save(figure, file)


def save(figure: plt.Figure, file: Path) -> None:
    """Write a small PNG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=88)
    plt.close(figure)
    print(f"{file}: {file.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Simulate, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for the stores")
    parser.add_argument("--resolution", type=int, default=50)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--pictures", type=Path, default=None, help="folder for the pictures; none without")
    options = parser.parse_args()
    paths = make_stores(options.work, options.resolution, options.years, options.seed)
    stores = {name: open_store(path) for name, path in paths.items()}
    print_seasons(stores["long"])
    print_budget(paths["long"], stores["long"].grid, options.years + 1)
    print(
        "\n| rheology | beta q = 1 / 2 / 3 | mean / median / p99 deformation, %/day | tail slope | drift cm/s "
        "| share < 1 cm/s | drift over wind, turn, R2 | SID p10 p50 p90 | thickest m |\n" + "|---" * 9 + "|"
    )
    for name in RHEOLOGIES:
        describe(name, stores[name])
    if options.pictures is not None:
        draw_seasons(stores["long"], options.pictures / "arctic-seasons.png")
        draw_maps(stores["long"], options.pictures / "arctic-maps.png")
        draw_deformation(stores, options.pictures / "arctic-deformation.png")
        draw_statistics(stores, options.pictures / "arctic-statistics.png")


if __name__ == "__main__":
    main()
