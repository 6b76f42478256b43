"""What a question is about: a document as its client holds it, and the other documents that are open."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from archlang import opened
from archlang.lsp.places import Places, Record
from archlang.source import Source, Span


def path_of(uri: str) -> Path | None:
    """The file of a document; None where it is no file of this machine: `untitled:Untitled-1`."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or "\0" in url2pathname(parts.path):
        return None
    return Path(url2pathname(parts.path))


@dataclass(frozen=True)
class Client:
    """What the client counts places in, and what it can show."""

    encoding: str = "utf-16"
    snippets: bool = False
    related: bool = False


@dataclass
class Asked:
    """A document, and the texts of all others that are open: by resolved path, with the addresses the client gave them.

    `roots` are the folders that the client works in.
    """

    uri: str
    text: str
    path: str | None = None
    client: Client = field(default_factory=Client)
    others: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    roots: tuple[str, ...] = ()

    @cached_property
    def source(self) -> Source:
        """The text as a source."""
        name = Path(self.path).name if self.path is not None else self.uri.rpartition(":")[2]
        return Source(name or "network.arch", self.text, Path(self.path) if self.path is not None else None)

    @cached_property
    def places(self) -> Places:
        """Its places."""
        return Places(self.text, self.client.encoding)

    @contextmanager
    def held(self) -> Generator[opened.Held]:
        """Let the open documents stand for their files."""
        texts = {Path(path): text for path, (_, text) in self.others.items()}
        if self.path is not None:
            texts[Path(self.path).resolve()] = self.text
        with opened.holding(texts) as held:
            yield held

    def offset(self, position: Record) -> int:
        """Where a position is in the text."""
        return self.places.offset(position["line"], position["character"])

    def location(self, span: Span) -> Record | None:
        """Where a span is: the document's address, and the range; None where it is in no file."""
        source = span.source
        if source is self.source:
            return {"uri": self.uri, "range": self.places.range(span)}
        uri = self.address(source)
        return {"uri": uri, "range": Places(source.text, self.client.encoding).range(span)} if uri else None

    def address(self, source: Source) -> str | None:
        """The address of a source: as the client gave it, where it has the file open."""
        if source is self.source:
            return self.uri
        if source.path is None:
            return None
        path = source.path.resolve()
        if self.path is not None and path == Path(self.path).resolve():
            return self.uri
        known = self.others.get(str(path))
        return known[0] if known is not None else path.as_uri()
