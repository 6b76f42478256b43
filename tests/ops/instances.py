"""Random layers with inputs that fit them, one maker a kind."""

from collections.abc import Callable
from random import Random
from typing import Any

from archlang.ops import ALL, BY_WORD
from archlang.ops.op import Op, Shape

Made = tuple[Op, tuple[Shape, ...]]


def a_map(r: Random, least: int = 4, times: int = 1) -> Shape:
    return (times * r.randint(1, 6), r.randint(least, 14), r.randint(least, 14))


def a_sequence(r: Random, times: int = 1) -> Shape:
    return (r.randint(2, 9), times * r.randint(1, 6))


def as_int(size: Any) -> int:
    return size


def pair(r: Random, low: int, high: int) -> tuple[int, int]:
    first = r.randint(low, high)
    return (first, first if r.random() < 0.6 else r.randint(low, high))


def maybe(r: Random, options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if r.random() < 0.5}


def conv(r: Random) -> Made:
    groups = r.choice([1, 1, 2, 3])
    more = maybe(r, {"stride": pair(r, 1, 3), "pad": pair(r, 0, 3), "dilation": pair(r, 1, 2), "bias": False})
    return BY_WORD["conv"](groups * r.randint(1, 5), pair(r, 1, 4), groups=groups, **more), (a_map(r, 8, groups),)


def dwconv(r: Random) -> Made:
    shape = a_map(r, 8)
    more = maybe(r, {"stride": pair(r, 1, 3), "pad": pair(r, 0, 3), "dilation": pair(r, 1, 2), "bias": False})
    width = r.choice([{}, {"mult": 2}, {"out": 3 * shape[0]}])
    return BY_WORD["dwconv"](k=pair(r, 1, 4), **more, **width), (shape,)


def deconv(r: Random) -> Made:
    groups = r.choice([1, 1, 2])
    stride = pair(r, 1, 3)
    more = maybe(r, {"pad": pair(r, 0, 1), "dilation": pair(r, 1, 2), "bias": False})
    more["out_pad"] = tuple(r.randint(0, s - 1) for s in stride)
    op = BY_WORD["deconv"](groups * r.randint(1, 5), pair(r, 2, 4), stride, groups=groups, **more)
    return op, (a_map(r, 4, groups),)


def fc(r: Random) -> Made:
    op = BY_WORD["FC"](r.randint(1, 9), **maybe(r, {"bias": False, "each": True}))
    return op, (r.choice([a_map(r), a_sequence(r)]) if op.each else r.choice([a_map(r), (r.randint(1, 30),)]),)


def bn(r: Random) -> Made:
    more = maybe(r, {"eps": 1e-3, "momentum": 0.01, "affine": False})
    return BY_WORD["bn"](**more), (r.choice([a_map(r), (r.randint(1, 30),)]),)


def lrn(r: Random) -> Made:
    more = maybe(r, {"alpha": 1e-2, "beta": 0.5, "k": 2})
    where = {"size": r.choice([1, 3, 5]), "within": True} if r.random() < 0.4 else maybe(r, {"size": r.randint(1, 6)})
    return BY_WORD["LRN"](**more, **where), (a_map(r),)


def groupnorm(r: Random) -> Made:
    groups = r.randint(1, 4)
    return BY_WORD["groupnorm"](groups, **maybe(r, {"eps": 1e-3, "affine": False})), (a_map(r, 4, groups),)


def instancenorm(r: Random) -> Made:
    return BY_WORD["instancenorm"](**maybe(r, {"eps": 1e-3, "affine": True})), (a_map(r),)


def layernorm(r: Random) -> Made:
    op = BY_WORD["layernorm"](**maybe(r, {"eps": 1e-3, "each": True}))
    return op, (r.choice([a_map(r), a_sequence(r)]) if op.each else r.choice([a_map(r), (r.randint(2, 30),)]),)


def on_sequence(word: str) -> Callable[[Random], Made]:
    return lambda r: (BY_WORD[word](), (a_sequence(r),))


def attention(r: Random) -> Made:
    heads = r.randint(1, 4)
    return BY_WORD["attention"](heads), (a_sequence(r, heads),)


def pick(r: Random) -> Made:
    shape = a_sequence(r)
    return BY_WORD["pick"](r.randrange(shape[0])), (shape,)


def rbf(r: Random) -> Made:
    return BY_WORD["rbf"](r.randint(1, 9)), ((r.randint(1, 30),),)


def maps(r: Random) -> Made:
    shape = a_map(r)
    return BY_WORD["maps"](tuple(r.randrange(as_int(shape[0])) for _ in range(r.randint(1, 9)))), (shape,)


def embed(r: Random) -> Made:
    return BY_WORD["embed"](r.randint(1, 6), r.randint(1, 9)), ((r.randint(1, 9),),)


def lstm(r: Random) -> Made:
    return BY_WORD["lstm"](r.randint(1, 6), **maybe(r, {"biases": r.randint(0, 1)})), (a_sequence(r),)


def tokens(r: Random) -> Made:
    return BY_WORD["tokens"](), (r.choice([a_map(r), (r.randint(1, 9),)]),)


def beside(r: Random) -> Made:
    return BY_WORD["beside"](), (a_sequence(r), (r.randint(1, 9),))


def either(word: str, **options: Any) -> Callable[[Random], Made]:
    def make(r: Random) -> Made:
        return BY_WORD[word](**maybe(r, options)), (r.choice([a_map(r), (r.randint(2, 30),)]),)

    return make


