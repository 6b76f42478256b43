"""A convolution of any size with its batch norm, residual and ReLU, in inference.

    z = act(conv(x, w) * scale + shift + residual)

`cudnn` is cuDNN's convolution with bias, residual and ReLU on the way out, which
PyTorch has as operators and uses nowhere by itself: scale goes into the weights and
shift is the bias, by one small kernel. `pointwise` is PyTorch's convolution and one
pass over its result, where PyTorch has one for each of bias, batch norm, add and
ReLU; it writes into a slice as well as anywhere.

The weights are folded in each call, for 2 bytes read and 2 written a weight: kept
ones would go stale, in a captured CUDA graph for good.
"""

# pyright: basic
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from archlang.kernels import bn_backward, dispatch
from archlang.kernels.activation import RELU, activate
from archlang.kernels.block_end import apply
from archlang.kernels.dispatch import TORCH, Choice, Configuration, Unfit
from archlang.kernels.epilogue import Vectors, fold
from archlang.kernels.jit import cdiv, jit, language_type, tl
from archlang.kernels.machine import precision
from archlang.kernels.rows import empty, pitch, rowed, wide
from archlang.kernels.schema import VECTORS, operator

CUDNN = Configuration("cudnn", 0, 0, 0, 0, 0)
"""The choice that stands for cuDNN's own epilogue."""


@dataclass(frozen=True)
class Window:
    """Where a convolution looks: stride, padding and dilation [rows, columns], and groups."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int


def reference(x: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None, window: Window, eps: float,
              act: int) -> Tensor:  # fmt: skip
    """What is computed, on PyTorch's own operations.

    x [N, Cin, H, W], w [Cout, Cin / groups, k, l] -> [N, Cout, H', W']; `vectors` are bias, gamma, beta, mean and var.
    """
    bias, gamma, beta, mean, var = vectors
    y = convolved(x, w, None if bias is None else bias.to(x.dtype), window)
    if mean is not None:
        y = F.batch_norm(y, mean, var, gamma, beta, eps=eps)
    if residual is not None:
        y = y + residual
    return activate(y, act)


def convolved(x: Tensor, w: Tensor, bias: Tensor | None, window: Window) -> Tensor:
    """PyTorch's convolution."""
    return F.conv2d(x, w.to(x.dtype), bias, window.stride, window.padding, window.dilation, window.groups)


# ---- cuDNN -------------------------------------------------------------------


@jit()
def folded(
    w, bias, gamma, beta, mean, var, scaled, shifts,
    EPS: tl.constexpr, N: tl.constexpr, K: tl.constexpr, BIAS: tl.constexpr, AFFINE: tl.constexpr,
    ACC: tl.constexpr, ROWS: tl.constexpr, COLS: tl.constexpr,
):  # fmt: skip
    """Rows p of the weights [N, K], scaled, and the shifts of these output channels [N]."""
    rows = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    cols = tl.program_id(1) * COLS + tl.arange(0, COLS)
    live = rows < N
    scale, shift = fold(rows, live, bias, gamma, beta, mean, var, EPS, True, BIAS, True, AFFINE, ACC)
    here = live[:, None] & (cols < K)[None, :]
    place = rows[:, None] * K + cols[None, :]
    a = tl.load(w + place, mask=here, other=0.0).to(ACC) * scale[:, None]
    tl.store(scaled + place, a.to(scaled.dtype.element_ty), mask=here)
    if tl.program_id(1) == 0:
        tl.store(shifts + rows, shift.to(shifts.dtype.element_ty), mask=live)


_ROWS, _COLS = 8, 512


def folding(w: Tensor, vectors: Vectors, eps: float, dtype: torch.dtype) -> tuple[Tensor, Tensor | None]:
    """The weights with scale in them, and the shift [Cout], in `dtype`; without a batch norm those that there are."""
    bias, gamma, beta, mean, var = vectors
    if mean is None or var is None:
        return w.to(dtype), None if bias is None else bias.to(dtype)
    dense = w.is_contiguous() or w.is_contiguous(memory_format=torch.channels_last)
    w = w if dense else w.contiguous()
    scaled, shifts = torch.empty_like(w, dtype=dtype), w.new_empty(w.shape[0], dtype=dtype)
    n, k = w.shape[0], w[0].numel()
    folded[(cdiv(n, _ROWS), cdiv(k, _COLS))](
        w, *(w if v is None else v for v in (bias, gamma, beta)), mean, var, scaled, shifts,
        EPS=eps, N=n, K=k, BIAS=bias is not None, AFFINE=gamma is not None, ACC=language_type(wide(w)),
        ROWS=_ROWS, COLS=_COLS, num_warps=4,
    )  # fmt: skip
    return scaled, shifts


