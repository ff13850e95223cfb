"""The training states that fit the observations best: analogues."""

import heapq

import numpy as np

from halocline.analysis.methods.base import METHODS, Prior, Settings, Updating
from halocline.data.fields.calendar import mean_year_days
from halocline.data.store.nearest import season
from halocline.data.store.splits import samples_of
from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError, InputError

_SEASON = 30.0  # days around the date from which analogues come


class Nearest(Updating):
    """The states of a store's training years, within 30 days of the date, of the least (y - H(x))^2 / sigma^2.

    Source: analogues as in Lorenz 1969, J. Atmos. Sci. 26, 636; here by the misfit to the observations.
    """

    uses = ("data",)

    def update(self, prior: Prior, settings: Settings) -> np.ndarray:
        """Return as many training states as the prior has members, the nearest first."""
        if settings.data is None:
            raise ConfigError(
                "data",
                found="no store",
                expected="the store that the model was trained on",
                remedy="Give --data DATA.zarr.",
            )
        store, channels = open_store(settings.data), prior.generator.codec.channels
        if missing := [name for name in channels if name not in store.channels]:
            raise InputError(
                f"store {settings.data}",
                found=f"no {', '.join(missing)}",
                expected=", ".join(channels),
                remedy="Give the store that the model was trained on.",
            )
        if store.grid.shape != prior.generator.grid.shape:
            raise InputError(
                f"grid of {settings.data}",
                found=store.grid.shape,
                expected=f"the model's, {prior.generator.grid.shape}",
                remedy="Give the store that the model was trained on.",
            )
        at = [store.channels.index(name) for name in channels]
        pairs, year = samples_of(store, "train"), mean_year_days(store.calendar)
        if prior.day is not None:
            days = np.array([store.day_of_year(index) for _, index in pairs])
            near = season(days, prior.day, year) * year <= _SEASON
            pairs = [pair for pair, wanted in zip(pairs, near, strict=True) if wanted]
        count, table = len(prior.states), prior.table
        best: list[tuple[float, int, np.ndarray]] = []
        for number, pair in enumerate(pairs):
            state = store.read(*pair)[at]
            d = (table.value - prior.operator.of_arrays(state[None])[0]) / table.sigma
            heapq.heappush(best, (-float(d @ d), number, state))
            if len(best) > count:
                heapq.heappop(best)
        if len(best) < count:
            raise InputError(
                f"store {settings.data}",
                found=f"{len(best)} training states around the date",
                expected=f"at least {count}, one a member",
                remedy="Ask for fewer members.",
            )
        return np.stack([state for _, _, state in sorted(best, key=lambda row: -row[0])])


METHODS.register("nearest")(Nearest())
