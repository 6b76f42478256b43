"""What holds of every text, whatever it is: a target for each floor, which raises `Finding` where it does not."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from random import Random

from spacing import respaced
from trees import bare

from archlang.diagnostics import ArchError, Diagnostic, Severity
from archlang.diagnostics.codes import CODES
from archlang.diagnostics.json import records
from archlang.diagnostics.text import render
from archlang.elaborate.check import load, networks
from archlang.elaborate.report import Report
from archlang.formatting import format_text
from archlang.ir.network import Network
from archlang.model import check
from archlang.model import parse as model
from archlang.source import Source, Span
from archlang.syntax.parse import parse

NAME = "text.arch"
SLOW = 2
"""Seconds of the processor's time after which a text is not worked out a second time."""
_PYTHON = re.compile(
    r"\b(?:None|True|False|Traceback|NoneType|\w+Error|Span|Source|Diagnostic|Fraction|Decimal|Dim|dict_keys|frozenset|"
    r"NotImplemented|Token|Tree|LABEL|lambda)\b|<[\w.]+ (?:object|at) |\b0x[0-9a-f]{6,}|<class |\{'|\['|\('|, '|__\w+__"
)
"""What only Python says: a value's repr, a class, an exception."""


class Finding(Exception):
    """Something that does not hold."""


def holds(condition: object, words: str) -> None:
    """Raise a Finding unless `condition` holds."""
    if not condition:
        raise Finding(words)


def sound(found: list[Diagnostic] | tuple[Diagnostic, ...], text: str) -> None:
    """Every diagnostic has a known code, places inside its texts, and words for people."""
    for d in found:
        holds(d.code in CODES, f"the code {d.code} is not declared")
        for span in _spans(d):
            inside = 0 <= span.start <= span.end <= len(span.source.text)
            holds(inside, f"{d.code}: {span.start}..{span.end} is outside of the text")
            holds(span.source.name != NAME or span.source.text == text, f"{d.code}: a span of another text")
        for words in _words(d):
            holds(words.strip() == words, f"{d.code}: space around {words!r}")
            python = next((m[0] for m in _PYTHON.finditer(words) if m[0] not in text), None)
            holds(python is None, f"{d.code}: {python!r} in {words!r}")
        holds(d.message, f"{d.code}: no message")
        holds("\n" not in d.message, f"{d.code}: a message of two lines")
        holds(len(d.message) < 3000, f"{d.code}: a message of {len(d.message)} characters")
        shown = render(d)
        holds(shown.startswith(f"{d.severity.value}[{d.code}]: "), f"{d.code}: rendered as {shown[:80]!r}")
        holds(not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown), f"{d.code}: control characters in {shown!r}")
        render(d, color=True)
    json.dumps(records(found))
    said = [(d.code, d.span.source.name, d.span.start, d.span.end, d.message) for d in found]
    twice = next((each for each in said if said.count(each) > 1), None)
    holds(twice is None, f"said twice: {twice}")


def _spans(d: Diagnostic) -> Iterator[Span]:
    yield d.span
    yield from (label.span for label in (*d.labels, *d.trace))


def _words(d: Diagnostic) -> Iterator[str]:
    yield d.message
    yield d.text
    yield d.help or ""
    yield from d.notes
    yield from (label.text for label in (*d.labels, *d.trace))


def parses(text: str) -> None:
    """The parser gives a program and diagnostics, the same each time, whatever the text."""
    program, found = parse(Source(NAME, text))
    sound(found, text)
    holds(found or not program.broken, "broken, and nothing was said")
    again, once_more = parse(Source(NAME, text))
    holds(_facts(found) == _facts(once_more), "other diagnostics the second time")
    holds(bare(program) == bare(again), "another tree the second time")


def _facts(found: list[Diagnostic] | tuple[Diagnostic, ...]) -> list[dict[str, object]]:
    return records(found)


def elaborates(text: str) -> None:
    """Every net in every variant is worked out or refused, alike each time; the model agrees with `check`.

    What takes long is looked at once.
    """
    began = time.process_time()
    found = check(Source(NAME, text))
    sound(found, text)
    if time.process_time() - began > SLOW:
        return
    report = Report()
    whole = [_picture(network) for network in networks(load(Source(NAME, text), report), report)]
    report = Report()
    again = [_picture(network) for network in networks(load(Source(NAME, text), report), report)]
    holds(whole == again, "another network the second time")
    holds(_facts(found) == _facts(check(Source(NAME, text))), "other diagnostics the second time")
    errors = [d for d in found if d.severity is Severity.ERROR]
    try:
        made = model(text, name=NAME)
    except ArchError as error:
        sound(error.diagnostics, text)
        first = next((d for d in error.diagnostics if d.severity is Severity.ERROR), None)
        holds(first is not None, "refused without an error")
        alone = {"no-network", "unbound", "too-many-layers"}
        holds(errors or first is None or first.code in alone, f"only the model says {first and first.code}")
    else:
        holds(made.params >= 0, "fewer than no parameters")
        str(made.macs)


def _picture(network: Network) -> tuple[object, ...]:
    nodes = [(node.id, node.path, str(network.shapes[node.id]), node.op.word) for node in network.graph]
    return network.name, network.variant, nodes, sorted(network.labels), [str(r) for r in network.results]


def formats(text: str) -> None:
    """The one form of a text is the same program, with the same comments, and its own form."""
    for each in (text, respaced(Random(len(text)).randrange(10**6), text)):
        _formats(each)


def _formats(text: str) -> None:
    program, found = parse(Source(NAME, text.removeprefix("\ufeff")))
    errors = [d for d in found if d.severity is Severity.ERROR]
    try:
        formed = format_text(text, NAME)
    except ArchError as error:
        holds(errors, "refused, and the parser has nothing against it")
        holds(_facts(error.diagnostics) == _facts(errors), "refused for other reasons than the parser's")
        return
    holds(not errors, "formatted, though it has errors")
    after, found = parse(Source(NAME, formed))
    holds(not [d for d in found if d.severity is Severity.ERROR], f"its form has errors: {formed!r}")
    holds(bare(program) == bare(after), f"its form is another program: {formed!r}")
    holds(format_text(formed, NAME) == formed, f"its form has another form: {formed!r}")
    holds(_comments(formed) == _comments(text), f"comments were lost: {formed!r}")


def _comments(text: str) -> list[str]:
    """The comments of a text, without the spaces behind them."""
    found = re.findall(r'"[^"\n]*"|#[^\n]*', text)
    return [each.rstrip() for each in found if each.startswith("#")]


TARGETS: dict[str, Callable[[str], None]] = {"parse": parses, "elaborate": elaborates, "format": formats}
