"""Which text a name on the command line means: a file, a network of the zoo, or standard input.

A name is `path.arch`, `path.arch@VARIANT`, `path.arch:Net@VARIANT`, that of a
network in the zoo (`googlenet`, `resnet-50`), or `-`.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archlang import files, zoo_names
from archlang.diagnostics import ArchError, Diagnostic
from archlang.record import record
from archlang.source import Source, Span
from archlang.syntax.limits import MOST_BYTES
from archlang.syntax.parse import Parsed

_ADDRESS = re.compile(r"(?P<place>.+?\.arch|[^:@]+)(:(?P<net>[^:@]+))?(@(?P<variant>.+))?", re.DOTALL)


@record
class Located:
    """A text, and which of its networks in which variant is meant (None: the text's own choice).

    `notes` are sentences for the reader: where the name was taken for another.
    `parsed` is the text's program, where it had to be read to understand the name.
    """

    source: Source
    net: str | None = None
    variant: str | None = None
    notes: tuple[str, ...] = ()
    parsed: Parsed | None = None


class LocateError(ArchError):
    """A name that leads to no text; its diagnostics point into the name itself."""


def locate(spec: str, variant: str | None = None) -> Located:
    """Find what `spec` means and read it; `variant` is one that was asked for beside it.

    Raises LocateError where it leads nowhere (no such file, no such network),
    and ArchError where it leads to something that is not text.
    """
    place, net, said = parts(spec)
    if said is not None and variant not in (None, said):
        raise _two_variants(spec, spec, said, variant)
    variant = variant or said
    if place == "-":
        return Located(read_standard_input(), net, variant)
    if _is_file(place) or (_is_path(place) and os.path.exists(place)):  # noqa: PTH110 - as in _is_file
        return Located(read_file(Path(place), spec), net, variant)
    if not _is_path(place):
        return _in_zoo(spec, place, net, variant)
    stem = place.removesuffix(".arch")
    if not _is_path(stem) and (found := zoo_names.entry(stem)) is not None:
        note = f"there is no file `{place}` here: this is the zoo's `{found.stem}`"
        return _chosen(spec, found, net, variant, (note,))
    raise _no_such_file(spec, place)


def parts(spec: str) -> tuple[str, str | None, str | None]:
    """The place, the net and the variant that `spec` is made of; raises LocateError where it is not."""
    if _is_file(spec):
        return spec, None, None
    match = _ADDRESS.fullmatch(spec)
    if match is None:
        raise _error("bad-network-name", spec, spec, f"`{spec}` names no network", _FORMS)
    return match["place"], match["net"], match["variant"]


def read_file(path: Path, spec: str | None = None) -> Source:
    """The text of a file, which messages call by the path as it was given."""
    name = str(path)
    try:
        data = files.read(path, MOST_BYTES)
    except OSError as error:
        reason = "it is a folder" if path.is_dir() else (error.strerror or str(error)).lower()
        raise _error("unreadable-file", spec or name, name, f"cannot read `{name}`: {reason}") from None
    return _source(name, data, path)


def read_standard_input() -> Source:
    """The text that is piped in."""
    return _source("<stdin>", sys.stdin.buffer.read(MOST_BYTES), None)


def _in_zoo(spec: str, name: str, net: str | None, variant: str | None) -> Located:
    found = zoo_names.entry(name)
    if found is None:
        raise _no_such_network(spec, name)
    notes = (f"`{name}` is short for the zoo's `{found.stem}@{found.variant}`",) if found.short else ()
    return _chosen(spec, found, net, variant, notes)


def _chosen(spec: str, found: zoo_names.Entry, net: str | None, variant: str | None, notes: tuple[str, ...]) -> Located:
    """The entry, with what was said of net and variant on top; the name's own variant may not be said twice."""
    if found.variant is not None and variant not in (None, found.variant):
        raise _two_variants(spec, found.stem, found.variant, variant)
    return Located(found.source, net or found.net, variant or found.variant, notes, found.parsed)


# ---- errors ------------------------------------------------------------------

_FORMS = "write `path.arch`, `path.arch@VARIANT`, `path.arch:Net@VARIANT`, a zoo name such as `googlenet`, or `-`"


def _error(code: str, spec: str, part: str, message: str, help: str | None = None) -> LocateError:
    source = Source("the name given", spec)
    start = max(spec.rfind(part), 0)
    return LocateError([Diagnostic(code, message, Span(source, start, start + len(part)), help=help)])


def _two_variants(spec: str, stem: str, said: str, variant: str | None) -> LocateError:
    words = f"`{spec}` is the variant `{said}`, and `{variant}` is asked for too"
    return _error("bad-network-name", spec, spec, words, f"write `{stem.partition('@')[0]}@{variant}`")


def _no_such_file(spec: str, place: str) -> LocateError:
    from difflib import get_close_matches  # only a slip needs it

    path = Path(place)
    beside = [str(path.with_name(p.name)) for p in path.parent.glob("*.arch")] if path.parent.is_dir() else []
    near = get_close_matches(place, beside, n=1) or get_close_matches(path.stem.lower(), zoo_names.names(), n=1)
    help = f"did you mean `{near[0]}`?" if near else None
    return _error("no-such-file", spec, place, f"there is no file `{place}`", help)


def _no_such_network(spec: str, name: str) -> LocateError:
    return _error("no-such-network", spec, name, f"the zoo has no network `{name}`", zoo_names.meant(name))


def command_line(place: str, variant: str | None, input: str | None, parameters: Mapping[str, Any]) -> str:
    """The command line that makes the same source again."""
    words = ["archlang", "build", place]
    words += ["--variant", variant] if variant is not None else []
    words += [word for name, value in parameters.items() for word in ("--set", f"{name}={_typed(value)}")]
    words += ["--input", input] if input is not None else []
    return shlex.join(words)


def word(variant: str | int | None) -> str | None:
    """A variant that is a number may be passed as one: `variant=50`."""
    return None if variant is None else str(variant)


def joined(sizes: str | Sequence[int | str] | None) -> str | None:
    """`3x512x512`, typed so or passed as `(3, 512, 512)`."""
    if isinstance(sizes, Sequence) and not isinstance(sizes, str):
        return "x".join(str(size) for size in sizes)
    return None if sizes is None else str(sizes)


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_file(place: str) -> bool:
    return os.path.isfile(place)  # noqa: PTH113 - unlike Path's, answers False for what can be no path


def _is_path(place: str) -> bool:
    return place.endswith(".arch") or "/" in place or os.sep in place


def _source(name: str, data: bytes, path: Path | None) -> Source:
    text = data.decode("utf-8-sig", errors="replace")
    source = Source(name, text, path)
    if len(data) == MOST_BYTES:
        return source  # cut off, perhaps inside a character
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = len(data[: error.start].decode("utf-8-sig"))
        words = f"`{name}` is not UTF-8 text: byte {data[error.start]:#04x} stands here"
        span = Span(source, start, start + 1)
        raise ArchError([Diagnostic("not-utf8", words, span, help="save the file as UTF-8")]) from None
    return source