def has_epilogue(x: Tensor, window: Window, act: int) -> bool:
    """Whether cuDNN has this as one: it always ends in a ReLU."""
    cudnn = torch.backends.cudnn
    here = x.device.type == "cuda" and torch.version.hip is None and cudnn.is_available() and cudnn.enabled
    return here and act == RELU and window.groups == 1 and x.dtype != torch.float64


def by_cudnn(x: Tensor, w: Tensor, shift: Tensor | None, residual: Tensor | None, window: Window) -> Tensor:
    """`relu(conv(x, w) + shift + residual)` in cuDNN's one kernel. Raises `Unfit` where it has none."""
    rest = (window.stride, window.padding, window.dilation, window.groups)
    try:
        if residual is None:
            return torch.ops.aten.cudnn_convolution_relu(x, w, shift, *rest)
        return torch.ops.aten.cudnn_convolution_add_relu(x, w, residual, 1.0, shift, *rest)
    except RuntimeError as problem:  # cuDNN has no such kernel for this type, size or device
        raise Unfit(f"cuDNN: {problem}") from problem


# ---- which of them -----------------------------------------------------------


def made(x: Tensor, w: Tensor, vectors: Vectors, residual: Tensor | None, window: Window, eps: float, act: int,
         out: Tensor | None) -> Tensor:  # fmt: skip
    """`reference` by whatever is fastest for these shapes here: into `out`, or channels_last."""

    def run(choice: Choice) -> Tensor:
        if choice is None:
            return _placed(reference(x, w, vectors, residual, window, eps, act), out)
        if choice == CUDNN:
            return _placed(by_cudnn(x, *folding(w, vectors, eps, x.dtype), residual, window), out)
        y = rowed(convolved(x, w, None, window))
        z = empty(*y.shape, like=y) if out is None or pitch(out) is None or out.dtype != y.dtype else out
        apply(choice, y, vectors, None if residual is None else rowed(residual), eps, act, z, None)
        return z if z is out else _placed(z, out)

    n, _, h, width = x.shape
    if not x.numel() or not dispatch.takes(x, w.shape[0]):
        return run(TORCH)
    found = [CUDNN] * has_epilogue(x, window, act) + bn_backward.configurations(w.shape[0])
    flags = (residual is not None, vectors[0] is not None, vectors[3] is not None, int(act), out is not None)
    shape = (*w.shape, window, h, width, dispatch.rounded(n), *flags, precision(x.dtype))
    choice = dispatch.choose("conv_relu", shape, x, found, run)
    try:
        return run(choice)
    except Unfit:  # it did this class of shapes when it was chosen, but not this one of them
        return run(TORCH)


def _placed(z: Tensor, out: Tensor | None) -> Tensor:
    return z.contiguous(memory_format=torch.channels_last) if out is None else out.copy_(z)


# ---- for PyTorch -------------------------------------------------------------


_GIVEN = ("Tensor x", "Tensor w", VECTORS, "Tensor? residual",
          "int[] stride, int[] padding, int[] dilation, int groups, float eps, int act")  # fmt: skip


@operator("conv_relu", *_GIVEN)
def conv_relu(x: Tensor, w: Tensor, *rest: Any) -> Tensor:
    """As `reference`, with a channels_last result. It has no gradient."""
    return _made(None, x, w, *rest)


def _made(out: Tensor | None, x: Tensor, w: Tensor, *rest: Any) -> Tensor:
    *vectors, residual, stride, padding, dilation, groups, eps, act = rest
    window = Window(tuple(stride), tuple(padding), tuple(dilation), groups)
    return made(x, w, tuple(vectors), residual, window, eps, act, out)


@conv_relu.register_fake
def _(x, w, bias, gamma, beta, mean, var, residual, stride, padding, dilation, groups, eps, act):
    y = convolved(x, w, None, Window(tuple(stride), tuple(padding), tuple(dilation), groups))
    return empty(*y.shape, like=x)


@operator("conv_relu_into", *_GIVEN, returns="()", writes="out")
def conv_relu_into(out: Tensor, x: Tensor, w: Tensor, *rest: Any) -> None:
    """As `conv_relu`, into `out`: a slice of a concatenation's channels, for one."""
    _made(out, x, w, *rest)


@conv_relu_into.register_fake
def _(out, *_: Any):
    return None
