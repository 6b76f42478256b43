"""What a device can do at all: a copy, a product, and a copy that stays in its cache."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable

import torch

from archlang.bench.clock import DeviceClock
from archlang.bench.result import Ceilings
from archlang.bench.work import TYPES

_COPY = 1 << 30  # bytes: many times any cache
_SIDE = 8192  # of the product
_CACHED = 12 << 20  # bytes of a copy that fits the caches there are twice over
_SECONDS = 0.5  # for each


def ceilings(dtype: str) -> Ceilings:
    """Those of the GPU at hand, for products of `dtype` on random data."""
    kind = TYPES[dtype]
    big, small = (torch.randn(size // 4, device="cuda") for size in (_COPY, _CACHED))
    to_big, to_small = torch.empty_like(big), torch.empty_like(small)
    a, b = (torch.randn(_SIDE, _SIDE, device="cuda", dtype=kind) for _ in range(2))
    out = torch.empty_like(a)
    return Ceilings(
        2 * _COPY / _best(lambda: to_big.copy_(big)),
        2 * _SIDE**3 / _best(lambda: torch.mm(a, b, out=out)),
        2 * _CACHED / _best(lambda: to_small.copy_(small)),
    )


def _best(run: Callable[[], object]) -> float:
    """The seconds of a run, the median of five blocks after a warm one."""
    clock = DeviceClock()
    once = max(clock.seconds(run, 3), 1e-7)
    times = max(1, int(_SECONDS / 6 / once))
    clock.seconds(run, times)
    return sorted(clock.seconds(run, times) for _ in range(5))[2]
