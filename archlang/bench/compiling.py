"""torch.compile as a way of running that is measured: what it does not compile fails."""

# pyright: basic
from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager

import torch

_MOST = 64  # ways and shapes that one forward is compiled for


@contextmanager
def compiling() -> Generator[None, None, None]:
    """Inside it torch.compile begins with nothing, and compiles or raises.

    By itself it compiles a forward for eight shapes, and from then on runs it layer by
    layer and says so in a warning: a baseline that is slower than it is called. Its
    warnings are to its own developers, and not passed on.
    """
    with warnings.catch_warnings(action="ignore"):
        torch.compiler.reset()
        with torch._dynamo.config.patch(recompile_limit=_MOST, fail_on_recompile_limit_hit=True):  # noqa: SLF001 - no other way
            yield
