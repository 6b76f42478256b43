"""The streaming 1x1 convolution with tiles that the hardware moves by itself (TMA), on sm_90 and later.

It is `streaming.resident` with the loads of x, w and the residual, and the store of
z, by tensor descriptors: no thread works out an address, tiles stand in shared
memory as the product wants them, and what is outside is filled with zeros. That
leaves registers for wide tiles. It is one more configuration of the same operator,
for types of 2 bytes, stride 1, and rows that begin at multiples of 16 bytes.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor

from archlang.kernels.activation import NONE, RELU, activated
from archlang.kernels.dispatch import Configuration
from archlang.kernels.epilogue import Vectors, finish, fold
from archlang.kernels.jit import INTERPRETED, cdiv, jit, language_type, power_of_two, tl
from archlang.kernels.machine import multiprocessors, precision
from archlang.kernels.rows import pitch


@jit("M")
def by_tma(
    x, w, bias, gamma, beta, mean, var, residual, z, M,
    EPS: tl.constexpr, N: tl.constexpr, BIAS: tl.constexpr, NORM: tl.constexpr, AFFINE: tl.constexpr,
    RESIDUAL: tl.constexpr, ACT: tl.constexpr, ACC: tl.constexpr, PRECISION: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """Program (p, c) makes columns c of the rows p, p + P, ...; x, w, residual and z are descriptors of their tiles."""
    first = tl.program_id(1) * COLS
    cols = first + tl.arange(0, COLS)
    weights = w.load([first, 0])
    scale, shift = fold(cols, cols < N, bias, gamma, beta, mean, var, EPS, True, BIAS, NORM, AFFINE, ACC)
    for down in tl.range(tl.program_id(0), tl.cdiv(M, ROWS), tl.num_programs(0), num_stages=STAGES):
        a = x.load([down * ROWS, 0])
        if RESIDUAL:
            r = residual.load([down * ROWS, first])
        acc = tl.dot(a, tl.trans(weights), input_precision=PRECISION, out_dtype=ACC)
        acc = finish(acc, scale, shift, NORM, BIAS)
        if RESIDUAL:
            acc += r.to(ACC)
        z.store([down * ROWS, first], activated(acc, ACT).to(z.dtype))


# ---- the launch --------------------------------------------------------------

_DEEPEST = 256
_SIZES = ((64, 256, 8), (128, 128, 8), (64, 128, 8), (64, 64, 4))
_STAGES = 3


@cache
def has_tma(device: torch.device) -> bool:
    """Whether `device` moves tiles by itself; the interpreter does."""
    if device.type != "cuda":
        return INTERPRETED
    return torch.version.hip is None and torch.cuda.get_device_capability(device) >= (9, 0)


def takes(x: Tensor, w: Tensor, z: Tensor | None, residual: Tensor | None) -> bool:
    """Whether they can be described: 2 bytes a value, and everything, each row too, starts at 16 bytes."""
    if not has_tma(x.device) or x.element_size() != 2 or w.data_ptr() % 16:
        return False
    return all((pitch(t) or 1) % 8 == 0 and t.data_ptr() % 16 == 0 for t in (x, z, residual) if t is not None)


def configurations(k: int, n: int, shared: int, residual: bool, act: int = RELU) -> list[Configuration]:
    """The widest that fits `shared` bytes, for k input and n output channels; none for too many input channels.

    Before an activation that takes more than a comparison the widest of all spills on sm_100 with Triton 3.6.
    """
    depth = max(16, power_of_two(k))
    sizes = [Configuration("tma", rows, cols, depth, warps, _STAGES) for rows, cols, warps in _SIZES]
    widest = min(max(64, power_of_two(n)), 256 if act in (NONE, RELU) else 128)
    fits = [c for c in sizes if c.cols <= widest and footprint(c, residual) <= shared]
    return fits[:1] if k <= _DEEPEST else []


def footprint(c: Configuration, residual: bool) -> int:
    """The bytes of shared memory that `c` asks for, never less than what the compiler takes."""
    ahead = c.stages * c.rows * (c.depth + (c.cols if residual else 0))
    return (ahead + c.cols * (c.depth + c.rows)) * 2 + 1024


def launch(choice: Configuration, x: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None, z: Tensor,
           eps: float, act: int) -> None:  # fmt: skip
    """Run `choice` into z; x, residual and z lie well."""
    m, (n, k) = z.numel() // z.shape[1], w.shape[:2]
    walkers = min(cdiv(m, choice.rows), max(1, multiprocessors(x.device) // cdiv(n, choice.cols)))
    tile = [choice.rows, choice.cols]
    by_tma[(walkers, cdiv(n, choice.cols))](
        described(x, m, k, pitch(x), [choice.rows, choice.depth]),
        described(w, n, k, k, [choice.cols, choice.depth]), *(x if v is None else v for v in vectors),
        x if residual is None else described(residual, m, n, pitch(residual), tile),
        described(z, m, n, pitch(z), tile), m,
        EPS=eps, N=n, BIAS=vectors[0] is not None, NORM=vectors[3] is not None, AFFINE=vectors[1] is not None,
        RESIDUAL=residual is not None, ACT=int(act), ACC=language_type(x.dtype), PRECISION=precision(x.dtype),
        ROWS=choice.rows, COLS=choice.cols, STAGES=choice.stages, num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip


def described(t: Tensor, rows: int, columns: int, step: Any, tile: list[int]) -> Any:
    """The descriptor of a matrix [rows, columns] whose rows stand `step` apart, read and written by `tile`."""
    from triton.tools.tensor_descriptor import TensorDescriptor

    return TensorDescriptor(t, [rows, columns], [step, 1], tile)
