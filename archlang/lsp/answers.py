"""What the server's workers are asked of a document: each answer is plain data, as the protocol writes it.

A range is where it starts and ends, a place a line and units in it (see `Places`).
"""

from __future__ import annotations

from pathlib import Path

from archlang import opened
from archlang.colouring.paint import painted
from archlang.diagnostics import ArchError
from archlang.editing import (
    Completion,
    RenameError,
    Symbol,
    completions,
    definition,
    fixes,
    folds,
    hover,
    inlay,
    mended,
    references,
    rename,
    renameable,
    symbols,
)
from archlang.editing.files import importers
from archlang.formatting import format_text
from archlang.lsp.asked import Asked
from archlang.lsp.changes import changed_lines
from archlang.lsp.kept import Kept, kept, looking
from archlang.lsp.kinds import COLOURS, COMPLETION_KINDS, SYMBOL_KINDS
from archlang.lsp.listing import listed
from archlang.lsp.places import Record
from archlang.lsp.told import told
from archlang.model import check
from archlang.source import Source
from archlang.workers.worker import Answers

WARM = "net Warm {\n  input 3x8x8\n  conv3-8; relu; FC-2\n}\n"


# ---- what is wrong ---------------------------------------------------------------


@kept
def checked(asked: Asked, last: Kept) -> Record:
    """What is wrong with the document, and the files that its imports ask for."""
    diagnostics = told(asked, last.found)
    return {"diagnostics": diagnostics, "reads": sorted({*map(str, last.reads), *map(str, opened.asked())})}


@kept
def importing(asked: Asked, _last: Kept) -> list[Record]:
    """What is wrong with the files of the client's folders that import this one and are not open."""
    if asked.path is None:
        return []
    home = Path(asked.path).resolve()
    closed = [path for path in listed(asked.roots, home) if str(path) not in asked.others]
    found: list[Record] = []
    for source in importers(closed, home):
        if source.path is not None:
            one = Asked(source.path.as_uri(), source.text, str(source.path), asked.client, asked.others, asked.roots)
            found.append({"uri": one.uri, "diagnostics": told(one, check(one.source))})
    return found


@kept
def acting(asked: Asked, last: Kept, span: Record) -> list[Record]:
    """What mends the mistakes that a range touches."""
    start, end = asked.offset(span["start"]), asked.offset(span["end"])
    found: list[Record] = []
    for each in fixes(asked.source, (start, end), last.found):
        edits = [{"range": asked.places.range(edit.span), "newText": edit.text} for edit in each.edits]
        [diagnostic] = told(asked, [each.diagnostic])
        found.append({"title": each.title, "diagnostic": diagnostic, "edits": edits, "sure": each.sure})
    return found


@kept
def mending(asked: Asked, last: Kept) -> list[Record]:
    """The changes that mend what can be mended without a choice, one after the other, of the whole document."""
    return _as_edits(asked, mended(last.source).source.text)


# ---- at a place ------------------------------------------------------------------


@looking
def completed(asked: Asked, position: Record) -> list[Record]:
    """What could be typed at a place."""
    offset = asked.offset(position)
    return [_completion(asked, each, offset, rank) for rank, each in enumerate(completions(asked.source, offset))]


def _completion(asked: Asked, each: Completion, offset: int, rank: int) -> Record:
    record: Record = {
        "label": each.label,
        "kind": COMPLETION_KINDS[each.kind],
        "sortText": f"{rank:05}",
        "filterText": each.insert,
        "textEdit": {"range": asked.places.between(each.start, offset), "newText": each.insert},
    }
    if each.detail:
        record["detail"] = each.detail
    if each.documentation:
        record["documentation"] = {"kind": "markdown", "value": each.documentation}
    if asked.client.snippets and "[  ]" in each.insert:
        record["insertTextFormat"] = 2
        record["textEdit"]["newText"] = each.insert.replace("[  ]", "[ $0 ]")
    return record


@looking
def pointed(asked: Asked, position: Record) -> Record | None:
    """What to say of a place."""
    found = hover(asked.source, asked.offset(position))
    if found is None:
        return None
    return {"contents": {"kind": "markdown", "value": found.text}, "range": asked.places.range(found.span)}


@looking
def declared(asked: Asked, position: Record) -> Record | None:
    """Where what stands at a place is declared."""
    span = definition(asked.source, asked.offset(position))
    return asked.location(span) if span is not None else None


