"""Files written whole or not at all, and read without waiting for whoever may never write."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def write(path: Path | str, content: str | bytes) -> Path:
    """Put `content` (text as UTF-8) at `path`, in one step, and return the path.

    It is written beside its place first and moved there when complete, so that
    nobody ever finds half a file, and what stood there before stays until then.
    What is no plain file (`/dev/stdout`, a pipe) is written to as it is.

    Raises OSError where the system refuses.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return path
    place = path.resolve()  # through a link, to what it points at
    if not place.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(place.parent))
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(_mode(place))
        Path(name).replace(place)
    except BaseException as error:
        with suppress(OSError):
            Path(name).unlink()
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say where it is
        raise
    return path


def read(path: Path, most: int) -> bytes:
    """The first `most` bytes of a file; of a pipe those that somebody who holds it open writes.

    Raises OSError where the system refuses, and for a pipe that nobody writes to: one would wait for it without end.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        if hasattr(os, "O_NONBLOCK"):
            os.set_blocking(handle, True)
        data = file.read(most)
        if not data and stat.S_ISFIFO(os.fstat(handle).st_mode):
            raise OSError(errno.EPIPE, "nobody writes to this pipe", str(path))
    return data


def _mode(place: Path) -> int:
    """The permissions of the file that stands there, else those a new one would get."""
    if place.exists():
        return place.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
