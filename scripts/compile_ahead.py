"""Compile the kernels that networks will be measured with, a share of them, and forget what was chosen.

    python scripts/compile_ahead.py SHARE/OF [--train] NETWORK...

Triton keeps what it compiles, so that several of these side by side save the minutes that one
process would compile before it measures. Choices are not kept: beside others nothing can be timed.
"""

from __future__ import annotations

import os
import sys
import tempfile

BATCH = 8  # kernels are the same for every batch


def main(share: str, *words: str) -> None:
    """Runs each piece of the networks that is of this share once, forth and, with `--train`, back."""
    import archlang
    from archlang.bench.kernels import compile_ahead
    from archlang.passes.steps import Setting

    at, of = map(int, share.split("/"))
    models = [archlang.read(word) for word in words if word != "--train"]
    for line in compile_ahead(models, Setting(BATCH, "bf16", "--train" in words), at, of):
        print(line, flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        main(*sys.argv[1:])
