"""Which blocks of a generator's networks do something: what a pass changes by when one of them is left out.

    python benchmarks/generator/idle_blocks.py MODEL --data DATA.zarr [--states 8]

States are drawn of the days of held-out ones, and in some passes of the draw each residual block is left out in turn
(its shortcut stays), and so is what a coarser level hands up. Prints the root mean square of the difference of the
network's output over that of the output itself, at the first, a middle and the last of these passes. A block whose
share is that of rounding (0.005 in bfloat16) costs weights and time, and does nothing.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from halocline.data.store.store import open_store
from halocline.evaluate.ice.held_states import store_as_states
from halocline.nn.layers import ResidualBlock
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model
from places_table import days_of

EVERY = 4  # passes


def main() -> None:
    """Draw, leave out, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--states", type=int, default=8)
    given = parser.parse_args()
    set_threads(1)
    model = load_model(given.model, choose_compute()).with_constraints(["none"])
    networks = {"denoiser": model.denoiser.network}
    if model.chain.detail is not None:
        networks["third stage"] = model.chain.detail.denoiser.network
    found = {name: watched(network) for name, network in networks.items()}
    days = days_of(store_as_states(open_store(given.data), given.states), model, given.states)
    model.generate(given.states, seed=3, conditions=days or None, quiet=True)
    for name, shares in found.items():
        print(f"| {name} | first | middle | last |\n| --- | ---: | ---: | ---: |")
        for part, values in shares.items():
            chosen = [values[k] for k in (0, len(values) // 2, -1)]
            print(f"| {part} | " + " | ".join(f"{value:.3f}" for value in chosen) + " |")


def watched(network: nn.Module) -> dict[str, list[float]]:
    """Have a network leave out its parts in turn in every fourth pass; returns their shares, filled as it is called."""
    parts = {name: part for name, part in network.named_modules() if isinstance(part, ResidualBlock)}
    ups = {f"{name} (handed up)": part for name, part in network.named_modules() if _hands_up(name, part)}
    shares: dict[str, list[float]] = {name: [] for name in (*parts, *ups)}
    plain, passes = network.forward, [0]

    def forward(*given: Any, **options: Any) -> Tensor:
        whole: Tensor = plain(*given, **options)
        passes[0] += 1
        if passes[0] % EVERY == 1:
            for name in shares:
                with _without(parts.get(name), ups.get(name)):
                    shares[name].append(_share(whole, plain(*given, **options)))
        return whole

    network.forward = forward  # type: ignore[method-assign]
    return shares


def _hands_up(name: str, part: nn.Module) -> bool:
    return name.startswith("decoder.") and name.count(".") == 2 and not isinstance(part, ResidualBlock)


@contextmanager
def _without(block: ResidualBlock | None, up: nn.Module | None) -> Iterator[None]:
    if block is not None:
        shortcut: Callable[[Tensor], Tensor] = block.shortcut
        block.forward = lambda x, embedding=None: shortcut(x)  # type: ignore[method-assign, misc]
        yield
        del block.forward
    elif up is not None:
        hook = up.register_forward_hook(lambda module, inputs, output: torch.zeros_like(output))
        yield
        hook.remove()


def _share(whole: Tensor, without: Tensor) -> float:
    difference, size = ((x.float() ** 2).mean().sqrt() for x in (without - whole, whole))
    return float(np.float64(difference / size))


if __name__ == "__main__":
    main()
