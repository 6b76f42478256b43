"""What the commands share: how one is declared, and how it is told which network is meant."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archlang.ir.most import Most
    from archlang.model import Model

Run = Callable[[Namespace], int]

_NUMBER = re.compile(r"[-+]?\d{1,30}(\.\d{1,30})?([eE][-+]?\d{1,3})?")

_SIZE = "([1-9][0-9]{0,5}|[A-Z])"
_TAKEN = {"variant": "--variant", "input": "--input", "net": "path.arch:Net"}

NETWORK = """\
a network: path.arch, path.arch@VARIANT, path.arch:Net@VARIANT,
the name of one in the zoo (googlenet, resnet50), or - for standard input"""


class UsageError(Exception):
    """What was asked for cannot be done as it was asked; the message says why."""


def declare(commands: Any, name: str, help: str, run: Run, examples: str) -> ArgumentParser:
    """Add the command `name`, which `run` carries out; its help ends with `examples`."""
    parser = commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog="examples:\n" + "\n".join(f"  {line}" for line in examples.strip().splitlines()),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def takes_network(parser: ArgumentParser) -> None:
    """Let the command take a network, and say in which variant, with what parameters and on what input."""
    parser.add_argument("network", metavar="NET", help=NETWORK.replace("\n", " "))
    parser.add_argument("--variant", metavar="V", help="which of the variants it declares")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        type=_setting,
        action="append",
        default=[],
        help="a parameter of the network (repeatable): --set classes=10",
    )
    parser.add_argument("--input", metavar="CxHxW", type=_shape, help="the input's size: --input 3x512x512")


def read(args: Namespace, most: Most) -> Model:
    """The network that the command was given, its warnings and notes told on standard error.

    One with more layers than the command takes is refused before it is made.
    """
    from archlang.cli.screen import show
    from archlang.model import read_for

    model = read_for(most, args.network, dict(args.set), variant=args.variant, input=args.input)
    show(model.warnings)
    return model


def title(model: Model) -> str:
    """`ResNet@50: 25,557,032 parameters, 4.09 G MACs`, where the sizes are known."""
    name = f"{model.name}@{model.variant}" if model.variant else model.name
    unsaid = {what for what, _ in model.unsaid}
    macs = _rounded(model.macs) if isinstance(model.macs, int) else str(model.macs)
    params, macs = (
        f"{text} + ?" if what in unsaid else text for what, text in (("params", f"{model.params:,}"), ("macs", macs))
    )
    return f"{name}: {params} parameters, {macs} MACs"


def _rounded(count: int) -> str:
    scale, unit = next(pair for pair in ((10**9, " G"), (10**6, " M"), (1, "")) if count >= pair[0] or pair[0] == 1)
    return f"{count / scale:.2f}{unit}" if unit else str(count)


def file_name(args: Namespace, model: Model) -> str:
    """What to call a file made from the network: `googlenet`, `vgg-D`, as it was asked for."""
    from pathlib import Path

    from archlang.locate import parts

    place, net, variant = parts(args.network)
    stem = model.name if place == "-" else Path(place).name.removesuffix(".arch")
    words = filter(None, [stem, net, args.variant or variant])
    return "-".join(re.sub(r"[^\w.-]", "_", word) for word in words)


# ---- values ------------------------------------------------------------------


def images(text: str) -> int:
    """A number of images, as `--batch` takes it."""
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise ArgumentTypeError(f"`{text}` is no number of images")
    return int(text)


def names(text: str) -> list[str]:
    """Several names with commas between them."""
    return [name.strip() for name in text.split(",") if name.strip()]


def seconds(text: str) -> float:
    """A time, as `--seconds` takes it: at most a day."""
    value = float(text) if _NUMBER.fullmatch(text) else 0.0
    if not 0 < value <= 86400:
        raise ArgumentTypeError(f"`{text}` is no time: write a number of seconds")
    return value


def _shape(text: str) -> str:
    if not re.fullmatch(rf"{_SIZE}([x×]{_SIZE})*", text):
        raise ArgumentTypeError(f"`{text}` is no size: write 3x224x224, or 3xHxW")
    return text


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentTypeError(f"`{text}` sets nothing: write classes=10")
    if name.strip() in _TAKEN:
        raise ArgumentTypeError(f"`{name.strip()}` is no parameter: use {_TAKEN[name.strip()]}")
    return name.strip(), _value(value.strip())


def _value(text: str) -> Any:
    """A bool, a whole number, a decimal; anything else is read where the network is, as the language reads it."""
    if text in ("true", "false"):
        return text == "true"
    if _NUMBER.fullmatch(text):
        return float(text) if set(text) & set(".eE") else int(text)
    return text
