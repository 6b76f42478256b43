"""The garbage collector at rest, for work that makes much and leaves no garbage.

Where torch is imported, one look at everything takes as long as building a deep
network, and what is being made then is all still needed.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def resting() -> Generator[None, None, None]:
    """Keep the collector from looking until the end, if it was not kept from it already."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()
