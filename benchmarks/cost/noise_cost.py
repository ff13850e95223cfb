"""What a random number costs by kind of noise, on the CPU and, if there is one, on a GPU.

    python benchmarks/cost/noise_cost.py

One thread, 20 members of 5 x 64 x 64; processor time on the CPU, elapsed time on a GPU, the bus included.
"""

import time

import torch

from halocline.runtime.noise.device import NoiseKind, member_noise

MEMBERS, SHAPE = 20, (5, 64, 64)
KINDS: tuple[NoiseKind, ...] = ("keyed", "philox")


def main() -> None:
    """Print a line for each kind and device."""
    torch.set_num_threads(1)
    devices = [torch.device("cpu")] + ([torch.device("cuda")] if torch.cuda.is_available() else [])
    for device in devices:
        clock = time.process_time if device.type == "cpu" else time.perf_counter
        for kind in KINDS:
            once(kind, device)
            began = clock()
            made = once(kind, device)
            print(f"{device.type}, {kind}: {1e9 * (clock() - began) / made.numel():.1f} ns a number")


def once(kind: NoiseKind, device: torch.device) -> torch.Tensor:
    """Return noise that is there, not merely asked for."""
    made = member_noise(kind, 0, range(MEMBERS), SHAPE, device, "cost", 0)
    if device.type == "cuda":
        torch.cuda.synchronize()
    return made


if __name__ == "__main__":
    main()
