"""The networks and the naive interpreter are those of `tests/emit`; torch keeps to one thread."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "emit"))
torch.set_num_threads(1)
