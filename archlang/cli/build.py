"""`archlang build`: the PyTorch module of a network."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from archlang.cli import explaining
from archlang.cli.command import UsageError, declare, file_name, read, takes_network, title

EXAMPLES = """
archlang build googlenet               writes googlenet.py
archlang build vgg@D -o vgg16.py
archlang build net.arch --set classes=10 -o - | less
archlang build resnet50 --explain --device h100    what each line asks of a device
archlang build resnet50 --kernels      calls archlang.kernels where they save time
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "build", "write a network's PyTorch module, as Python source", run, EXAMPLES)
    takes_network(parser)
    parser.add_argument("--kernels", action="store_true", help="run layers together in archlang's kernels, on a GPU")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="a .py file, or - for standard output")
    explaining.add(parser)


def run(args: Namespace) -> int:
    """Write the source, and say where."""
    out: Path | None = args.output
    if out is not None and str(out) != "-" and out.suffix == ".arch":
        raise UsageError(f"`{out}` would be written over with Python: name a .py file")
    explained = explaining.given(args)
    from archlang.ir.most import SOURCE

    model = read(args, SOURCE)
    if explained:
        return explaining.run(args, model)
    code = model.code(kernels=args.kernels)
    if str(out) == "-":
        print(code, end="")
        return 0
    from archlang import files

    out = files.write(out or Path(file_name(args, model).replace("-", "_") + ".py"), code)
    print(f"{out}: {title(model)}")
    return 0
