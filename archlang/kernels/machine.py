"""What the launches ask of the device at hand."""

# pyright: basic
from __future__ import annotations

from functools import cache

import torch

SHARED = {"sm_80": 166912, "sm_86": 101376, "sm_89": 101376, "sm_90": 232448, "sm_100": 232448, "gfx942": 65536}
"""The bytes of shared memory that one program may take, by architecture."""


@cache
def fitting(device: torch.device) -> int:
    """The bytes of shared memory that one program may take on `device`; in the interpreter those of an H200."""
    if device.type != "cuda":
        return SHARED["sm_90"]
    facts = torch.cuda.get_device_properties(device)
    return getattr(facts, "shared_memory_per_block_optin", 0) or facts.shared_memory_per_block


@cache
def multiprocessors(device: torch.device) -> int:
    """How many programs run side by side on `device` at least; in the interpreter two, so that each walks."""
    return torch.cuda.get_device_properties(device).multi_processor_count if device.type == "cuda" else 1


def precision(dtype: torch.dtype) -> str:
    """How a product of `dtype` is done: fp32 as PyTorch's convolutions are set, the rest exactly."""
    settings = torch.backends.cudnn
    modern = getattr(getattr(settings, "conv", None), "fp32_precision", None)
    tf32 = modern == "tf32" if modern is not None else settings.allow_tf32
    return "tf32" if tf32 and dtype == torch.float32 and torch.cuda.is_available() else "ieee"
