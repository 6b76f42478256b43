"""How much memory this program has had at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def most_memory() -> float:
    """Megabytes of this program alone: the system's own count begins with those of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    unit = 1024 if sys.platform != "darwin" else 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
