"""What a measurement was made on and with, and when."""

# pyright: basic
from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import torch


def at_hand() -> torch.device:
    """The device to measure on: a GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def answers(device: torch.device) -> bool:
    """Whether this process can still use a device: after a kernel that went astray CUDA refuses all that comes."""
    try:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
    except RuntimeError:
        return False
    return True


def title(device: torch.device) -> str:
    """What its driver calls a device."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU ({platform.machine()}, {torch.get_num_threads()} threads)"


def facts(device: torch.device) -> dict[str, str]:
    """Device, driver, versions and date, as text, in the order to print them in."""
    import archlang

    found = {"device": title(device)}
    if device.type == "cuda":
        found["driver"] = _driver()
        found["CUDA"] = str(torch.version.cuda or torch.version.hip)
        found["cuDNN"] = str(torch.backends.cudnn.version())
    found["torch"] = torch.__version__
    found["triton"] = _installed("triton")
    found["archlang"] = archlang.__version__
    found["Python"] = platform.python_version()
    found["date"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return found


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _driver() -> str:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.split("\n")[0].strip() or "unknown"
