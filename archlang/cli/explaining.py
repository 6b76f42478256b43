"""`archlang build --explain`: what each line of the module with kernels asks of a device."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from archlang.cli.command import UsageError, images
from archlang.model import Model

_ASKED = ("device", "batch", "dtype", "train", "format")


def add(parser: ArgumentParser) -> None:
    """Declare `--explain` and what goes with it."""
    part = parser.add_argument_group("what each line asks of a device, modelled")
    say = part.add_argument
    say("--explain", action="store_true", help="print kernels, operations, bytes and times by line, and write nothing")
    say("--device", metavar="D", help="h200 (default), h100, b200, a100, l40s, rtx4090, mi300x, ...")
    say("--batch", metavar="N", type=images, help="images at a time (default: 256)")
    say("--dtype", choices=("fp32", "tf32", "fp16", "bf16"), help="type of the numbers (default: bf16)")
    say("--train", action="store_true", help="a step of training instead of inference")
    say("--format", choices=("text", "json"), help="how to print it (default: text)")


def given(args: Namespace) -> bool:
    """Whether it is asked for. Raises `UsageError` for what goes with it, without it."""
    alone = [f"--{name}" for name in _ASKED if getattr(args, name) and not args.explain]
    if alone:
        raise UsageError(f"{alone[0]} goes with --explain")
    if args.explain and args.output is not None:
        raise UsageError("--explain prints and writes nothing: leave out -o")
    return bool(args.explain)


def run(args: Namespace, model: Model) -> int:
    """Print it."""
    from archlang.passes.devices import named
    from archlang.passes.steps import Setting
    from archlang.report.explain import explanation

    setting = Setting(args.batch or 256, args.dtype or "bf16", args.train)
    try:
        device = named(args.device or "h200")
        said = explanation(model.network, model.code(kernels=True), setting, device, args.format or "text")
    except ValueError as error:
        raise UsageError(str(error)) from None
    print(said, end="")
    return 0
