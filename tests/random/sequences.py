"""Layers of sequences at random, from a map's positions to one of them, as `reference` has those of maps."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import torch
import torch.nn.functional as F
from reference import Layer, of_module, plain
from torch import Tensor, nn


def tokens(r: Random, channels: int, length: int) -> Layer:
    return plain("tokens", "tokens", "tokens", lambda x: torch.movedim(x, 1, 3).flatten(1, 2))


def classtoken(r: Random, channels: int, length: int) -> Layer:
    make = lambda x: (lambda x: F.pad(x, (0, 0, 1, 0)), {"": (1, 1, x.shape[2])}, x.shape[2])  # noqa: E731
    return Layer("classtoken", "classtoken", "token", make, stateful=True)


def positions(r: Random, channels: int, length: int) -> Layer:
    make = lambda x: (lambda x: x, {"": (1, *x.shape[1:])}, x.shape[1] * x.shape[2])  # noqa: E731
    return Layer("positions", "positions", "positions", make, stateful=True)


def attention(r: Random, channels: int, length: int) -> Layer:
    heads = r.choice([n for n in range(1, channels + 1) if channels % n == 0])

    def make(x: Tensor):
        made = nn.MultiheadAttention(x.shape[2], heads, batch_first=True).eval()
        state = {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}
        return lambda x: made(x, x, x, need_weights=False)[0], state, sum(p.numel() for p in made.parameters())

    return Layer("attention", "attention", "attention", make, options={"heads": str(heads)}, stateful=True)


def layernorm(r: Random, channels: int, length: int) -> Layer:
    return of_module("layernorm", "layernorm", "norm", lambda x: nn.LayerNorm(x.shape[2]), stateful=True)


def mlp(r: Random, channels: int, length: int) -> Layer:
    def make(x: Tensor):
        made = nn.Linear(x.shape[2], channels)
        state = {"weight": (channels, x.shape[2]), "bias": (channels,)}
        return lambda x: F.conv1d(x.mT, made.weight[..., None], made.bias).mT, state, channels * (x.shape[2] + 1)

    return Layer("FC", f"FC-{channels}", "fc", make, stateful=True)


def lstm(r: Random, channels: int, length: int) -> Layer:
    biases = r.choice([0, 1, 2, 2])
    dashed = r.random() < 0.5

    def make(x: Tensor):
        made = nn.LSTM(x.shape[2], channels, bias=biases > 0, batch_first=True).eval()
        state = {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}
        if biases == 1:
            del state["bias_hh_l0"]
        return lambda x: made(x)[0], state, sum(math.prod(shape) for shape in state.values())

    options = ({} if dashed else {"out": str(channels)}) | ({} if biases == 2 else {"biases": str(biases)})
    return Layer("lstm", f"lstm-{channels}" if dashed else "lstm", "lstm", make, options=options, stateful=True)


def gelu(r: Random, channels: int, length: int) -> Layer:
    return plain("gelu", "gelu", "gelu", lambda x: x)


def droppath(r: Random, channels: int, length: int) -> Layer:
    return plain("droppath", "droppath", "dropout", lambda x: x, options={"p": "0.1"})


def pick(r: Random, channels: int, length: int) -> Layer:
    index = r.randrange(length)
    return plain("pick", "pick", "pick", lambda x: x[:, index], options={"index": str(index)} if index else {})


def mean(r: Random, channels: int, length: int) -> Layer:
    return plain("mean", "mean", "mean", lambda x: x.mean(1))


BETWEEN: dict[str, Callable[[Random, int, int], Layer]] = {
    "classtoken": classtoken,
    "positions": positions,
    "attention": attention,
    "lstm": lstm,
    "layernorm": layernorm,
    "FC": mlp,
    "gelu": gelu,
    "droppath": droppath,
}
"""What keeps the channels of a sequence; `tokens` comes before, `pick` or `mean` after."""
WORDS = {"tokens", "pick", "mean", *BETWEEN}


def a_sequence(r: Random, channels: int, length: int) -> list[Layer]:
    """Layers from a map of `channels` and `length` positions to features."""
    names = r.choices(sorted(BETWEEN), k=r.randint(1, 6))
    last = r.choice([pick, mean])
    return [maker(r, channels, length) for maker in (tokens, *(BETWEEN[name] for name in names), last)]
