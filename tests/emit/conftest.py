"""Lets the tests here and in `tests/build` share their networks and the naive interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
