"""The 1x1 convolution with all that follows it, written once: a product of [N·H·W, Cin] by [Cin, Cout].

    z = act((x · wᵀ) * scale + shift + residual)

where scale and shift are what a bias and a batch norm with given statistics come
to (`epilogue.py`). Of each pixel it reads Cin (and Cout of the residual) and
writes Cout values, and nothing else of that size: without the epilogue in the
kernel each of batch norm, add and ReLU is another read and write of Cout.

Two kernels. `resident` keeps its columns of w on chip and walks over the rows,
with the rows of x to come already under way: for up to 256 input channels, where
the time is that of reading and writing. `tiled` walks over the input channels:
for more, where the time is that of the product. `streaming_tma.py` has a third.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from archlang.kernels import dispatch, streaming_tma
from archlang.kernels.activation import CLIPS, NONE, RELU, activate, activated
from archlang.kernels.block_end import prepared_apart
from archlang.kernels.dispatch import TORCH, Choice, Configuration
from archlang.kernels.epilogue import Vectors, finish, fold
from archlang.kernels.jit import cdiv, jit, language_type, power_of_two, tl
from archlang.kernels.machine import fitting, multiprocessors, precision
from archlang.kernels.product import input_row, tile, walked
from archlang.kernels.prologue import Before, constants, fold_in, pointers, prepared
from archlang.kernels.rows import empty, pitch, rowed

DEEPEST = 256
"""The most input channels that `resident` keeps."""


def reference(
    x: Tensor,
    w: Tensor,
    bias: Tensor | None = None,
    gamma: Tensor | None = None,
    beta: Tensor | None = None,
    mean: Tensor | None = None,
    var: Tensor | None = None,
    residual: Tensor | None = None,
    stride: int = 1,
    eps: float = 1e-5,
    act: int = 0,
) -> Tensor:
    """What the kernel computes of x as it is given, on PyTorch's own operations.

    x [N, Cin, H, W], w [Cout, Cin, 1, 1] -> [N, Cout, ⌈H/stride⌉, ⌈W/stride⌉].
    """
    y = F.conv2d(x, w, None if bias is None else bias.to(w.dtype), stride)
    if mean is not None:
        y = F.batch_norm(y, mean, var, gamma, beta, eps=eps)
    if residual is not None:
        y = y + residual
    return activate(y, act)


# ---- the kernels -------------------------------------------------------------


@jit("M")
def resident(
    x, w, bias, gamma, beta, mean, var, gamma_in, beta_in, mean_in, var_in, residual, z, M,
    EPS: tl.constexpr, EPS_IN: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr,
    K: tl.constexpr, N: tl.constexpr, X: tl.constexpr, R: tl.constexpr, Z: tl.constexpr,
    H: tl.constexpr, W: tl.constexpr, OUT_H: tl.constexpr, OUT_W: tl.constexpr, STRIDE: tl.constexpr,
    BIAS: tl.constexpr, NORM: tl.constexpr, AFFINE: tl.constexpr, RESIDUAL: tl.constexpr, ACT: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr, GROUP: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """Program (p, c) makes columns c of the rows p, p + P, ...; X, R and Z are the pitches of x, residual and z."""
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    ks = tl.arange(0, DEPTH)
    live = cols < N
    weights = tl.load(w + ks[:, None] + cols[None, :] * K, mask=(ks < K)[:, None] & live[None, :], other=0.0)
    scale, shift = fold(cols, live, bias, gamma, beta, mean, var, EPS, True, BIAS, NORM, AFFINE, ACC)
    if BEFORE:
        scale_in, shift_in = fold_in(ks, K, gamma_in, beta_in, mean_in, var_in, EPS_IN, AFFINE_IN, ACC)
    for down in tl.range(tl.program_id(0), tl.cdiv(M, ROWS), tl.num_programs(0), num_stages=STAGES):
        rows = down * ROWS + tl.arange(0, ROWS)
        inside = rows < M
        source = input_row(rows, H, W, OUT_H, OUT_W, STRIDE)
        a = tl.load(x + source[:, None] * X + ks[None, :], mask=inside[:, None] & (ks < K)[None, :], other=0.0)
        if BEFORE:
            a = prepared(a, scale_in, shift_in, ACC)
        out = rows.to(tl.int64)[:, None]
        here = inside[:, None] & live[None, :]
        if RESIDUAL:
            r = tl.load(residual + out * R + cols[None, :], mask=here, other=0.0)
        acc = tl.dot(a, weights, input_precision=PRECISION, out_dtype=ACC)
        acc = finish(acc, scale, shift, NORM, BIAS)
        if RESIDUAL:
            acc += r.to(ACC)
        tl.store(z + out * Z + cols[None, :], activated(acc, ACT).to(z.dtype.element_ty), mask=here)


@jit("M")
def tiled(
    x, w, bias, gamma, beta, mean, var, gamma_in, beta_in, mean_in, var_in, residual, z, M,
    EPS: tl.constexpr, EPS_IN: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr,
    K: tl.constexpr, N: tl.constexpr, X: tl.constexpr, R: tl.constexpr, Z: tl.constexpr,
    H: tl.constexpr, W: tl.constexpr, OUT_H: tl.constexpr, OUT_W: tl.constexpr, STRIDE: tl.constexpr,
    BIAS: tl.constexpr, NORM: tl.constexpr, AFFINE: tl.constexpr, RESIDUAL: tl.constexpr, ACT: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr, GROUP: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """One tile a program, as `product.tile` places them."""
    _, rows, inside, cols, live = tile(M, N, GROUP, ROWS, COLS)
    acc = walked(
        x + input_row(rows, H, W, OUT_H, OUT_W, STRIDE) * X, w + cols * K, inside, live,
        gamma_in, beta_in, mean_in, var_in, EPS_IN, K, BEFORE, AFFINE_IN, ACC, PRECISION, ROWS, COLS, DEPTH, STAGES,
    )  # fmt: skip
    scale, shift = fold(cols, live, bias, gamma, beta, mean, var, EPS, True, BIAS, NORM, AFFINE, ACC)
    acc = finish(acc, scale, shift, NORM, BIAS)
    out = rows.to(tl.int64)[:, None]
    here = inside[:, None] & live[None, :]
    if RESIDUAL:
        acc += tl.load(residual + out * R + cols[None, :], mask=here, other=0.0).to(ACC)
    tl.store(z + out * Z + cols[None, :], activated(acc, ACT).to(z.dtype.element_ty), mask=here)


# ---- the launch --------------------------------------------------------------

_HELD = {2: 64, 4: 32, 8: 64}  # sums a thread may hold, by the type's bytes: with more the compiler spills
_HELD_SMOOTH = 32  # behind SiLU and hard swish
_DEEP = 64  # input channels: with more the widest resident tile, and with those two four warps, spill on sm_100
_BARRIERS = 64  # bytes, on sm_100
_RESIDENT = ((128, 64, 8), (128, 128, 8), (64, 64, 4), (64, 128, 8))
_RESIDENT_WIDE = ((128, 64, 8), (64, 64, 4))  # 64 by 128 spill on sm_100 in fp32
_PREPARED = ((64, 64, 8),)
_SPILLS = ((64, 128, 64, 8, 3), (128, 64, 32, 8, 3), (64, 64, 32, 8, 3))
"""With a batch norm before: on sm_100, sm_80 and gfx942."""
_TILED = (
    (128, 128, 64, 8, 3),
    (256, 64, 64, 8, 3),
    (128, 64, 64, 4, 3),
    (64, 128, 64, 4, 3),
    (64, 64, 64, 4, 4),
    (128, 64, 64, 8, 3),
    (64, 128, 64, 8, 3),
)
_CROWDED = ((128, 64, 64, 4, 3), (128, 64, 32, 8, 3))
"""They spill on sm_80 or sm_100 where a thread holds more than its sums."""
_BESIDE = (64, 64, 64, 4, 4)
"""With a batch norm before and a residual it spills on sm_100."""
_LEAST = Configuration("tiled", 64, 64, 32, 4, 2)  # fits everywhere
_TILED_WIDE = ((128, 64, 32, 8, 3), (64, 128, 32, 8, 3), (64, 64, 32, 8, 3))


def configurations(
    k: int, n: int, itemsize: int, shared: int, residual: bool, before: bool = False, act: int = RELU
) -> list[Configuration]:
    """At most six for k input and n output channels, those that fit `shared` bytes, the likely best first.

    With a batch norm `before`, x passes through registers: that leaves room for small resident tiles only.
    SiLU and hard swish leave room for fewer sums.
    """
    widest = max(64, power_of_two(n))
    depth = max(16, power_of_two(k))
    kept = _PREPARED if before else _RESIDENT if itemsize == 2 else _RESIDENT_WIDE
    deepest = DEEPEST // itemsize if before else DEEPEST
    found = [Configuration("resident", rows, cols, depth, warps, 3) for rows, cols, warps in kept if k <= deepest]
    if k > 64 or before:
        of_type = _TILED if itemsize == 2 else _TILED_WIDE
        of_type = [sizes for sizes in of_type if not before or _holds(sizes, k, residual)]
        found += [Configuration("tiled", r, c, d, warps, stages) for r, c, d, warps, stages in of_type]
    smooth = act not in (NONE, *CLIPS)
    most = _HELD_SMOOTH if smooth else _HELD[itemsize]
    found = [c for c in found if c.cols <= widest and held(c) <= most and _stands(c, residual)]
    if smooth:
        found = [c for c in found if not _crowded(c) and (c.warps > 4 or k <= _DEEP)]
    found = [c for c in found if c.kind == "tiled" or depth <= _DEEP or c.rows * c.cols < 128 * 128]
    fits = [c for c in found if footprint(c, itemsize, residual) <= shared][:6]
    return fits if k <= 64 or any(c.kind == "tiled" for c in fits) else [*fits, _LEAST]


def walking(k: int, n: int, itemsize: int, shared: int, before: bool = False) -> list[Configuration]:
    """Those of `tiled`, for kernels that walk over x's channels however few and hold more than sums in the end."""
    found = configurations(max(k, DEEPEST + 1), n, itemsize, shared, residual=False, before=before)
    return [c for c in found if c.kind == "tiled" and not _crowded(c)]


