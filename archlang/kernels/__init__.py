"""1x1 convolutions and the ends of residual blocks, each with what follows it in one kernel.

Called by the modules that archlang writes, with their own submodules:

    x = conv1x1(x, self.conv1, self.bn1, relu=True)
    x = bn_add_relu(self.conv3(x), self.bn3, shortcut)

On an NVIDIA or AMD GPU they run in Triton wherever that is measured to be faster
than PyTorch (`dispatch`), and anywhere else on PyTorch's own operations. This
package stands by itself: it imports torch and triton, and works without triton.
"""

from archlang.kernels.blocks import conv1x1_chain, conv1x1_pair, conv1x1_two, conv_relu
from archlang.kernels.concatenation import Slices, concat, slices
from archlang.kernels.dispatch import COST, mode
from archlang.kernels.layers import bn_add_relu, conv1x1, conv1x1_many, conv1x1_measured, conv1x1_skip
from archlang.kernels.statistics import Statistics

__all__ = [
    "COST",
    "Slices",
    "Statistics",
    "bn_add_relu",
    "concat",
    "conv1x1",
    "conv1x1_chain",
    "conv1x1_many",
    "conv1x1_measured",
    "conv1x1_pair",
    "conv1x1_skip",
    "conv1x1_two",
    "conv_relu",
    "mode",
    "slices",
]
