"""The two products on the way back through a 1x1 convolution, each by its kernel or by PyTorch.

The kernels make dy as they read, so it is never stored; for PyTorch it is made
first. `both_products` takes what is fastest together: both kernels, one, or none.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import NamedTuple

from torch import Tensor

from archlang.kernels import dgrad, dispatch, wgrad
from archlang.kernels.activation import EVERYTHING, RELU, remade
from archlang.kernels.block_end import prepared_apart
from archlang.kernels.bn_backward import Norm, carried, lay, summed
from archlang.kernels.conv1x1_op import products
from archlang.kernels.dispatch import Choice, Configuration
from archlang.kernels.machine import fitting, precision
from archlang.kernels.prologue import Before
from archlang.kernels.rows import empty, rowed, wide


class Factors(NamedTuple):
    """What the products are of: g [N, Cout, H, W], y and its line, the convolution's input x and weights.

    `passing` says what of g passed the ReLU (`bn_backward.py`); `skip` is what x has of a
    gradient already, without `before` only. All but the line and w have pitches.
    """

    g: Tensor
    y: Tensor
    line: Tensor
    x: Tensor
    w: Tensor
    before: Before | None
    stride: int
    passing: int
    skip: Tensor | None = None


def both_products(f: Factors, wants_x: bool, wants_w: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """dx, dw, and dgamma and dbeta of the batch norm in front; empty are those that nobody wants."""
    cin, cout, room = f.x.shape[1], f.y.shape[1], (f.y.element_size(), fitting(f.y.device))
    kind = (f.stride, f.passing, f.before is not None, f.skip is not None, precision(f.y.dtype))
    shape = (cin, cout, dispatch.rounded(f.y.numel() // cout), *kind)
    tiles: dict[str, Configuration] = {}
    if wants_x:
        sizes = dgrad.configurations(*room)
        tiles["dgrad"] = dispatch.pick("dgrad", shape, f.y, sizes, lambda choice: _by_dgrad(f, choice))
    if wants_w:
        sizes = wgrad.configurations(*room)
        tiles["wgrad"] = dispatch.pick("wgrad", shape, f.y, sizes, lambda choice: _by_wgrad(f, choice))

    def run(choice: Choice) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        own = {} if choice is None else {name: tile for name, tile in tiles.items() if name in choice.kind}
        return _together(f, own, tiles)

    return run(dispatch.choose("conv1x1_backward", (*shape, *tiles), f.y, shares(tiles), run))


def shares(names: Collection[str]) -> list[Configuration]:
    """Which of the products may be the kernels': all of them first, then one."""
    sets = (chosen for size in range(len(names), 0, -1) for chosen in combinations(names, size))
    return [Configuration("+".join(chosen), 0, 0, 0, 0, 0) for chosen in sets]


def _together(f: Factors, own: Mapping[str, Configuration], wanted: Collection[str]
              ) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """Those of `wanted` that have a tile in `own` by their kernels, the others by PyTorch."""
    dy = f.g if len(own) == len(wanted) else carried(f.g, f.g, f.y, f.line, f.passing, True)
    dx, dw = empty(0, *f.x.shape[1:], like=f.x), f.w.new_empty(0)
    dgamma, dbeta = (f.y.new_empty(0, dtype=wide(f.y)) for _ in range(2))
    if "wgrad" in own:
        dw = _by_wgrad(f, own["wgrad"])
    elif "wgrad" in wanted:
        dw = products(dy, prepared_apart(f.x, f.before), f.w, f.w, f.stride, False, True)[1]
    if "dgrad" in own:
        dx, partial = _by_dgrad(f, own["dgrad"])
        passing = EVERYTHING
    elif "dgrad" in wanted:
        dx, partial, passing = rowed(products(dy, f.x, f.w, f.w, f.stride, True, False)[0]), None, remade(RELU)
        dx = dx if f.skip is None else dx + f.skip
    if f.before is not None and "dgrad" in wanted:
        norm, batch = Norm(*f.before[:5]), f.before.batch
        partial = summed(dx, dx, f.x, norm, passing) if partial is None else partial
        dgamma, dbeta, line = lay(partial, norm, batch, f.x.numel() // f.x.shape[1])
        dx = carried(dx, dx, f.x, line, passing, batch)
    return dx, dw, dgamma, dbeta


def _by_dgrad(f: Factors, choice: Configuration) -> tuple[Tensor, Tensor]:
    """dx, or the gradient behind the ReLU in front and its partial sums."""
    dx, skip = empty(*f.x.shape, like=f.x), f.skip
    if f.stride > 1:  # no product reaches the pixels between
        skip = dx.zero_() if skip is None else dx.copy_(skip)
    return dx, dgrad.launch(choice, f.g, f.y, f.line, f.w, f.x, f.before, dx, f.stride, f.passing, skip)


def _by_wgrad(f: Factors, choice: Configuration) -> Tensor:
    found = wgrad.launch(choice, f.g, f.y, f.line, f.x, f.before, f.stride, f.passing)
    return found.to(f.w.dtype).view(f.w.shape)