def _crowded(c: Configuration) -> bool:
    """Whether a tile spills where a thread holds more than its sums."""
    return c in [Configuration("tiled", *sizes) for sizes in _CROWDED]


def _stands(c: Configuration, residual: bool) -> bool:
    """Whether a tile is for sums beside a residual, or without: 128 by 128 spill there on sm_90 and sm_100.

    For these 256 by 64 stand, which are as many.
    """
    return (c.rows, c.cols) != (128, 128) if residual else c.rows < 256


def _holds(sizes: tuple[int, ...], k: int, residual: bool) -> bool:
    """Whether a tile leaves room for a batch norm before; a large one does not where one step is the whole product."""
    rows, cols, depth, *_ = sizes
    return sizes not in (*_SPILLS, *[_BESIDE] * residual) and (k > depth or rows * cols < 128 * 128)


def held(c: Configuration) -> int:
    """The sums that one thread keeps in registers."""
    return c.rows * c.cols // (32 * c.warps)


def footprint(c: Configuration, itemsize: int, residual: bool) -> int:
    """The bytes of shared memory that `c` asks for, never less than what the compiler takes."""
    if c.kind == "tiled":
        return max(c.stages * (c.rows + c.cols) * c.depth, c.rows * c.cols) * itemsize + _BARRIERS
    ahead = c.stages * c.rows * (c.depth + (c.cols if residual else 0))
    return (ahead + c.cols * (c.depth + c.rows)) * itemsize + _BARRIERS


