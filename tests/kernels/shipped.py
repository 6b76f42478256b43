"""Every kernel with every configuration that is shipped for it, on the shapes of the networks it is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import TypeVar

import triton.language as tl
from compiling import Case

from archlang.kernels import (
    back_to_back,
    block_end,
    bn_backward,
    convolution,
    dgrad,
    many,
    statistics,
    streaming,
    streaming_tma,
    training,
    two_products,
    wgrad,
)
from archlang.kernels.activation import BITS, EVERYTHING, HARDSWISH, RELU, RELU6, SILU, remade
from archlang.kernels.machine import SHARED

Found = TypeVar("Found")
BYTES = {"fp16": 2, "bf16": 2, "fp32": 4}
EXPAND = ((64, 256), (128, 512), (256, 1024), (512, 2048))
REDUCE = ((64, 64), (256, 64), (256, 128), (512, 128), (1024, 256), (2048, 512))
WIDEN = ((24, 144), (96, 576), (160, 960))
INCEPTION = ((24, 40), (192, 64), (480, 192), (512, 24), (832, 384))
BRANCHES = ((192, (64, 96, 16)), (480, (192, 96, 16)), (832, (384, 192, 48)), (64, (16, 64)), (512, (112, 144, 32, 64)))
PROJECT = ((256, 512), (512, 1024), (1024, 2048))
ENDS = ((64, 64, 256, 1), (128, 256, 512, 2), (256, 512, 1024, 2), (512, 1024, 2048, 2))
PAIRS = ((64, 256, 64, True), (64, 256, 128, True), (128, 512, 128, True), (128, 512, 256, True),
         (96, 96, 96, False), (256, 256, 256, False))  # fmt: skip
OTHERS = (HARDSWISH, SILU, RELU6)
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
        for k, n in (*EXPAND, *REDUCE, *INCEPTION) if everything else EXPAND[:1]:
            yield from moved(k, n, kind, arch, residual=k < n)
        yield from other_activations(kind, arch, everything=everything)
        for k, n in PROJECT if everything else ():
            yield from conv1x1(k, n, kind, arch, residual=False, stride=2)
        for c, k, n, stride in ENDS if everything else ENDS[1:2]:
            yield from some(two(c, k, n, kind, arch, stride), everything)
            yield from some(two(c, k, n, kind, arch, stride, before=True), everything)
        for c, e, d, keep in PAIRS if everything else PAIRS[:1]:
            yield from some(pair(c, e, d, kind, arch, keep=keep), everything)
            yield from some(pair(c, e, d, kind, arch, keep=keep, before=keep), everything) if keep else ()
        yield from of_training(kind, arch, everything=everything)
        for k, widths in BRANCHES if everything else BRANCHES[1:2]:
            yield from some(branches(k, widths, kind, arch), everything)
            yield from some(branches(k, widths, kind, arch, training=True), everything)
        yield from convolutions(kind, everything)
        for c in CHANNELS if everything else (64,):
            yield from pointwise(c, kind, everything=everything)


def other_activations(kind: str, arch: str, *, everything: bool) -> Iterator[Case]:
    """What stands in the place of ReLU behind a 1x1."""
    for k, n in WIDEN if everything else WIDEN[:1]:
        for act in (RELU, *OTHERS) if everything else OTHERS[:1]:
            yield from some(conv1x1(k, n, kind, arch, residual=False, act=act), everything)
            yield from some(moved(k, n, kind, arch, residual=False, act=act), everything)


def of_training(kind: str, arch: str, *, everything: bool) -> Iterator[Case]:
    """The products of a training step, there and back."""
    for k, n in (*EXPAND, *REDUCE) if everything else EXPAND[:1]:
        yield from some(trained(k, n, kind, arch), everything)
        yield from some(trained(k, n, kind, arch, before=True), everything)
    ends = [(k, n, True, EVERYTHING) for k, n in (EXPAND if everything else EXPAND[:1])]
    starts = [(k, n, False, remade(RELU)) for k, n in (REDUCE if everything else REDUCE[1:2])]
    starts += [(k, n, False, remade(act)) for k, n in WIDEN[:1] for act in some(OTHERS, everything)]
    for k, n, before, passing in (*ends, *starts):
        for module in (dgrad, wgrad):
            yield from some(way_back(module, k, n, kind, arch, before=before, passing=passing), everything)


def some(cases: Iterable[Found], everything: bool) -> list[Found]:
    """All of them, or the first."""
    found = list(cases)
    return found if everything else found[:1]


def front(before: bool) -> dict[str, object]:
    """The constants of a batch norm before the product, or of none."""
    return {"EPS_IN": 1e-5, "BEFORE": before, "AFFINE_IN": before}


def conv1x1(
    k: int, n: int, kind: str, arch: str, *, residual: bool, stride: int = 1, before: bool = False, act: int = RELU
) -> Iterator[Case]:
    for c in streaming.configurations(k, n, BYTES[kind], SHARED[arch], residual, before, act):
        kernel = streaming.resident if c.kind == "resident" else streaming.tiled
        tensors = dict.fromkeys(("x", "w", "residual", "z"), f"*{kind}")
        constants = {
            **front(before), "EPS": 1e-5, "K": k, "N": n, "X": k, "R": n if residual else 0, "Z": n,
            "H": 28, "W": 28, "OUT_H": 28 // stride, "OUT_W": 28 // stride, "STRIDE": stride,
            "BIAS": False, "NORM": True, "AFFINE": True, "RESIDUAL": residual, "ACT": act,
            "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee", "GROUP": 8,
            "ROWS": c.rows, "COLS": c.cols, "DEPTH": c.depth, "STAGES": c.stages,
        }  # fmt: skip
        types = {**tensors, **dict.fromkeys((*VECTORS, *VECTORS_IN), "*fp32"), "M": "i32"}
        more = f"{' +residual' * residual}{' /2' * (stride > 1)}{' prepared' * before}{f' act {act}' * (act > RELU)}"
        name = f"conv1x1 {k}->{n} {kind}{more}: {c}"
        yield Case(name, kernel, types, constants, c.warps, c.stages, wide=(*tensors, *VECTORS, *VECTORS_IN))


def moved(k: int, n: int, kind: str, arch: str, *, residual: bool, act: int = RELU) -> Iterator[Case]:
    """Where the hardware moves tiles."""
    if arch not in ("sm_90", "sm_100") or BYTES[kind] != 2:
        return
    for c in streaming_tma.configurations(k, n, SHARED[arch], residual, act):
        tiles = {"x": (c.rows, c.depth), "w": (c.cols, c.depth), "residual": (c.rows, c.cols), "z": (c.rows, c.cols)}
        constants = {
            "EPS": 1e-5, "N": n, "BIAS": False, "NORM": True, "AFFINE": True, "RESIDUAL": residual, "ACT": act,
            "ACC": tl.float32, "PRECISION": "ieee", "ROWS": c.rows, "COLS": c.cols, "STAGES": c.stages,
        }  # fmt: skip
        types = {name: f"tensordesc<{kind}{list(tile)}>" for name, tile in tiles.items()}
        types |= {**dict.fromkeys(VECTORS, "*fp32"), "M": "i32"}
        name = f"conv1x1 by TMA {k}->{n} {kind}{' +residual' * residual}: {c}"
        yield Case(name, streaming_tma.by_tma, types, constants, c.warps, c.stages, wide=VECTORS)


def two(c: int, k: int, n: int, kind: str, arch: str, stride: int, *, before: bool = False) -> Iterator[Case]:
    for size in two_products.configurations(n, BYTES[kind], SHARED[arch], before):
        tensors = dict.fromkeys("hwxvz", f"*{kind}")
        vectors = {f"{name}{end}": "*fp32" for name in VECTORS for end in ("", "_v")}
        constants = {
            **front(before), "EPS": 1e-5, "EPS_V": 1e-5, "C": c, "K": k, "N": n, "A": c, "X": k, "Z": n,
            "H": 28 * stride, "W": 28 * stride, "OUT_H": 28, "OUT_W": 28, "STRIDE": stride, "RELU": True,
            "BIAS": False, "NORM": True, "AFFINE": True, "BIAS_V": False, "NORM_V": True, "AFFINE_V": True,
            "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee", "GROUP": 8,
            "ROWS": size.rows, "COLS": size.cols, "DEPTH": size.depth, "STAGES": size.stages,
        }  # fmt: skip
        types = {**tensors, **vectors, **dict.fromkeys(VECTORS_IN, "*fp32"), "M": "i32"}
        name = f"conv1x1_two {c}+{k}->{n} {kind} /{stride}{' prepared' * before}: {size}"
        wide = (*tensors, *vectors, *VECTORS_IN)
        yield Case(name, two_products.joined, types, constants, size.warps, size.stages, wide=wide)


def pair(c: int, e: int, d: int, kind: str, arch: str, *, keep: bool, before: bool = False) -> Iterator[Case]:
    for size in back_to_back.configurations(c, d, BYTES[kind], SHARED[arch], before):
        tensors = dict.fromkeys(("h", "w", "residual", "v", "z", "r"), f"*{kind}")
        vectors = {f"{name}{end}": "*fp32" for name in VECTORS for end in ("", "_v")}
        vectors |= dict.fromkeys(VECTORS_IN, "*fp32")
        constants = {
            **front(before), "EPS": 1e-5, "EPS_V": 1e-5, "C": c, "E": e, "D": d, "A": c, "R": e,
            "BIAS": not keep, "NORM": keep, "AFFINE": keep, "BIAS_V": not keep, "NORM_V": keep, "AFFINE_V": keep,
            "RESIDUAL": keep, "KEEP": keep, "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee",
            "ROWS": size.rows, "COLS": size.cols, "DEPTH": size.depth, "WIDE": back_to_back.wide_of(d),
            "STAGES": size.stages,
        }  # fmt: skip
        types = {**tensors, **vectors, "M": "i32"}
        name = f"conv1x1_pair {c}->{e}->{d} {kind}{' kept' * keep}{' prepared' * before}: {size}"
        yield Case(name, back_to_back.chained, types, constants, size.warps, size.stages, wide=(*tensors, *vectors))


def trained(k: int, n: int, kind: str, arch: str, *, before: bool = False) -> Iterator[Case]:
    for c in training.configurations(k, n, BYTES[kind], SHARED[arch], before):
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


def way_back(module: ModuleType, k: int, n: int, kind: str, arch: str, *, before: bool, passing: int) -> Iterator[Case]:
    """`dgrad.dgrad` or `wgrad.wgrad`."""
    kernel = module.dgrad if module is dgrad else module.wgrad
    for c in module.configurations(BYTES[kind], SHARED[arch]):
        constants = {
            **front(before), "PASS": passing, "K": k, "N": n, "G": n, "Y": n, "X": k,
            "H": 28, "W": 28, "OUT_H": 28, "OUT_W": 28, "STRIDE": 1,
            "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee",
            "ROWS": c.rows, "COLS": c.cols, "DEPTH": c.depth, "STAGES": c.stages,
        }  # fmt: skip
        constants |= {"GROUP": 8, "SKIP": not before, "S": k} if module is dgrad else {}
        names = [name for name in kernel.arg_names if name not in constants]
        large = ("g", "y", "w", "x", "skip", "dx")
        types = {n: "i32" if n in ("M", "SPAN") else f"*{kind if n in large else 'fp32'}" for n in names}
        wide = tuple(name for name in names if types[name] != "i32")
        name = f"{c.kind} {k}->{n} {kind}{' prepared' * before}: {c}"
        yield Case(name, kernel, types, constants, c.warps, c.stages, wide=wide)


def branches(k: int, widths: tuple[int, ...], kind: str, arch: str, *, training: bool = False) -> Iterator[Case]:
    full = (*widths, *(0,) * (many.MOST - len(widths)))
    each = range(many.MOST)
    tensors = {"x": f"*{kind}", **{f"{name}{i}": f"*{kind}" for i in each for name in "wz"}}
    vectors = {f"{name}{i}": "*fp32" for i in each for name in VECTORS}
    for c in many.configurations(k, widths, BYTES[kind], SHARED[arch]):
        constants = {
            "K": k, "X": k, **{f"N{i}": n for i, n in enumerate(full)}, **{f"Z{i}": n for i, n in enumerate(full)},
            **{f"EPS{i}": 1e-5 for i in each}, **{f"BIAS{i}": False for i in each},
            "NORM": not training, "AFFINE": not training, "RELU": not training, "STATISTICS": training,
            "ACC": tl.float32, "PRECISION": "tf32" if kind == "fp32" else "ieee",
            "ROWS": c.rows, "COLS": c.cols, "DEPTH": c.depth, "STAGES": c.stages,
        }  # fmt: skip
        types = {**tensors, **vectors, "means": "*fp32", "m2s": "*fp32", "M": "i32"}
        name = f"conv1x1_many {k}->{'+'.join(map(str, widths))} {kind}{' with statistics' * training}: {c}"
        wide = tuple(name for name in types if name != "M")
        yield Case(name, many.routed, types, constants, c.warps, c.stages, wide=wide)


def convolutions(kind: str, everything: bool) -> Iterator[Case]:
    """The weights of a 3x3 with batch norm in them, for cuDNN."""
    for k, n in ((64, 64), (512, 512), (96, 208)) if everything else ((64, 64),):
        constants = {"EPS": 1e-5, "N": n, "K": 9 * k, "BIAS": False, "AFFINE": True, "ACC": tl.float32,
                     "ROWS": convolution._ROWS, "COLS": convolution._COLS}  # fmt: skip
        types = {**dict.fromkeys(("w", "scaled", "shifts"), f"*{kind}"), **dict.fromkeys(VECTORS, "*fp32")}
        yield Case(f"folded {k}->{n} {kind}", convolution.folded, types, constants, 4, 1, product=False, wide=(*types,))


def pointwise(c: int, kind: str, *, everything: bool) -> Iterator[Case]:
    """Batch norm, add and ReLU, there and back, and the statistics."""
    common = {"C": c, "ACC": tl.float32}
    small = {**common, "ROWS": 128, "COLS": 16}
    back = {**common, "D": c, "Y": c}
    sums = {**back, "EPS": 1e-5, "AFFINE": True}
    every, of_sums = bn_backward.configurations(c), bn_backward.of_sums(c)
    kernels = (
        (every, block_end.forward, {**common, "EPS": 1e-5, "Y": c, "R": c, "Z": c, "BIAS": False, "NORM": True,
                                    "AFFINE": True, "RESIDUAL": True, "ACT": RELU, "MASK": True}),
        (of_sums, bn_backward.sums, {**sums, "PASS": BITS, "RESIDUAL": True}),
        (of_sums, bn_backward.sums, {**sums, "PASS": remade(RELU), "RESIDUAL": False}),
        (of_sums, bn_backward.sums, {**sums, "PASS": remade(SILU), "RESIDUAL": False}),
        (every[:1], bn_backward.settle, {**small, "EPS": 1e-5, "AFFINE": True, "BATCH": True}),
        (every, bn_backward.backward, {**back, "PASS": BITS, "BATCH": True, "RESIDUAL": True}),
        (every, bn_backward.backward, {**back, "PASS": remade(RELU), "BATCH": True, "RESIDUAL": False}),
        (every, statistics.partial, {**common, "Y": c}),
        (every[:1], statistics.merge, small),
    )  # fmt: skip
    large, numbers = ("y", "residual", "z", "dz", "dy", "dresidual"), ("M", "P", "SPAN", "EACH")
    for sizes, kernel, fixed in kernels:
        for size in some(sizes, everything):
            constants = {"ROWS": size.rows, "COLS": size.cols, **fixed}
            names = [name for name in kernel.arg_names if name not in constants]
            types = {n: "i32" if n in numbers else f"*{kind if n in large else 'fp32'}" for n in names}
            types |= {"mask": "*u8"} if "mask" in types else {}
            pointers = tuple(name for name in names if types[name] != "i32")
            name = f"{kernel.fn.__name__} {c} {kind}: {size}"
            yield Case(name, kernel, types, constants, size.warps, 1, product=False, wide=pointers)
