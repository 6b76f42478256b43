"""Every kernel with every configuration that is shipped for it, on the shapes of the networks it is for."""

from __future__ import annotations

from collections.abc import Iterator

import triton.language as tl
from compiling import Case

from archlang.kernels import block_end, bn_backward, convolution, many, statistics, streaming, training
from archlang.kernels.dispatch import Configuration
from archlang.kernels.machine import SHARED

BYTES = {"fp16": 2, "bf16": 2, "fp32": 4}
EXPAND = ((64, 256), (128, 512), (256, 1024), (512, 2048))
REDUCE = ((64, 64), (256, 64), (256, 128), (512, 128), (1024, 256), (2048, 512))
INCEPTION = ((24, 40), (192, 64), (480, 192), (512, 24), (832, 384))
BRANCHES = ((192, (64, 96, 16)), (480, (192, 96, 16)), (832, (384, 192, 48)), (64, (16, 64)), (512, (112, 144, 32, 64)))
PROJECT = ((256, 512), (512, 1024), (1024, 2048))
CHANNELS = (8, 24, 64, 256, 832, 2048)
VECTORS = ("bias", "gamma", "beta", "mean", "var")
VECTORS_IN = ("gamma_in", "beta_in", "mean_in", "var_in")


def shipped(arch: str, *, everything: bool) -> Iterator[Case]:
    """All there is for `arch`, or some of each kind."""
    for kind in ("bf16", "fp32") if everything else ("bf16",):
        for k, n in EXPAND if everything else EXPAND[:1]:
            yield from some(conv1x1(k, n, kind, arch, residual=True), everything)
            yield from some(conv1x1(k, n, kind, arch, residual=True, before=True), everything)
        for k, n in (*REDUCE, *INCEPTION) if everything else ((480, 192),):
            yield from some(conv1x1(k, n, kind, arch, residual=False), everything)
        for k, n in PROJECT if everything else ():
            yield from conv1x1(k, n, kind, arch, residual=False, stride=2)
        for k, n in (*EXPAND, *REDUCE) if everything else EXPAND[:1]:
            yield from some(trained(k, n, kind, arch), everything)
            yield from some(trained(k, n, kind, arch, before=True), everything)
        for k, widths in BRANCHES if everything else BRANCHES[1:2]:
            yield from some(branches(k, widths, kind, arch), everything)
        yield from convolutions(kind, everything)
        for c in CHANNELS if everything else (64,):
            for place, size in enumerate(
                bn_backward.configurations(c) if everything else bn_backward.configurations(c)[:1]
            ):
                yield from pointwise(c, kind, size, first=place == 0)


def some(cases: Iterator[Case], everything: bool) -> list[Case]:
    """All of them, or the first."""
    found = list(cases)
    return found if everything else found[:1]


def front(before: bool) -> dict[str, object]:
    """The constants of a batch norm before the product, or of none."""
    return {"EPS_IN": 1e-5, "BEFORE": before, "AFFINE_IN": before}


def conv1x1(
    k: int, n: int, kind: str, arch: str, *, residual: bool, stride: int = 1, before: bool = False
) -> Iterator[Case]:
    for c in streaming.configurations(k, n, BYTES[kind], SHARED[arch], residual, before):
        kernel = streaming.resident if c.kind == "resident" else streaming.tiled
        tensors = dict.fromkeys(("x", "w", "residual", "z"), f"*{kind}")
        constants = {
            **front(before), "EPS": 1e-5, "K": k, "N": n, "X": k, "R": n if residual else 0, "Z": n,
            "H": 28, "W": 28, "OUT_H": 28 // stride, "OUT_W": 28 // stride, "STRIDE": stride,
            "BIAS": False, "NORM": True, "AFFINE": True, "RESIDUAL": residual, "RELU": True,
            "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee", "GROUP": 8,
            "ROWS": c.rows, "COLS": c.cols, "DEPTH": c.depth, "STAGES": c.stages,
        }  # fmt: skip
        types = {**tensors, **dict.fromkeys((*VECTORS, *VECTORS_IN), "*fp32"), "M": "i32"}
        name = f"conv1x1 {k}->{n} {kind}{' +residual' * residual}{' /2' * (stride > 1)}{' prepared' * before}: {c}"
        yield Case(name, kernel, types, constants, c.warps, c.stages, wide=(*tensors, *VECTORS, *VECTORS_IN))


