"""The `.arch` files of the folder that the editor was started in, and nothing outside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from archlang import files
from archlang.record import record
from archlang.syntax.limits import MAX_SOURCE

MOST_FILES = 2000
"""Files that are listed."""

MOST_FOLDERS = 5000
"""Folders that are looked into."""

LONGEST_NAME = 400


class Refused(Exception):
    """A name that is not served, in words for the reader."""


@record
class Text:
    """A file as it stood on the disk: its text with plain newlines, and what its bytes come to.

    `stamp` is the SHA-256 of the bytes, None where there is no file; `windows` says that its lines end in CR LF.
    """

    name: str
    text: str
    stamp: str | None
    windows: bool = False


class Changed(Exception):
    """The file is not what it was when it was last read; `text` is what stands there now."""

    def __init__(self, text: Text) -> None:
        super().__init__()
        self.text = text


@record
class Folder:
    """The folder; names of its files are relative to it, with `/` between folders."""

    root: Path

    def place(self, name: str) -> Path:
        """Where the file `name` is, or would be. Raises `Refused`."""
        parts = name.split("/")
        odd = len(name) > LONGEST_NAME or not name.isprintable() or "\\" in name or ":" in name
        if odd or not name.endswith(".arch") or any(part in ("", "..") or part.startswith(".") for part in parts):
            raise Refused("a file's name ends in `.arch` and leads to no other folder than those below this one")
        place = (self.root / name).resolve()
        if not place.is_relative_to(self.root):
            raise Refused(f"`{name}` leads out of the folder that the editor was started in")
        if place.exists() and not place.is_file():
            raise Refused(f"`{name}` is not a file")
        return place

    def names(self) -> list[str]:
        """The files there are, in order."""
        return sorted(self._found())

    def _found(self) -> Iterator[str]:
        count = 0
        for looked, (folder, folders, names) in enumerate(os.walk(self.root)):
            folders[:] = sorted(one for one in folders if not one.startswith(".") and one != "node_modules")
            if looked >= MOST_FOLDERS:
                return
            for name in names:
                path = Path(folder, name).relative_to(self.root).as_posix()
                try:
                    self.place(path)
                except Refused:
                    continue
                yield path
                count += 1
                if count >= MOST_FILES:
                    return

    def read(self, name: str) -> Text:
        """The file as it stands; without a stamp where there is none. Raises `Refused`, and OSError."""
        place = self.place(name)
        try:
            with place.open("rb") as file:
                data = file.read(4 * MAX_SOURCE + 1)
        except FileNotFoundError:
            return Text(name, "", None)
        if len(data) > 4 * MAX_SOURCE:
            raise Refused(f"`{name}` is too long for an .arch file")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Refused(f"`{name}` is not UTF-8 text") from None
        windows = "\r\n" in text
        return Text(name, text.replace("\r\n", "\n").replace("\r", "\n"), sha256(data).hexdigest(), windows)

    def save(self, new: Text) -> Text:
        """Write the text, whole or not at all, over what had its stamp; returns it with its new stamp.

        Raises `Changed` where something else stands there, `Refused`, and OSError.
        """
        place = self.place(new.name)
        try:
            there = self.read(new.name)
        except Refused as refused:  # what it has become is no text
            raise Changed(Text(new.name, "", f"{refused}")) from None
        if there.stamp != new.stamp:
            raise Changed(there)
        text = new.text.replace("\n", "\r\n") if new.windows else new.text
        place.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        files.write(place, data)
        return Text(new.name, new.text, sha256(data).hexdigest(), new.windows)

    def trace(self, name: str) -> str | None:
        """What is another when the file is, of its time and size; None where there is none."""
        try:
            status = self.place(name).stat()
        except (OSError, Refused):
            return None
        return f"{status.st_mtime_ns}-{status.st_size}"
