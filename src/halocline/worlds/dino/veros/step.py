# SPDX-License-Identifier: GPL-3.0-or-later
"""One whole Veros step as one function, so that JAX compiles it as one program; on NumPy the same function runs as is.

Veros dispatches some thirty kernels a step, which on small grids costs more than their work. Here Veros's own routines
are called one after the other with three replacements: forcing comes as a row of numbers, the lid is rigid (lid.py),
and the three time levels are rolled instead of renumbered, so that their indices are constants of the compiled program.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from veros import runtime_settings
from veros.core import advection, eke, momentum, thermodynamics, tke, utilities
from veros.core import friction as friction_module
from veros.core.external.solve_pressure import barotropic_velocity_update, prepare_forcing
from veros.core.operators import at, update
from veros.core.operators import numpy as npx

from halocline.physics.water_masses import HEAT_CAPACITY
from halocline.worlds.dino.climate import FREEZING, HEAT_FEEDBACK, SALT_FEEDBACK, STRESS_FOR_MIXING
from halocline.worlds.dino.veros.lid import make_lid_solver
from halocline.worlds.dino.veros.setup import DinoSetup, with_halo

_FROZEN = ("temp", "salt", "dtemp", "dsalt", "rho", "prho", "Nsqr")
"""Left as they were by a frozen step: momentum and turbulence adjust to a fixed stratification."""


class Ocean:
    """A Veros model of DINO that is stepped in chunks.

    Attributes:
        model: The setup, with its state.
        lat: Latitudes of the rows (y,).

    Args:
        model: The setup, before ``setup()``.
        patterns: Weather patterns (mode, y, x).
        chunk: Most steps a call.
    """

    def __init__(self, model: DinoSetup, patterns: np.ndarray, chunk: int) -> None:
        model.setup()
        self._chunk = chunk
        self.model, self.state = model, model.state
        vs = self.state.variables
        with vs.unlock():
            vs.taum1, vs.tau, vs.taup1 = 0, 1, 2
        self._patterns = npx.asarray(np.stack([with_halo(p.T) for p in patterns]))
        self._lid = make_lid_solver(vs, runtime_settings.backend)
        names = [name for name, value in vs.items() if value is not None and hasattr(value, "shape")]
        before = {name: getattr(vs, name) for name in names}
        self._step_names = self._changed(before)
        self._static = {k: v for k, v in before.items() if k not in self._step_names}
        self.pristine = {k: before[k] for k in self._step_names}
        self._run = self._compile()

    def advance(
        self, fields: dict[str, Any], profiles: np.ndarray, weather: np.ndarray, frozen: bool = False
    ) -> dict[str, Any]:
        """Return the fields after ``len(profiles)`` steps.

        Args:
            fields: Veros variables that change, by name; from ``pristine`` or a former call.
            profiles: (step, 3, y): zonal stress (Pa), restoring temperature (degC), restoring salinity (psu).
            weather: (step, 3, mode).
            frozen: Hold temperature and salinity.
        """
        steps = len(profiles)
        haloed = np.concatenate([profiles[..., :1]] * 2 + [profiles] + [profiles[..., -1:]] * 2, axis=-1)
        fill = ((0, self._chunk - steps), (0, 0), (0, 0))  # one shape, so that it is compiled once
        out: dict[str, Any] = self._run(fields, np.pad(haloed, fill), np.pad(weather, fill), steps, np.asarray(frozen))
        return out

    def with_density(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return fields whose density and stability belong to their temperature and salinity, at all time levels."""
        with self._holding(fields) as vs:
            with vs.unlock():
                for level in range(3):
                    vs.update(thermodynamics.calc_eq_of_state(self.state, level))
            return {name: getattr(vs, name) for name in self._step_names}

    @property
    def mask(self) -> np.ndarray:
        """Wet cells in Veros's order (x + 4, y + 4, z)."""
        return np.asarray(self.state.variables.maskT) > 0

    def faces(self, name: str) -> np.ndarray:
        """Wet faces of ``u`` or ``v`` in Veros's order (x + 4, y + 4, z)."""
        variables = self.state.variables
        return np.asarray(variables.maskU if name == "u" else variables.maskV) > 0

    def _changed(self, before: dict[str, Any]) -> list[str]:
        """Names of the variables that a step replaces; found by taking one, without computing it if JAX can trace."""
        vs = self.state.variables
        changed: list[str] = []

        def take(fields: dict[str, Any], profile: Any, coefficients: Any) -> None:
            with vs.unlock():
                vs.update(fields)
            self._step(profile, coefficients, False)
            changed.extend(name for name in fields if getattr(vs, name) is not fields[name])

        row = np.zeros((3, before["yt"].shape[0])), np.zeros((3, len(self._patterns)))
        if runtime_settings.backend == "jax":
            import jax

            jax.eval_shape(take, before, *row)
        else:
            take(before, *row)
        with vs.unlock():
            vs.update(before)
        return changed

    def _compile(self) -> Callable[..., dict[str, Any]]:
        if runtime_settings.backend != "jax":
            return self._run_plainly
        import jax

        def run(fields: dict[str, Any], profiles: Any, weather: Any, steps: Any, frozen: Any) -> dict[str, Any]:
            def body(n: Any, carry: dict[str, Any]) -> dict[str, Any]:
                return self._stepped(carry, profiles[n], weather[n], frozen)

            out: dict[str, Any] = jax.lax.fori_loop(0, steps, body, fields)
            return out

        return jax.jit(run)

    def _run_plainly(
        self, fields: dict[str, Any], profiles: Any, weather: Any, steps: int, frozen: Any
    ) -> dict[str, Any]:
        for n in range(steps):
            fields = self._stepped(fields, profiles[n], weather[n], frozen)
        return fields

    def _stepped(self, fields: dict[str, Any], profile: Any, coefficients: Any, frozen: Any) -> dict[str, Any]:
        with self._holding(self._static | fields) as vs:
            self._step(profile, coefficients, frozen)
            return {name: getattr(vs, name) for name in self._step_names}

    @contextlib.contextmanager
    def _holding(self, fields: dict[str, Any]) -> Iterator[Any]:
        """Give the model's variables these values within the block, and their own again after it."""
        vs = self.state.variables
        kept = {name: getattr(vs, name) for name in (*self._step_names, *self._static)}
        try:
            with vs.unlock():
                vs.update(fields)
            yield vs
        finally:
            with vs.unlock():
                vs.update(kept)

    def _step(self, profile: Any, coefficients: Any, frozen: Any) -> None:
        """Advance the state of the model by one step; the order is Veros's own."""
        state = self.state
        vs, settings = state.variables, state.settings
        with vs.unlock():
            held = {name: getattr(vs, name) for name in _FROZEN}
            self._force(profile, coefficients)
            eke.set_eke_diffusivities(state)
            tke.set_tke_diffusivities(state)
            vs.update(momentum.tend_coriolisf(state))
            vs.update(momentum.tend_tauxyf(state))
            vs.update(momentum.momentum_advection(state))
            friction_module.friction(state)
            self._pressure()
            thermodynamics.thermodynamics(state)
            advection.calculate_velocity_on_wgrid(state)
            tke.integrate_tke(state)
            for name in ("u", "v", "tke"):
                setattr(vs, name, utilities.enforce_boundaries(getattr(vs, name), settings.enable_cyclic_x))
            momentum.vertical_velocity(state)
            for name, value in held.items():
                setattr(vs, name, npx.where(frozen, value, getattr(vs, name)))
            for name in vs.fields():
                if state.var_meta[name].dims and "timesteps" in state.var_meta[name].dims:
                    value = getattr(vs, name)
                    setattr(vs, name, npx.concatenate([value[..., 1:], value[..., :1]], axis=-1))

    def _force(self, profile: Any, coefficients: Any) -> None:
        vs, settings = self.state.variables, self.state.settings
        wind, temperature, salinity = (npx.einsum("m,mxy->xy", c, self._patterns) for c in coefficients)
        vs.surface_taux = profile[0][None, :] * (1.0 + wind) * vs.maskU[:, :, -1]
        stress = npx.abs(vs.surface_taux[2:-2, 2:-2] + vs.surface_taux[1:-3, 2:-2]) * 0.5 * STRESS_FOR_MIXING
        vs.forc_tke_surface = update(vs.forc_tke_surface, at[2:-2, 2:-2], (stress / settings.rho_0) ** 1.5)
        top = vs.maskT[:, :, -1] / settings.rho_0
        t_star = npx.maximum(profile[1][None, :] + temperature, FREEZING)
        s_star = profile[2][None, :] + salinity
        vs.forc_temp_surface = HEAT_FEEDBACK / HEAT_CAPACITY * (t_star - vs.temp[:, :, -1, vs.tau]) * top
        vs.forc_salt_surface = SALT_FEEDBACK * (s_star - vs.salt[:, :, -1, vs.tau]) * top

    def _pressure(self) -> None:
        """Veros's pressure step with the free-surface term taken out again, and the lid's solver."""
        state = self.state
        vs, settings = state.variables, state.settings
        changes, divergence = prepare_forcing(state)
        free_surface = vs.psi[..., vs.tau] / (settings.grav * settings.dt_mom * settings.dt_tracer)
        vs.update(changes)
        pressure = self._lid(divergence + free_surface * vs.maskT[:, :, -1])
        vs.psi = update(vs.psi, at[..., vs.taup1], pressure)
        vs.update(barotropic_velocity_update(state))