def trained(k: int, n: int, kind: str, arch: str, *, before: bool = False) -> Iterator[Case]:
    for c in training.configurations(k, n, BYTES[kind], SHARED[arch]):
        constants = {
            **front(before), "K": k, "N": n, "X": k, "H": 28, "W": 28, "OUT_H": 28, "OUT_W": 28, "STRIDE": 1,
            "BIAS": False, "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee", "GROUP": 8,
            "ROWS": c.rows, "COLS": c.cols, "DEPTH": c.depth, "STAGES": c.stages,
        }  # fmt: skip
        types = {
            **dict.fromkeys("xwy", f"*{kind}"),
            **dict.fromkeys(("bias", "means", "m2s", *VECTORS_IN), "*fp32"),
            "M": "i32",
        }
        name = f"conv1x1 with statistics {k}->{n} {kind}{' prepared' * before}: {c}"
        wide = tuple(name for name in types if name != "M")
        yield Case(name, training.with_statistics, types, constants, c.warps, c.stages, wide=wide)


def branches(k: int, widths: tuple[int, ...], kind: str, arch: str) -> Iterator[Case]:
    full = (*widths, *(0,) * (many.MOST - len(widths)))
    each = range(many.MOST)
    tensors = {"x": f"*{kind}", **{f"{name}{i}": f"*{kind}" for i in each for name in "wz"}}
    vectors = {f"{name}{i}": "*fp32" for i in each for name in VECTORS}
    for c in many.configurations(k, widths, BYTES[kind], SHARED[arch]):
        constants = {
            "K": k, "X": k, **{f"N{i}": n for i, n in enumerate(full)}, **{f"Z{i}": n for i, n in enumerate(full)},
            **{f"EPS{i}": 1e-5 for i in each}, **{f"BIAS{i}": False for i in each},
            "NORM": True, "AFFINE": True, "RELU": True,
            "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee",
            "ROWS": c.rows, "COLS": c.cols, "DEPTH": c.depth, "STAGES": c.stages,
        }  # fmt: skip
        types = {**tensors, **vectors, "M": "i32"}
        name = f"conv1x1_many {k}->{'+'.join(map(str, widths))} {kind}: {c}"
        yield Case(name, many.routed, types, constants, c.warps, c.stages, wide=(*tensors, *vectors))


def convolutions(kind: str, everything: bool) -> Iterator[Case]:
    """The weights of a 3x3 with batch norm in them, for cuDNN."""
    for k, n in ((64, 64), (512, 512), (96, 208)) if everything else ((64, 64),):
        constants = {"EPS": 1e-5, "N": n, "K": 9 * k, "BIAS": False, "AFFINE": True, "ACC": tl.float32,
                     "ROWS": convolution._ROWS, "COLS": convolution._COLS}  # fmt: skip
        types = {**dict.fromkeys(("w", "scaled", "shifts"), f"*{kind}"), **dict.fromkeys(VECTORS, "*fp32")}
        yield Case(f"folded {k}->{n} {kind}", convolution.folded, types, constants, 4, 1, product=False, wide=(*types,))


def pointwise(c: int, kind: str, size: Configuration, *, first: bool) -> Iterator[Case]:
    """Batch norm, add and ReLU, there and back, and the statistics."""
    tile = {"ROWS": size.rows, "COLS": size.cols}
    common = {"C": c, "ACC": tl.float32}
    small = {"C": c, "ACC": tl.float32, "ROWS": 128, "COLS": 16}
    back = {**common, "D": c, "Y": c, "RELU": True, **tile}
    kernels = (
        (block_end.forward, {**common, "EPS": 1e-5, "Y": c, "R": c, "Z": c, "BIAS": False, "NORM": True, "AFFINE": True,
                               "RESIDUAL": True, "RELU": True, "MASK": True, **tile}),
        (bn_backward.sums, back),
        (bn_backward.settle, {**small, "EPS": 1e-5, "AFFINE": True}),
        (bn_backward.backward, {**back, "BATCH": True, "RESIDUAL": True}),
        (statistics.partial, {**common, "Y": c, **tile}),
        (statistics.merge, small),
    )  # fmt: skip
    large = ("y", "residual", "z", "dz", "dy", "dresidual")
    for kernel, constants in kernels:
        if not first and constants.items() >= small.items():
            continue  # it has one size of tile
        names = [name for name in kernel.arg_names if name not in constants]
        numbers = ("M", "P", "SPAN", "EACH")
        types = {
            n: "i32" if n in numbers else "*u8" if n == "mask" else f"*{kind if n in large else 'fp32'}" for n in names
        }
        pointers = tuple(name for name in names if types[name] != "i32")
        name = f"{kernel.fn.__name__} {c} {kind}: {size}"
        yield Case(name, kernel, types, constants, size.warps, 1, product=False, wide=pointers)
