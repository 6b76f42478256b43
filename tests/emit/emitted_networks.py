"""The networks that emission is tested on: the zoo, the samples, and programs for what is hard."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import archlang
from archlang.elaborate.check import load
from archlang.elaborate.network import meant
from archlang.elaborate.report import Report
from archlang.elaborate.variants import declared
from archlang.ir.network import Network
from archlang.locate import read_file
from archlang.model import Model

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

BLOCKS_ALONE = {"blocks"}
LARGE = {"1202"}
"""Variants that say nothing the smaller ones do not, and take long."""


def files() -> list[Path]:
    found = [*(ROOT / "zoo").glob("*.arch"), *(HERE / "programs").glob("*.arch")]
    found += [*(ROOT / "tests/samples").glob("*.arch"), *(ROOT / "tests/samples/keys").glob("*.arch")]
    return sorted(path for path in found if path.stem not in BLOCKS_ALONE)


def variants_of(path: Path) -> list[str]:
    """Those of the net that a file is read as, without working out any."""
    net = meant(load(read_file(path), Report()), None)
    return [word.name for word, _ in declared(net.body)] if net else []


@cache
def specs() -> list[str]:
    """Every network in every variant, as `tests/samples/vgg.arch@D`."""
    found = []
    for path in files():
        name = str(path.relative_to(ROOT))
        variants = variants_of(path)
        found += [f"{name}@{v}" for v in variants if v not in LARGE] if variants else [name]
    return found


@cache
def programs() -> list[str]:
    """The hard cases alone."""
    return [spec for spec in specs() if "/programs/" in spec]


@cache
def first_variants() -> list[str]:
    """One variant of each file."""
    seen: dict[str, str] = {}
    for spec in specs():
        seen.setdefault(spec.partition("@")[0], spec)
    return list(seen.values())


SMALLEST = {
    "alexnet": "grouped",
    "alphago": "k128",
    "caffenet": "imagenet",
    "cifar10": "full",
    "cifar_resnet": "20",
    "densenet": "121",
    "googlenet": "imagenet",
    "inception_module": "reduced",
    "lenet": "5",
    "nin": "cifar10",
    "resnet": "18",
    "resnext": "50-32x4d",
    "senet": "50",
    "squeezenet": "1.1",
    "vgg": "A",
    "vgg_cnn": "M-128",
    "vgg_torchvision": "11",
    "wrn": "40-1",
    "zfnet": "A",
}
"""The variant of each family in the zoo that costs the least to run."""


@cache
def families() -> list[str]:
    """The smallest variant of every network in the zoo."""
    found = []
    for path in sorted((ROOT / "zoo").glob("*.arch")):
        variant = SMALLEST.get(path.stem)
        found.append(f"zoo/{path.name}@{variant}" if variant else f"zoo/{path.name}")
    return found


@cache
def model(spec: str) -> Model:
    name, _, variant = spec.partition("@")
    return archlang.read(ROOT / name, variant=variant or None)


@cache
def code(spec: str) -> str:
    return model(spec).code()


def small(spec: str) -> Model:
    """The same network for the smallest image it takes, so that running it costs little."""
    whole = model(spec)
    network = whole.network
    channels, *sizes = network.shapes[network.inputs[0]]
    if len(network.inputs) > 1 or (isinstance(sizes[0], int) and sizes[0] <= 32):
        return whole
    name, _, variant = spec.partition("@")
    thinner = {"w": 8} if name.endswith("unet.arch") else {}  # its valid convolutions need a large image
    for size in (32, 64, 96, 128, 160, 188):
        try:
            return archlang.read(ROOT / name, variant=variant or None, input=f"{channels}x{size}x{size}", **thinner)
        except archlang.ArchError:
            continue
    return whole


def lines_of(text: str) -> int:
    """Lines that are not blank."""
    return sum(1 for line in text.splitlines() if line.strip())


__all__ = ["Network", "code", "families", "files", "first_variants", "lines_of", "model", "programs", "small", "specs"]