def on_map(word: str, **options: Any) -> Callable[[Random], Made]:
    def make(r: Random) -> Made:
        return BY_WORD[word](**maybe(r, options)), (a_map(r),)

    return make


def maxpool(r: Random) -> Made:
    more = maybe(r, {"stride": pair(r, 1, 4), "pad": (1, 1), "dilation": pair(r, 1, 2), "ceil": True})
    return BY_WORD["maxpool"](k=pair(r, 2, 4), **more), (a_map(r, 8),)


def avgpool(r: Random) -> Made:
    more = maybe(r, {"stride": pair(r, 1, 4), "pad": (1, 1), "ceil": True, "include_pad": False})
    return BY_WORD["avgpool"](k=pair(r, 2, 4), **more), (a_map(r, 8),)


def adaptive(word: str) -> Callable[[Random], Made]:
    return lambda r: (BY_WORD[word](pair(r, 1, 4)), (a_map(r),))


def softmax(word: str) -> Callable[[Random], Made]:
    return lambda r: (
        BY_WORD[word](),
        (r.choice([a_map(r), a_sequence(r), (r.randint(2, 30),), (r.randint(2, 9), 1, 1)]),),
    )


def concat(r: Random) -> Made:
    channels, *size = r.choice([a_map(r), (r.randint(1, 9),)])
    return BY_WORD["concat"](), tuple((channels + i, *size) for i in range(r.randint(2, 4)))


def add(r: Random) -> Made:
    return BY_WORD["add"](), (r.choice([a_map(r), (r.randint(1, 9),)]),) * r.randint(2, 4)


def mul(r: Random) -> Made:
    shape = a_map(r)
    return BY_WORD["mul"](), tuple(r.choice([shape, (shape[0], 1, 1)]) for _ in range(r.randint(2, 4)))


def slice_(r: Random) -> Made:
    parts = r.randint(1, 4)
    return BY_WORD["slice"](r.randrange(parts), parts), (a_map(r, 4, parts),)


def crop(r: Random) -> Made:
    channels, height, width = a_map(r, 8)
    op = BY_WORD["crop"](**maybe(r, {"offset": r.choice([2, (1, 3)])}))
    return op, ((channels, height, width), (channels + 1, height - 4, width - 5))


def subsample(r: Random) -> Made:
    return BY_WORD["subsample"](pair(r, 1, 3)), (a_map(r),)


def padc(r: Random) -> Made:
    shape = a_map(r)
    return BY_WORD["padc"](shape[0] + r.randint(0, 5)), (shape,)


def shuffle(r: Random) -> Made:
    groups = r.randint(2, 4)
    return BY_WORD["shuffle"](groups), (a_map(r, 4, groups),)


def upsample(r: Random) -> Made:
    return BY_WORD["upsample"](pair(r, 1, 3), **r.choice([{}, {"mode": "bilinear", "align": r.random() < 0.5}])), (
        a_map(r),
    )


def resize(r: Random) -> Made:
    options = r.choice([{}, {"mode": "bilinear"}, {"mode": "bilinear", "align": True}])
    return BY_WORD["resize"](**options), (a_map(r), a_map(r))


def pad(r: Random) -> Made:
    return BY_WORD["pad"](r.choice([1, (1, 2), (0, 1, 2, 3)])), (a_map(r),)


MAKERS: dict[str, Callable[[Random], Made]] = {
    "conv": conv,
    "dwconv": dwconv,
    "deconv": deconv,
    "FC": fc,
    "bn": bn,
    "LRN": lrn,
    "groupnorm": groupnorm,
    "instancenorm": instancenorm,
    "layernorm": layernorm,
    "l2norm": either("l2norm"),
    "relu": either("relu"),
    "relu6": either("relu6"),
    "leakyrelu": either("leakyrelu", slope=0.2),
    "prelu": either("prelu", per_channel=True, start=0.1),
    "elu": either("elu", alpha=0.5),
    "gelu": either("gelu"),
    "silu": either("silu"),
    "sigmoid": either("sigmoid"),
    "tanh": either("tanh"),
    "hardswish": either("hardswish"),
    "hardsigmoid": either("hardsigmoid"),
    "softplus": either("softplus"),
    "mish": either("mish"),
    "maxpool": maxpool,
    "avgpool": avgpool,
    "adaptiveavgpool": adaptive("adaptiveavgpool"),
    "adaptivemaxpool": adaptive("adaptivemaxpool"),
    "gap": on_map("gap"),
    "gmp": on_map("gmp"),
    "dropout": either("dropout", p=0.2),
    "dropout2d": on_map("dropout2d", p=0.2),
    "droppath": either("droppath", p=0.2),
    "softmax": softmax("softmax"),
    "logsoftmax": softmax("logsoftmax"),
    "flatten": either("flatten"),
    "identity": either("identity"),
    "concat": concat,
    "add": add,
    "mul": mul,
    "slice": slice_,
    "crop": crop,
    "subsample": subsample,
    "padc": padc,
    "shuffle": shuffle,
    "posbias": either("posbias"),
    "scale": either("scale", start=0.1),
    "times": lambda r: (BY_WORD["times"](r.choice([0.25, 2, -1.5])), (a_map(r),)),
    "upsample": upsample,
    "resize": resize,
    "pad": pad,
    "tokens": tokens,
    "classtoken": on_sequence("classtoken"),
    "positions": on_sequence("positions"),
    "attention": attention,
    "pick": pick,
    "rbf": rbf,
    "maps": maps,
    "embed": embed,
    "lstm": lstm,
    "mean": on_sequence("mean"),
    "beside": beside,
}

assert set(MAKERS) == {op.word for op in ALL}
