"""The ways of running a network that are measured, by the names that they go by."""

from __future__ import annotations

from collections.abc import Mapping

BASELINES: Mapping[str, str] = {
    "eager": "PyTorch, layer by layer, channels_last",
    "compile": "torch.compile",
    "max-autotune": "torch.compile, max-autotune",
    "frozen": "torch.compile, max-autotune, weights frozen, persistent TMA products (inference only)",
    "aten": "torch.compile, max-autotune, convolutions by cuDNN alone",
}
"""What archlang's kernels are measured against, by the names that `--baselines` takes."""

OURS: Mapping[str, str] = {
    "kernels": "archlang's kernels, the other layers by PyTorch",
    "kernels+compile": "archlang's kernels, the other layers by torch.compile",
}
