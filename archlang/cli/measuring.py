"""What `archlang bench` does: asks for a measurement and prints it."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archlang.cli.command import UsageError, read

if TYPE_CHECKING:
    from archlang.model import Model
    from archlang.passes.steps import Setting

MAP = 3  # sizes of an image: channels, height, width


def needs_torch() -> None:
    """Raise a `BuildError` that says how to get PyTorch, where it is not installed."""
    if find_spec("torch") is None:
        from archlang.runtime.fault import fault

        message = "PyTorch is not installed, and what is measured runs on it"
        raise fault("no-torch", message, "archlang bench", "pip install archlang[torch]")


def network(args: Namespace) -> int:
    """Measure a network by all ways."""
    from archlang.bench import contest, standings

    model, gpu = _reading_images(args), contest.has_gpu()
    ways = _ways(args, gpu=gpu)
    with _sizes_known(model):
        found = contest.contest(model, _setting(args, gpu=gpu), ways, _times(args), _tell)
    _print(args, standings.text(found), standings.markdown(found), standings.record(found))
    return 0


def layers(args: Namespace) -> int:
    """Measure each layer of a network."""
    from archlang.bench import contest, layer_tables
    from archlang.bench.by_layer import by_layer

    if args.train:
        raise UsageError("layers are measured one by one in inference alone: leave out --train")
    model = _reading_images(args)
    with _sizes_known(model):
        found = by_layer(model, _setting(args, gpu=contest.has_gpu()), args.seconds, _tell)
    _print(args, layer_tables.text(found), layer_tables.markdown(found), layer_tables.record(found))
    return 0


def _reading_images(args: Namespace) -> Model:
    from archlang.ir.most import SOURCE

    model = read(args, SOURCE)
    model.trusted = tuple(args.trust)
    if [len(model.shapes[id_]) for id_ in model.network.inputs] != [MAP]:
        raise UsageError(f"{model.name} does not read one image alone, and what is measured is given images")
    return model


def _setting(args: Namespace, *, gpu: bool) -> Setting:
    from archlang.passes.steps import Setting

    return Setting(args.batch or (256 if gpu else 8), args.dtype or ("bf16" if gpu else "fp32"), args.train)


@contextmanager
def _sizes_known(model: Model) -> Generator[None, None, None]:
    from archlang.passes.steps import UnknownSizeError

    try:
        yield
    except UnknownSizeError:
        raise UsageError(f"the size of {model.name}'s input is not known: say --input 3x224x224") from None


def _times(args: Namespace) -> Any:
    from archlang.bench.result import Times

    return Times(args.seconds, args.limit, args.within or float("inf"))


def _ways(args: Namespace, *, gpu: bool) -> list[str]:
    """The baselines, and what of ours they are a bar for."""
    from archlang.bench.ways import BASELINES, OURS

    unknown = [name for name in args.baselines or () if name not in BASELINES]
    if unknown:
        raise UsageError(f"there is no baseline `{unknown[0]}`: there are {', '.join(BASELINES)}")
    chosen = args.baselines or (list(BASELINES) if gpu else ["eager", "compile"])
    compiling = any(name != "eager" for name in chosen)
    ours = [name for name in OURS if compiling or not name.endswith("+compile")]
    return [*(name for name in chosen if not (args.train and name == "frozen")), *ours]


def kernels(args: Namespace) -> int:
    """Measure each kernel on the shapes of the networks asked for."""
    import archlang
    from archlang.bench import contest, kernel_tables
    from archlang.bench.kernels import measure

    if not contest.has_gpu():
        raise UsageError("there is no GPU here, and what a kernel gains shows on one alone: nothing was measured")
    models = [archlang.read(name) for name in args.net]

    def keep(so_far: Any) -> None:
        _write(args, kernel_tables.markdown(so_far), kernel_tables.record(so_far))

    found = measure(models, _setting(args, gpu=True), _times(args), _tell, keep)
    _print(args, kernel_tables.text(found), kernel_tables.markdown(found), kernel_tables.record(found))
    return 0


def _print(args: Namespace, text: str, page: str, record: dict[str, Any]) -> None:
    print(_json(record) if args.json else text, end="")
    for out in _write(args, page, record):
        _tell(f"{out} is written")


def _write(args: Namespace, page: str, record: dict[str, Any]) -> list[Path]:
    """Put them where `-o` says, if it does; the paths."""
    if args.output is None:
        return []
    from archlang import files

    contents = ((".json", _json(record)), (".md", page))
    return [files.write(args.output.with_name(args.output.name + end), content) for end, content in contents]


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def _tell(line: str) -> None:
    print(f"archlang: {line}", file=sys.stderr, flush=True)
