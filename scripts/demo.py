"""Run the module that `make demo` built once forward, and say where everything is."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path

import torch

import archlang

NETWORK = "zoo/googlenet.arch"
PICTURE, SOURCE = Path("demo/googlenet.svg"), Path("demo/googlenet.py")


def main() -> None:
    """Load the source as a module of its own: it depends on torch alone."""
    model = archlang.read(NETWORK)
    summary = json.loads(model.summary("json"))
    spec = importlib.util.spec_from_file_location("googlenet", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = getattr(module, model.name)().eval()

    images = torch.randn(1, *summary["input"])
    start = time.perf_counter()
    with torch.no_grad():
        logits = network(images)
    seconds = time.perf_counter() - start

    size = "x".join(map(str, summary["input"]))
    totals = summary["totals"]
    print()
    print(f"{model.name} of {NETWORK}, on a {size} image:")
    print(f"{totals['params']:,} parameters ({totals['params_train']:,} with its train-only heads),")
    print(f"{totals['macs']:,} MACs, {totals['depth']} weight layers deep")
    print(f"one image forward: {tuple(logits.shape)} in {seconds * 1000:.0f} ms")
    print(f"its picture: {PICTURE.resolve()}")
    print(f"its module:  {SOURCE.resolve()}")


if __name__ == "__main__":
    main()
