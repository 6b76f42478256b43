"""DeepLab v3 and the fully convolutional ResNets against torchvision's: names, shapes, and each pixel's numbers."""

from __future__ import annotations

import pytest
import torch
import with_torchvision
from randomised import randomise

import archlang

NETWORKS = [("resnet50", "deeplabv3_resnet50"), ("fcn50", "fcn_resnet50")]
DEEP = [("resnet101", "deeplabv3_resnet101"), ("fcn101", "fcn_resnet101")]


def renamed(key):
    """Our key as torchvision has it: it numbers the five looks, and we number them as a body's `seq`s."""
    head, looks, rest = key.partition(".convs.seq")
    number, _, tail = rest.partition(".")
    return f"{head}.convs.{int(number) - 1}.{tail}" if looks else key


@pytest.mark.parametrize(("variant", "published"), [*NETWORKS, *DEEP])
def test_weights_of_torchvision_fit(variant, published, tensors, network):
    theirs = with_torchvision.model(published, aux_loss=True).state_dict()
    ours = {renamed(key): sizes for key, sizes in tensors(network("deeplabv3", variant))}
    assert ours == {key: tuple(tensor.shape) for key, tensor in theirs.items()}


@pytest.mark.parametrize(("variant", "published"), NETWORKS)
def test_each_pixel_is_torchvisions(variant, published):
    ours = archlang.build("deeplabv3", variant=variant, input="3x64x64").eval()
    theirs = with_torchvision.model(published, aux_loss=True).to_empty(device="cpu").eval()
    randomise(ours)
    theirs.load_state_dict({renamed(key): tensor for key, tensor in ours.state_dict().items()}, strict=True)
    image = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        mine, wanted = ours(image), theirs(image)["out"]
    assert mine.shape == (1, 21, 64, 64)
    assert (mine - wanted).abs().max() <= 1e-4 * wanted.abs().max()
