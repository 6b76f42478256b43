"""`archlang bench`: how fast a network's module runs, beside PyTorch's own ways of running it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from archlang.cli import measuring
from archlang.cli.command import declare, images, names, seconds, takes_network

KERNELS = "kernels"
DTYPES = ("fp32", "tf32", "fp16", "bf16")

EXAMPLES = """
archlang bench resnet50                        inference of 256 images, in bf16 where there is a GPU
archlang bench resnet50 --train -o resnet50    a step of training; writes resnet50.json and resnet50.md
archlang bench googlenet --baselines eager,compile --seconds 10
archlang bench lenet --batch 4 --json
archlang bench googlenet --layers -o times     layer by layer: for archlang draw --times times.json
archlang bench kernels --net resnet50,nin      what the device can do, then kernel by kernel
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "bench", "measure a network's module beside PyTorch's ways of running it", run, EXAMPLES)
    takes_network(parser)
    say = parser.add_argument
    say("--train", action="store_true", help="measure a step of training instead of inference")
    say("--layers", action="store_true", help="measure each layer of the module instead")
    say("--batch", metavar="N", type=images, help="images at a time (default: 256; 8 without a GPU)")
    say("--dtype", choices=DTYPES, help="type of the numbers (default: bf16; fp32 without a GPU)")
    ways = "of eager, compile, max-autotune, frozen, aten (default: all; without a GPU the first two)"
    say("--baselines", metavar="A,B", type=names, help=ways)
    say("--seconds", metavar="N", type=seconds, default=30.0, help="to measure, all ways together (default: 30)")
    say("--limit", metavar="N", type=seconds, default=300.0, help="seconds to each way's first result (default: 300)")
    say("--within", metavar="N", type=seconds, help="seconds for everything: ways that no longer fit are left out")
    say("--trust", metavar="A,B", type=names, default=(), help="modules that layers of the file's own may come from")
    say("--json", action="store_true", help="print JSON instead of a table")
    say("-o", "--output", metavar="OUT", type=Path, help="write OUT.json and OUT.md too")
    networks = "resnet50,googlenet,nin@imagenet"
    say("--net", metavar="A,B", type=names, default=names(networks), help=f"of `bench kernels` (default: {networks})")


def run(args: Namespace) -> int:
    """Measure, with progress on standard error, and print what was found."""
    measuring.needs_torch()
    if args.network == KERNELS:
        return measuring.kernels(args)
    if args.layers:
        return measuring.layers(args)
    return measuring.network(args)
