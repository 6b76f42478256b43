"""torchvision's models beside any torch, one for CPUs alone included: `with_torchvision.model("resnet50")`."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import nn

OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def _declared() -> torch.library.Library | None:
    """The operators that torchvision's compiled part would have, where that part does not fit the torch at hand.

    torchvision's models never call them, but its import wants to know them, for as long as the library lives.
    """
    found = find_spec("torchvision")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("torchvision is not installed: pip install --no-deps torchvision")
    for compiled in Path(found.submodule_search_locations[0]).glob("_C.*"):
        try:
            torch.ops.load_library(str(compiled))
        except OSError:
            continue
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in OPERATORS:
        library.define(operator)
    return library


LIBRARY = _declared()

from torchvision import models  # noqa: E402 - the operators come first
from torchvision.models.regnet import BlockParams  # noqa: E402
from torchvision.ops import StochasticDepth  # noqa: E402


def model(name: str, **arguments: Any) -> nn.Module:
    """torchvision's model of that name, with its tensors on the meta device: shapes, and no numbers yet."""
    with torch.device("meta"):
        module: nn.Module = models.get_model(name, weights=None, **_without_download(name, arguments))
    for part in module.modules():
        if isinstance(part, StochasticDepth):
            part.p = 0.0
    return module


def _on_the_cpu(rule: Callable[..., Any]) -> Callable[..., Any]:
    """RegNet's rule computes its widths with tensors, and reads the numbers: on the meta device there are none."""

    def computed(*args: Any, **options: Any) -> Any:
        with torch.device("cpu"):
            return rule(*args, **options)

    return computed


BlockParams.from_init_params = _on_the_cpu(BlockParams.from_init_params)


def _without_download(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, and none of ImageNet's weights for the trunk of a network that is no classifier."""
    return {"weights_backbone": None, **arguments} if "weights_backbone" in _parameters(name) else arguments


def _parameters(name: str) -> set[str]:
    import inspect

    return set(inspect.signature(models.get_model_builder(name)).parameters)
