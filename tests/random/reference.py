"""Layers at random, each written as an .arch file has it and made in PyTorch by hand beside it.

Nothing here asks archlang: what a layer means is said once more, from the language's reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SMALL = 24
"""The most rows, columns and features that a layer is given to work on."""


Made = tuple[Callable[[Tensor], Tensor], dict[str, tuple[int, ...]], int]
"""What a layer does to a tensor, its state by name, and how many numbers of it are learned."""


@dataclass
class Layer:
    """One layer: its head and options as text, its family, and how it is made for what enters it."""

    word: str
    head: str
    family: str
    make: Callable[[Tensor], Made]
    options: dict[str, str] = field(default_factory=dict)
    stateful: bool = False

    @property
    def text(self) -> str:
        """The call, its options in parentheses."""
        more = ", ".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.head}({more})" if more else self.head


class Misfit(Exception):
    """A layer that what enters does not fit."""


def of_module(word: str, head: str, family: str, module: Callable[[Tensor], nn.Module], **more: Any) -> Layer:
    """The layer that a module is, made for the tensor that enters."""

    def make(x: Tensor) -> Made:
        made = module(x).eval()
        state = {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}
        learned = sum(p.numel() for p in made.parameters())
        if isinstance(made, nn.Linear):
            return lambda x: made(torch.flatten(x, 1)), state, learned
        return made, state, learned

    return Layer(word, head, family, make, **more)


def at_each(word: str, head: str, family: str, module: Callable[[int], nn.Module], **more: Any) -> Layer:
    """The layer that a module of features is at each position of a map."""

    def make(x: Tensor) -> Made:
        if x.dim() != 4:
            raise Misfit
        made = module(x.shape[1]).eval()
        state = {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}
        learned = sum(p.numel() for p in made.parameters())
        return lambda x: made(x.movedim(1, 3)).movedim(3, 1), state, learned

    return Layer(word, head, family, make, stateful=True, **more)


def plain(word: str, head: str, family: str, run: Callable[[Tensor], Tensor], **more: Any) -> Layer:
    """A layer without state."""
    return Layer(word, head, family, lambda x: (run, {}, 0), **more)


def pair(r: Random, low: int, high: int) -> tuple[int, int]:
    """Two numbers, mostly the same."""
    one = r.randint(low, high)
    return one, one if r.random() < 0.7 else r.randint(low, high)


def typed(two: tuple[int, int]) -> str:
    """`3`, or `[1, 3]`."""
    return str(two[0]) if two[0] == two[1] else f"[{two[0]}, {two[1]}]"


def _fits(size: int, k: int, pad: int, dilation: int) -> bool:
    return size + 2 * pad >= dilation * (k - 1) + 1


def _divisor(r: Random, n: int) -> int:
    return r.choice([d for d in range(1, min(n, 6) + 1) if n % d == 0])


def _kernel_head(r: Random, word: str, k: tuple[int, int], width: str | None, options: dict[str, str]) -> str:
    dash = f"-{width}" if width is not None else ""
    if r.random() < 0.2:
        options["k"] = typed(k)
        return f"{word}{dash}"
    digits = str(k[0]) if k[0] == k[1] and r.random() < 0.8 else f"{k[0]}x{k[1]}"
    return f"{word}{digits}{dash}"


def _put_stride(r: Random, head: str, stride: tuple[int, int], options: dict[str, str]) -> str:
    if stride[0] == stride[1] and r.random() < 0.7:
        return f"{head}/{stride[0]}"
    options["stride"] = typed(stride)
    return head


def _width(r: Random, n: int, options: dict[str, str]) -> str | None:
    roll = r.random()
    if roll < 0.15:
        options["out"] = str(n)
        return None
    return f"({n - 1} + 1)" if roll < 0.25 else str(n)


def _conv_numbers(
    r: Random, x: Tensor
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int] | None, tuple[int, int]]:
    """Kernel, dilation, padding as written (None: the default) and as it is."""
    while True:
        k, dilation = pair(r, 1, 5), pair(r, 1, 2) if r.random() < 0.2 else (1, 1)
        usual = tuple(d * (n // 2) if n % 2 else 0 for n, d in zip(k, dilation, strict=True))
        pad = pair(r, 0, 2) if r.random() < 0.3 else None
        if all(_fits(s, n, p, d) for s, n, p, d in zip(x.shape[2:], k, pad or usual, dilation, strict=True)):
            return k, dilation, pad, pad or (usual[0], usual[1])


def conv(r: Random, x: Tensor) -> Layer:
    k, dilation, pad, padding = _conv_numbers(r, x)
    channels = x.shape[1]
    groups = _divisor(r, channels) if r.random() < 0.3 else 1
    out = groups * r.randint(1, 6)
    stride = pair(r, 1, 2) if r.random() < 0.4 else (1, 1)
    bias = r.random() < 0.7
    module = lambda x: nn.Conv2d(x.shape[1], out, k, stride, padding, dilation, groups, bias)  # noqa: E731
    options: dict[str, str] = {}
    if r.random() < 0.15 and k[0] == k[1]:
        head = f"{k[0]}x{k[1]},{out}" if stride == (1, 1) else f"{k[0]}x{k[1]}/{stride[0]},{out}"
        if stride[0] != stride[1]:
            head, options["stride"] = f"{k[0]}x{k[1]},{out}", typed(stride)
    else:
        head = _kernel_head(r, "conv", k, _width(r, out, options), options)
        if stride != (1, 1):
            head = _put_stride(r, head, stride, options)
    _shared(r, options, pad, dilation, bias=bias)
    if groups > 1:
        options["groups"] = str(groups)
    return of_module("conv", head, "conv", module, options=options, stateful=True)


def _shared(
    r: Random, options: dict[str, str], pad: tuple[int, int] | None, dilation: tuple[int, int], *, bias: bool
) -> None:
    if pad is not None:
        options["pad"] = typed(pad)
    if dilation != (1, 1):
        options["dilation"] = typed(dilation)
    if not bias or r.random() < 0.1:
        options["bias"] = str(bias).lower()


def dwconv(r: Random, x: Tensor) -> Layer:
    k, dilation, pad, padding = _conv_numbers(r, x)
    channels, mult = x.shape[1], r.choice([1, 1, 2])
    stride = pair(r, 1, 2) if r.random() < 0.4 else (1, 1)
    bias = r.random() < 0.7

    def module(x: Tensor) -> nn.Module:
        if x.shape[1] != channels and (width is not None or "out" in options):
            raise Misfit
        c = x.shape[1]
        return nn.Conv2d(c, c * mult, k, stride, padding, dilation, c, bias)

    options: dict[str, str] = {}
    width = None
    if mult > 1 or r.random() < 0.2:
        roll = r.random()
        width = str(channels * mult) if roll < 0.4 else None
        if 0.4 <= roll < 0.7:
            options["mult"] = str(mult)
        elif roll >= 0.7:
            options["out"] = str(channels * mult)
    head = _kernel_head(r, "dwconv", k, width, options)
    if stride != (1, 1):
        head = _put_stride(r, head, stride, options)
    _shared(r, options, pad, dilation, bias=bias)
    return of_module("dwconv", head, "conv", module, options=options, stateful=True)


def deconv(r: Random, x: Tensor) -> Layer:
    channels = x.shape[1]
    groups = _divisor(r, channels) if r.random() < 0.3 else 1
    out, k, stride = groups * r.randint(1, 4), pair(r, 2, 4), pair(r, 1, 2)
    dilation = (2, 2) if r.random() < 0.2 else (1, 1)
    pad = (1, 1) if r.random() < 0.3 else (0, 0)
    more = tuple(r.randint(0, s - 1) for s in stride)
    bias = r.random() < 0.7
    sizes = [
        (s - 1) * t - 2 * p + d * (n - 1) + 1
        for s, t, p, d, n in zip(x.shape[2:], stride, pad, dilation, k, strict=True)
    ]
    if min(sizes) < 1:
        pad = (0, 0)
    module = lambda x: nn.ConvTranspose2d(  # noqa: E731
        x.shape[1], out, k, stride, pad, more, groups, bias, dilation
    )
    options: dict[str, str] = {}
    head = _kernel_head(r, r.choice(["deconv", "upconv"]), k, _width(r, out, options), options)
    if stride != (1, 1):
        head = _put_stride(r, head, stride, options)
    _shared(r, options, pad if pad != (0, 0) else None, dilation, bias=bias)
    if more != (0, 0):
        options["out_pad"] = typed((more[0], more[1]))
    if groups > 1:
        options["groups"] = str(groups)
    return of_module("deconv", head, "deconv", module, options=options, stateful=True)


def fc(r: Random, x: Tensor) -> Layer:
    out, bias = r.randint(1, SMALL), r.random() < 0.7
    module = lambda x: nn.Linear(math.prod(x.shape[1:]), out, bias)  # noqa: E731
    options: dict[str, str] = {}
    width = _width(r, out, options)
    head = r.choice(["FC", "fc"]) + (f"-{width}" if width else "")
    if not bias:
        options["bias"] = "false"
    if x.dim() == 4 and r.random() < 0.2:
        options["each"] = "true"
        return at_each("FC", head, "fc", lambda channels: nn.Linear(channels, out, bias), options=options)
    return of_module("FC", head, "fc", module, options=options, stateful=True)


def bn(r: Random, x: Tensor) -> Layer:
    affine = r.random() < 0.8
    module = lambda x: (nn.BatchNorm2d if x.dim() == 4 else nn.BatchNorm1d)(x.shape[1], affine=affine)  # noqa: E731
    options = {"eps": "1e-3"} if r.random() < 0.2 else {}
    if r.random() < 0.2:
        options["momentum"] = "0.01"
    if not affine:
        options["affine"] = "false"
    return of_module("bn", r.choice(["bn", "batchnorm"]), "bn", module, options=options)


def groupnorm(r: Random, x: Tensor) -> Layer:
    groups, affine = _divisor(r, x.shape[1]), r.random() < 0.7
    options = {"groups": str(groups)} | ({"eps": "1e-3"} if r.random() < 0.3 else {})
    if not affine:
        options["affine"] = "false"
    return of_module(
        "groupnorm", "gn", "norm", lambda x: nn.GroupNorm(groups, x.shape[1], affine=affine), options=options
    )


def instancenorm(r: Random, x: Tensor) -> Layer:
    affine = r.random() < 0.5
    options = ({"affine": "true"} if affine else {}) | ({"eps": "1e-3"} if r.random() < 0.3 else {})
    return of_module(
        "instancenorm", "instancenorm", "norm", lambda x: nn.InstanceNorm2d(x.shape[1], affine=affine), options=options
    )


def layernorm(r: Random, x: Tensor) -> Layer:
    module = lambda x: nn.GroupNorm(1, x.shape[1]) if x.dim() == 4 else nn.LayerNorm(x.shape[1])  # noqa: E731
    options = {"eps": "1e-3"} if r.random() < 0.3 else {}
    if x.dim() == 4 and r.random() < 0.3:
        return at_each("layernorm", "ln", "norm", nn.LayerNorm, options=options | {"each": "true"})
    return of_module("layernorm", "ln", "norm", module, options=options)


def lrn(r: Random, x: Tensor) -> Layer:
    more = {"size": "3", "alpha": "1e-3", "beta": "0.5", "k": "2"}
    options = {name: value for name, value in more.items() if r.random() < 0.4}
    if r.random() < 0.3:
        options["within"] = "true"
    return plain("LRN", r.choice(["LRN", "lrn"]), "lrn", lambda x: F.local_response_norm(x, 5), options=options)


def maxpool(r: Random, x: Tensor) -> Layer:
    return _pool(r, x, "maxpool")


def avgpool(r: Random, x: Tensor) -> Layer:
    return _pool(r, x, "avgpool")


def _pool(r: Random, x: Tensor, word: str) -> Layer:
    k = pair(r, 1, 3)
    while not all(_fits(s, n, 0, 1) for s, n in zip(x.shape[2:], k, strict=True)):
        k = pair(r, 1, 3)
    plain = min(x.shape[2:]) > 1 and r.random() < 0.2
    k = (2, 2) if plain else k
    options: dict[str, str] = {}
    head = word if plain else _kernel_head(r, word, k, None, options)
    stride = pair(r, 1, 3) if r.random() < 0.5 else None
    if stride is not None:
        head = _put_stride(r, head, stride, options)
    pad = tuple(n // 2 for n in k) if r.random() < 0.3 else (0, 0)
    if pad != (0, 0):
        options["pad"] = typed((pad[0], pad[1]))
    ceil = r.random() < 0.4
    if ceil:
        options["ceil"] = "true"
    dilation = (1, 1)
    if word == "maxpool" and r.random() < 0.2 and all(_fits(s, n, 0, 2) for s, n in zip(x.shape[2:], k, strict=True)):
        dilation = (2, 2)
        options["dilation"] = "2"
    if word == "maxpool":
        module: nn.Module = nn.MaxPool2d(k, stride, pad, dilation, ceil_mode=ceil)
    else:
        module = nn.AvgPool2d(k, stride, pad, ceil_mode=ceil)
        if r.random() < 0.2:
            options["include_pad"] = "false"
    return of_module(word, head, "pool", lambda x: module, options=options)


def adaptive(word: str, kind: type[nn.Module]) -> Callable[[Random, Tensor], Layer]:
    def make(r: Random, x: Tensor) -> Layer:
        out = pair(r, 1, 4)
        return of_module(word, word, "pool", lambda x: kind(out), options={"out": typed(out)})

    return make


def overall(word: str, alias: str, module: Callable[[int], nn.Module]) -> Callable[[Random, Tensor], Layer]:
    return lambda r, x: of_module(word, r.choice([word, alias]), word, lambda x: module(1))


def activation(word: str, family: str, *names: str, **options: str) -> Callable[[Random, Tensor], Layer]:
    def make(r: Random, x: Tensor) -> Layer:
        chosen = {name: value for name, value in options.items() if r.random() < 0.5}
        return plain(word, r.choice([word, *names]), family, lambda x: x, options=chosen)

    return make


def prelu(r: Random, x: Tensor) -> Layer:
    each = r.random() < 0.5
    options = ({"per_channel": "true"} if each else {}) | ({"start": "0.1"} if r.random() < 0.3 else {})
    return of_module(
        "prelu", "prelu", "prelu", lambda x: nn.PReLU(x.shape[1] if each else 1), options=options, stateful=True
    )


def dropout2d(r: Random, x: Tensor) -> Layer:
    return activation("dropout2d", "dropout", p="0.2")(r, x)


def softmax(word: str) -> Callable[[Random, Tensor], Layer]:
    def run(x: Tensor) -> Tensor:
        return F.softmax(torch.flatten(x, 1) if x.shape[2:] == (1, 1) else x, 1)

    return lambda r, x: plain(word, word, "softmax", run)


def flatten(r: Random, x: Tensor) -> Layer:
    return plain("flatten", "flatten", "flatten", lambda x: torch.flatten(x, 1))


def subsample(r: Random, x: Tensor) -> Layer:
    stride = pair(r, 1, 3)
    options: dict[str, str] = {}
    head = _put_stride(r, "subsample", stride, options)
    run = lambda x: x[:, :, :: stride[0], :: stride[1]]  # noqa: E731
    return plain("subsample", head, "subsample", run, options=options)


def padc(r: Random, x: Tensor) -> Layer:
    out = x.shape[1] + r.randint(0, 4)

    def run(x: Tensor) -> Tensor:
        if x.shape[1] > out:
            raise Misfit
        return F.pad(x, (0, 0, 0, 0, 0, out - x.shape[1]))

    return plain("padc", "padc", "padc", run, options={"out": str(out)})


def shuffle(r: Random, x: Tensor) -> Layer:
    groups = r.choice([d for d in range(2, x.shape[1] + 1) if x.shape[1] % d == 0])
    return plain("shuffle", "shuffle", "shuffle", _even(groups), options={"groups": str(groups)})


def _even(parts: int) -> Callable[[Tensor], Tensor]:
    def run(x: Tensor) -> Tensor:
        if x.shape[1] % parts:
            raise Misfit
        return x

    return run


def maps(r: Random, x: Tensor) -> Layer:
    taken = [r.randrange(x.shape[1]) for _ in range(r.randint(1, 6))]

    def run(x: Tensor) -> Tensor:
        if max(taken) >= x.shape[1]:
            raise Misfit
        return torch.stack([x[:, number] for number in taken], 1)

    return plain("maps", "maps", "maps", run, options={"of": str(taken)})


def rbf(r: Random, x: Tensor) -> Layer:
    out = r.randint(1, SMALL)

    def make(x: Tensor) -> Made:
        if x.dim() != 2:
            raise Misfit
        return lambda x: x.new_zeros(x.shape[0], out), {"patterns": (out, x.shape[1])}, 0

    options: dict[str, str] = {}
    width = _width(r, out, options)
    return Layer("rbf", "rbf" + (f"-{width}" if width else ""), "rbf", make, options, stateful=True)


def posbias(r: Random, x: Tensor) -> Layer:
    make = lambda x: (_same, {"": tuple(x.shape[1:])}, math.prod(x.shape[1:]))  # noqa: E731
    return Layer("posbias", "posbias", "posbias", make, stateful=True)


def _same(x: Tensor) -> Tensor:
    return x


def scale(r: Random, x: Tensor) -> Layer:
    options = {"start": "0.1"} if r.random() < 0.5 else {}
    make = lambda x: (_same, {"": (x.shape[1], *(1 for _ in x.shape[2:]))}, x.shape[1])  # noqa: E731
    return Layer("scale", r.choice(["scale", "layerscale"]), "scale", make, options, stateful=True)


def times(r: Random, x: Tensor) -> Layer:
    return plain("times", "times", "times", _same, options={"by": r.choice(["0.25", "2", "-1.5"])})


def upsample(r: Random, x: Tensor) -> Layer:
    by = pair(r, 1, 2)
    options = {} if by == (2, 2) else {"scale": typed(by)}
    if r.random() < 0.5:
        options |= {"mode": r.choice(['"bilinear"', "bilinear"])} | ({"align": "true"} if r.random() < 0.5 else {})
    elif r.random() < 0.2:
        options["mode"] = "nearest"
    run = lambda x: F.interpolate(x, scale_factor=by)  # noqa: E731
    return plain("upsample", "upsample", "upsample", run, options=options)


def zeropad(r: Random, x: Tensor) -> Layer:
    size, sides = r.choice([("1", (1, 1, 1, 1)), ("[1, 2]", (2, 2, 1, 1)), ("[0, 1, 2, 3]", (2, 3, 0, 1))])
    return plain("pad", "pad", "pad", lambda x: F.pad(x, sides), options={"size": size})


def slice_(r: Random, x: Tensor) -> Layer:
    parts = _divisor(r, x.shape[1])
    index = r.randrange(parts)

    def run(x: Tensor) -> Tensor:
        share = _even(parts)(x).shape[1] // parts
        return x[:, index * share : (index + 1) * share]

    return plain("slice", "slice", "slice", run, options={"index": str(index), "parts": str(parts)})


Maker = Callable[[Random, Tensor], Layer]

EVERYWHERE: dict[str, Maker] = {
    "FC": fc,
    "bn": bn,
    "layernorm": layernorm,
    "l2norm": activation("l2norm", "norm"),
    "relu": activation("relu", "relu"),
    "relu6": activation("relu6", "relu"),
    "leakyrelu": activation("leakyrelu", "relu", "leaky", slope="0.2"),
    "prelu": prelu,
    "elu": activation("elu", "elu", alpha="0.5"),
    "gelu": activation("gelu", "gelu"),
    "silu": activation("silu", "silu", "swish"),
    "sigmoid": activation("sigmoid", "sigmoid"),
    "tanh": activation("tanh", "tanh"),
    "hardswish": activation("hardswish", "hardswish"),
    "hardsigmoid": activation("hardsigmoid", "hardsigmoid"),
    "softplus": activation("softplus", "softplus"),
    "mish": activation("mish", "mish"),
    "dropout": activation("dropout", "dropout", p="0.2"),
    "droppath": activation("droppath", "dropout", "stochasticdepth", p="0.2"),
    "softmax": softmax("softmax"),
    "logsoftmax": softmax("logsoftmax"),
    "flatten": flatten,
    "identity": activation("identity", "identity"),
    "posbias": posbias,
    "scale": scale,
    "times": times,
}
ON_MAPS: dict[str, Maker] = {
    "conv": conv,
    "dwconv": dwconv,
    "deconv": deconv,
    "groupnorm": groupnorm,
    "instancenorm": instancenorm,
    "LRN": lrn,
    "maxpool": maxpool,
    "avgpool": avgpool,
    "adaptiveavgpool": adaptive("adaptiveavgpool", nn.AdaptiveAvgPool2d),
    "adaptivemaxpool": adaptive("adaptivemaxpool", nn.AdaptiveMaxPool2d),
    "gap": overall("gap", "globalavgpool", nn.AdaptiveAvgPool2d),
    "gmp": overall("gmp", "globalmaxpool", nn.AdaptiveMaxPool2d),
    "dropout2d": dropout2d,
    "slice": slice_,
    "subsample": subsample,
    "padc": padc,
    "shuffle": shuffle,
    "upsample": upsample,
    "pad": zeropad,
    "maps": maps,
}
ON_FEATURES: dict[str, Maker] = {"rbf": rbf}
ENDS = ("FC", "flatten", "gap", "gmp", "softmax", "adaptiveavgpool", "adaptivemaxpool", "posbias")
"""What a network is over soon after: chosen less often."""


def a_layer(r: Random, x: Tensor, words: tuple[str, ...] | None = None) -> Layer:
    """A layer that `x` can enter."""
    makers = EVERYWHERE | (ON_MAPS if x.dim() == 4 else ON_FEATURES)
    names = [name for name in makers if words is None or name in words]
    while True:
        word = r.choice([*names, *(["conv", "conv", "bn", "relu"] if x.dim() == 4 and words is None else [])])
        if word in ENDS and words is None and x.dim() == 4 and r.random() < 0.6:
            continue
        if word == "shuffle" and x.shape[1] < 2:
            continue
        if word == "instancenorm" and tuple(x.shape[2:]) == (1, 1):
            continue
        if word in ("deconv", "upsample", "pad") and max(x.shape[2:]) > SMALL:
            continue
        layer = makers[word](r, x)
        return replace(layer, make=_on_a_map(layer.make)) if word in ON_MAPS else layer


def _on_a_map(make: Callable[[Tensor], Made]) -> Callable[[Tensor], Made]:
    def checked(x: Tensor) -> Made:
        if x.dim() != 4:
            raise Misfit
        return make(x)

    return checked
