"""Layer kinds: one file each, facts only. A new kind is one file and one name here."""

from collections.abc import Mapping

from archlang.ops.activation import (
    ELU,
    GELU,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from archlang.ops.bn import BatchNorm
from archlang.ops.channels import Maps, PadChannels, Shuffle
from archlang.ops.conv import Conv
from archlang.ops.cut import Crop, Slice, Subsample
from archlang.ops.deconv import Deconv
from archlang.ops.dropout import Dropout, Dropout2d, DropPath
from archlang.ops.dwconv import DepthwiseConv
from archlang.ops.embed import Embed
from archlang.ops.fc import FC
from archlang.ops.globalpool import AdaptiveAvgPool, AdaptiveMaxPool, GlobalAvgPool, GlobalMaxPool
from archlang.ops.input import Input
from archlang.ops.lrn import LRN
from archlang.ops.lstm import LSTM
from archlang.ops.merge import Add, Concat, Mul
from archlang.ops.norms import GroupNorm, InstanceNorm, L2Norm, LayerNorm
from archlang.ops.op import Op
from archlang.ops.parameter import PosBias, Scale
from archlang.ops.pool import AvgPool, MaxPool
from archlang.ops.rbf import RBF
from archlang.ops.reshape import Flatten, Identity
from archlang.ops.resize import Resize, Upsample, ZeroPad
from archlang.ops.sequences import Beside, Mean
from archlang.ops.softmax import LogSoftmax, Softmax
from archlang.ops.times import Times
from archlang.ops.tokens import Attention, ClassToken, Pick, Positions, Tokens

__all__ = ["ALL", "BY_WORD", "Input"]

ALL: tuple[type[Op], ...] = (
    Conv,
    DepthwiseConv,
    Deconv,
    FC,
    RBF,
    BatchNorm,
    LRN,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    L2Norm,
    ReLU,
    ReLU6,
    LeakyReLU,
    PReLU,
    ELU,
    GELU,
    SiLU,
    Sigmoid,
    Tanh,
    HardSwish,
    HardSigmoid,
    Softplus,
    Mish,
    MaxPool,
    AvgPool,
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    GlobalAvgPool,
    GlobalMaxPool,
    Dropout,
    Dropout2d,
    DropPath,
    Softmax,
    LogSoftmax,
    Flatten,
    Identity,
    Concat,
    Add,
    Mul,
    Slice,
    Crop,
    Subsample,
    PadChannels,
    Shuffle,
    Maps,
    PosBias,
    Scale,
    Times,
    Upsample,
    Resize,
    ZeroPad,
    Tokens,
    ClassToken,
    Positions,
    Attention,
    Pick,
    Embed,
    LSTM,
    Mean,
    Beside,
)
"""Every layer that a file can call. `Input` is not among them: a statement makes it."""

BY_WORD: Mapping[str, type[Op]] = {word: op for op in ALL for word in (op.word, *op.aliases)}
"""The kinds by the words a file may use for them."""
