"""The way back from a 1x1 convolution to its input, with the batch norms on both sides of it.

    da = dy · w        dy = s * g + u * (y - mean) + v

where dy is the gradient behind the batch norm that follows (`bn_backward.py`): it
is made of g and y as they are read, and never stored. Where another batch norm and
ReLU stand before the convolution, the mask of that ReLU is made again of x while
the product is still on chip, and with it the two sums that this batch norm's own
way back begins with:

    g_in = da where relu passed x        Σ g_in        Σ g_in (x - mean_in)

The gradient that x has by another way, the skip connection's, is added there too.

Of each pixel it reads 2 Cout and Cin values and writes Cin, where operations of
their own read 3 Cout and 2 Cin and write Cout and Cin. Each tile of rows writes
its own sums; they are added in one order.
"""

# pyright: basic, reportGeneralTypeIssues=false
from __future__ import annotations

from torch import Tensor

from archlang.kernels.bn_backward import along, passed, points
from archlang.kernels.dispatch import Configuration
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.machine import precision
from archlang.kernels.product import input_row, tile
from archlang.kernels.prologue import Before, constants, fold_in, pointers, prepared
from archlang.kernels.rows import pitch, wide


@jit("M")
def dgrad(
    g, y, line, w, x, gamma_in, beta_in, mean_in, var_in, skip, dx, of_g, of_gx, M,
    EPS_IN: tl.constexpr, BEFORE: tl.constexpr, AFFINE_IN: tl.constexpr, PASS: tl.constexpr, SKIP: tl.constexpr,
    K: tl.constexpr, N: tl.constexpr, G: tl.constexpr, Y: tl.constexpr, X: tl.constexpr, S: tl.constexpr,
    H: tl.constexpr, W: tl.constexpr, OUT_H: tl.constexpr, OUT_W: tl.constexpr, STRIDE: tl.constexpr,
    ACC: tl.constexpr, PRECISION: tl.constexpr, GROUP: tl.constexpr,
    ROWS: tl.constexpr, COLS: tl.constexpr, DEPTH: tl.constexpr, STAGES: tl.constexpr,
):  # fmt: skip
    """One tile of dx [M, K] a program, from w [N, K]; tile p of the rows writes row p of of_g and of_gx [P, K]."""
    down, rows, inside, cols, live = tile(M, K, GROUP, ROWS, COLS)
    ns = tl.arange(0, DEPTH)
    source = rows.to(tl.int64)[:, None]
    acc = tl.zeros((ROWS, COLS), ACC)
    for n in tl.range(0, N, DEPTH, num_stages=STAGES):
        there = n + ns < N
        here = inside[:, None] & there[None, :]
        s, u, v, shift, mean = points(line, n + ns, there, N)
        a = tl.load(y + source * Y + (n + ns)[None, :], mask=here, other=0.0).to(ACC)
        d = passed(g, g, a, s, shift, source, n + ns, here, G, N, PASS, y.dtype.element_ty, ACC)
        d = along(d, a, s, u, v, mean, True).to(w.dtype.element_ty)
        b = tl.load(w + (n + ns)[:, None] * K + cols[None, :], mask=there[:, None] & live[None, :], other=0.0)
        acc = tl.dot(d, b, acc, input_precision=PRECISION, out_dtype=ACC)
    target = input_row(rows, H, W, OUT_H, OUT_W, STRIDE)[:, None]
    here = inside[:, None] & live[None, :]
    if SKIP:
        acc += tl.load(skip + target * S + cols[None, :], mask=here, other=0.0).to(ACC)
    if BEFORE:
        a = tl.load(x + target * X + cols[None, :], mask=here, other=0.0)
        scale, shift = fold_in(cols, K, gamma_in, beta_in, mean_in, var_in, EPS_IN, AFFINE_IN, ACC)
        acc = tl.where(here & (prepared(a, scale, shift, ACC) > 0.0), acc, 0.0).to(dx.dtype.element_ty).to(ACC)
        centre = tl.load(mean_in + cols, mask=live, other=0.0).to(ACC)
        tl.store(of_g + down * K + cols, tl.sum(acc, axis=0), mask=live)
        tl.store(of_gx + down * K + cols, tl.sum(acc * (a.to(ACC) - centre[None, :]), axis=0), mask=live)
    tl.store(dx + target * K + cols[None, :], acc.to(dx.dtype.element_ty), mask=here)


# ---- the launch --------------------------------------------------------------

_TILES = (
    (128, 128, 32, 8, 3),
    (128, 64, 32, 8, 2),
    (64, 128, 64, 8, 3),
    (64, 64, 64, 4, 3),
    (64, 64, 32, 8, 2),
)
"""Before ReLU6 128 by 64 spills on sm_80 if it is deeper or has more stages; before SiLU in fp32 64 by 64 does with
depth 32 and four warps on sm_80, with depth 64 and eight on sm_100."""


def configurations(itemsize: int, shared: int, kind: str = "dgrad") -> list[Configuration]:
    """Those that fit `shared` bytes, the likely best first."""
    found = [Configuration(kind, *sizes) for sizes in _TILES]
    return [c for c in found if footprint(c, itemsize) <= shared]


def footprint(c: Configuration, itemsize: int) -> int:
    """The bytes of shared memory that `c` asks for, never less than what the compiler takes."""
    ahead = c.stages * (2 * c.rows + c.cols) * c.depth
    return max(ahead + (c.rows + c.cols) * c.depth, c.rows * c.cols * 4 // itemsize) * itemsize + 128


def launch(choice: Configuration, g: Tensor, y: Tensor, line: Tensor, w: Tensor, x: Tensor, before: Before | None,
           dx: Tensor, stride: int, passing: int, skip: Tensor | None = None) -> Tensor:  # fmt: skip
    """Run `choice` into dx, which is channels_last; the partial sums [2, P, Cin], unwritten without `before`.

    `skip`, which may be dx, is added.
    """
    n, cout, out_h, out_w = y.shape
    cin, m = x.shape[1], n * out_h * out_w
    down = cdiv(m, choice.rows)
    partial = y.new_empty((2, down, cin), dtype=wide(y))
    dgrad[(down * cdiv(cin, choice.cols),)](
        g, y, line, w, x, *pointers(before, x), dx if skip is None else skip, dx, partial[0], partial[1], m,
        **constants(before), PASS=passing, SKIP=skip is not None, K=cin, N=cout,
        G=pitch(g), Y=pitch(y), X=pitch(x), S=0 if skip is None else pitch(skip),
        H=x.shape[2], W=x.shape[3], OUT_H=out_h, OUT_W=out_w, STRIDE=stride,
        ACC=language_type(y.dtype), PRECISION=precision(y.dtype), GROUP=8,
        ROWS=choice.rows, COLS=choice.cols, DEPTH=choice.depth, STAGES=choice.stages,
        num_warps=choice.warps, num_stages=choice.stages,
    )  # fmt: skip
    return partial