def launch(choice: Configuration, x: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None,
           z: Tensor, stride: int, eps: float, act: int, before: Before | None = None) -> None:  # fmt: skip
    """Run `choice` into z; x, residual and z have pitches, and `vectors` are bias, gamma, beta, mean and var."""
    n, cols, out_h, out_w = z.shape
    m, k = n * out_h * out_w, x.shape[1]
    kernel = resident if choice.kind == "resident" else tiled
    down, across = cdiv(m, choice.rows), cdiv(cols, choice.cols)
    walkers = min(down, max(1, 2 * multiprocessors(x.device) // across))
    grid = (walkers, across) if choice.kind == "resident" else (down * across,)
    kernel[grid](
        x, w, *(x if v is None else v for v in vectors), *pointers(before, x),
        x if residual is None else residual, z, m,
        **constants(before), EPS=eps, K=k, N=cols, X=pitch(x), R=0 if residual is None else pitch(residual), Z=pitch(z),
        H=x.shape[2], W=x.shape[3], OUT_H=out_h, OUT_W=out_w, STRIDE=stride,
        BIAS=vectors[0] is not None, NORM=vectors[3] is not None, AFFINE=vectors[1] is not None,
        RESIDUAL=residual is not None, ACT=int(act), ACC=language_type(x.dtype), PRECISION=precision(x.dtype), GROUP=8,
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip


def made(z: Tensor | None, x: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None, stride: int,
         eps: float, act: int, before: Before | None = None) -> Tensor:  # fmt: skip
    """`reference` of x behind `before` by whatever is fastest for these shapes here.

    It is in z [N, Cout, H, W], which has a pitch, where that is given, else in a new channels_last tensor.
    """

    def run(choice: Choice) -> Tensor:
        if choice is None:
            found = reference(prepared_apart(x, before), w, *vectors, residual, stride, eps, act)
            return found.contiguous(memory_format=torch.channels_last) if z is None else z.copy_(found)
        out = empty(*shape, like=x) if z is None else z
        if choice.kind == "tma":
            streaming_tma.launch(choice, x, w.contiguous(), vectors, r, out, eps, act)
        else:
            launch(choice, x, w.contiguous(), vectors, r, out, stride, eps, act, before)
        return out

    shape = shape_of(x, w, stride)
    r = None if residual is None else rowed(residual)
    k, cols, rows = x.shape[1], w.shape[0], shape[0] * shape[2] * shape[3]
    if not rows or pitch(x) is None or not dispatch.takes(x, k, cols):
        return run(TORCH)
    found = configurations(k, cols, x.element_size(), fitting(x.device), residual is not None, before is not None, act)
    if stride == 1 and before is None and streaming_tma.takes(x, w, z, r):
        moved = streaming_tma.configurations(k, cols, fitting(x.device), residual is not None, act)
        found[4:] = [*moved, *found[4:]][:2]
    kind = (residual is not None, vectors[3] is not None, before is not None, int(act), precision(x.dtype))
    key = (k, cols, dispatch.rounded(rows), stride, *kind)
    return run(dispatch.choose("conv1x1", key, x, found, run))


def shape_of(x: Tensor, w: Tensor, stride: int) -> tuple[int, int, int, int]:
    """The shape of the result."""
    n, _, h, width = x.shape
    return n, w.shape[0], (h - 1) // stride + 1, (width - 1) // stride + 1