@looking
def mentioned(asked: Asked, position: Record, declaration: bool) -> list[Record]:  # noqa: FBT001 - as it is asked
    """Every place that speaks of what stands at one, its `declaration` too if that is asked for."""
    offset = asked.offset(position)
    places = [asked.location(span) for span in references(asked.source, offset, _among(asked))]
    home = None if declaration else definition(asked.source, offset)
    without = asked.location(home) if home is not None else None
    return [place for place in places if place is not None and place != without]


@looking
def renamed(asked: Asked, position: Record, new: str) -> Record:
    """The changes that call what stands at a place otherwise, by document; or why that cannot be, as `refused`."""
    try:
        edits = rename(asked.source, asked.offset(position), new, _among(asked))
    except RenameError as error:
        return {"refused": str(error)}
    changes: dict[str, list[Record]] = {}
    for edit in edits:
        at = asked.location(edit.span)
        if at is not None:
            changes.setdefault(at["uri"], []).append({"range": at["range"], "newText": edit.text})
    return {"changes": changes}


@looking
def name_at(asked: Asked, position: Record) -> Record | None:
    """The name at a place, where it may be changed."""
    span = renameable(asked.source, asked.offset(position))
    return {"range": asked.places.range(span), "placeholder": span.text.strip('"')} if span is not None else None


def _among(asked: Asked) -> list[Path]:
    return listed(asked.roots, Path(asked.path)) if asked.path is not None else []


# ---- of the whole document -------------------------------------------------------


@looking
def outlined(asked: Asked) -> list[Record]:
    """Its parts with names."""
    return [_symbol(asked, each) for each in symbols(asked.source)]


def _symbol(asked: Asked, each: Symbol) -> Record:
    return {
        "name": each.name or "?",
        "detail": each.detail,
        "kind": SYMBOL_KINDS[each.kind],
        "range": asked.places.range(each.span),
        "selectionRange": asked.places.range(each.name_span),
        "children": [_symbol(asked, one) for one in each.inside],
    }


@looking
def folded(asked: Asked) -> list[Record]:
    """What folds, by lines."""
    found: list[Record] = []
    for each in folds(asked.source):
        span = asked.places.range(each.span)
        record = {"startLine": span["start"]["line"], "endLine": span["end"]["line"]}
        found.append(record | ({"kind": each.kind} if each.kind != "part" else {}))
    return found


@looking
def shaped(asked: Asked, span: Record) -> list[Record]:
    """The shapes at the ends of the lines of a range."""
    start, end = asked.offset(span["start"]), asked.offset(span["end"])
    return [
        {"position": asked.places.position(each.offset), "label": f"→ {each.text}", "kind": 1, "paddingLeft": True}
        for each in inlay(asked.source)
        if start <= each.offset <= end
    ]


def coloured(asked: Asked) -> list[int]:
    """What each piece of the text is, as the protocol counts: five numbers each, places from the piece before."""
    found: list[int] = []
    line, character = 0, 0
    for start, piece, colour in painted(asked.text):
        if colour not in COLOURS:
            continue
        kind = list(COLOURS).index(colour)
        at, end = asked.places.position(start), asked.places.position(start + len(piece))
        ahead = at["character"] - (character if at["line"] == line else 0)
        found += [at["line"] - line, ahead, end["character"] - at["character"], kind, 0]
        line, character = at["line"], at["character"]
    return found


def formatted(asked: Asked) -> list[Record]:
    """The changes that bring the text into its one form; none while it has errors of form."""
    try:
        new = format_text(asked.text)
    except ArchError:
        return []
    if "\r\n" in asked.text:
        new = new.replace("\r\n", "\n").replace("\n", "\r\n")
    return _as_edits(asked, new)


def _as_edits(asked: Asked, new: str) -> list[Record]:
    change = changed_lines(asked.text, new)
    if change is None:
        return []
    start, end, text = change
    return [{"range": asked.places.between(start, end), "newText": text}]


def warm() -> None:
    """Answer once, so that the first document need not wait."""
    asked = Asked("untitled:warm", WARM)
    checked(asked)
    completed(asked, {"line": 2, "character": 2})
    hover(Source("warm", WARM), WARM.index("conv3"))


ANSWERS = Answers(
    {
        "check": checked,
        "importing": importing,
        "act": acting,
        "mend": mending,
        "complete": completed,
        "hover": pointed,
        "definition": declared,
        "references": mentioned,
        "rename": renamed,
        "name": name_at,
        "symbols": outlined,
        "folds": folded,
        "shapes": shaped,
        "colours": coloured,
        "format": formatted,
    },
    warm,
)
