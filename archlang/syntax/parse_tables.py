# pyright: basic
"""The parser's tables: made from the grammar once, then kept in the user's cache.

They are kept as JSON, so that reading them runs nothing, and only in a place
that belongs to this user and that nobody else can write to. A cache that is
missing, foreign, broken or read-only only costs the time of making the tables.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef
from lark.parsers.lalr_analysis import Shift

from archlang import files, resources

_FORMAT = 1
_FLAGS = int(re.ASCII)


class NewLines:
    """Makes the lexer see newlines everywhere; the reader decides which ones count."""

    always_accept = ("_NL",)

    def process(self, stream: Any) -> Any:
        """Tokens as they come."""
        return stream


def make(grammar: str, **options: Any) -> Lark:
    """A parser made from the text of the grammar; takes about a third of a second."""
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        postlex=NewLines(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        g_regex_flags=_FLAGS,
        **options,
    )


class Tables:
    """The grammar's LALR tables, in the form the reader's loop wants them.

    An action is the next state, or, to reduce, how many values to take, what
    makes one of them (None where one value just stays) and the rule's name.
    """

    def __init__(self, lark: Lark) -> None:
        self._lark = lark
        conf = lark.parse_interactive("").parser_state.parse_conf
        self._callbacks: Any = conf.callbacks
        self._states = conf.states
        self.start: int = conf.start_state
        self.end: int = conf.end_state
        self.actions = _Actions(self)

    def lexer(self, text: str) -> Any:
        """What makes tokens of `text`, asked for with `lex(reader)`."""
        return self._lark.parse_interactive(text).lexer_thread

    def terminals(self, state: int) -> Iterator[str]:
        """The terminals with an action in `state`."""
        return (name for name in self._states[state] if name.isupper())

    def advance(self, states: list[int], kind: str) -> bool:
        """Whether `kind` fits after `states`, which become those after it; no values are made."""
        while True:
            action = self.actions[states[-1]].get(kind)
            if action is None:
                return False
            if type(action) is int:
                states.append(action)
                return True
            size, _, origin = action
            if size:
                del states[-size:]
            states.append(self.actions[states[-1]][origin])
            if kind == "$END" and states[-1] == self.end:
                return True

    def actions_of(self, state: int) -> dict[str, Any]:
        """The actions of one state, by terminal and by rule."""
        return {
            name: arg if action is Shift else self._reduction(arg)
            for name, (action, arg) in self._states[state].items()
        }

    def _reduction(self, rule: Rule) -> tuple[int, Any, str]:
        stays = len(rule.expansion) == 1 and rule.options.expand1 and not rule.alias
        return len(rule.expansion), None if stays else self._callbacks[rule], rule.origin.name


class _Actions(dict[int, dict[str, Any]]):
    """The actions of the states that a text has been in so far."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables

    def __missing__(self, state: int) -> dict[str, Any]:
        self[state] = actions = self._tables.actions_of(state)
        return actions


def load(builder: object) -> Tables:
    """The tables of arch.lark, calling the methods of `builder` as they reduce."""
    return Tables(_load(builder))


def _load(builder: object) -> Lark:
    grammar = resources.grammar().read_text("utf-8")
    place = _place(grammar)
    kept = _read(place) if place else None
    if kept is not None:
        with suppress(Exception):  # whatever is wrong with the file, the tables can be made again
            return _revive(kept, builder)
    tables = _tables(make(grammar))
    if place:
        _keep(place, tables)
    return _revive(json.loads(json.dumps(tables)), builder)


def cache_folder() -> Path | None:
    """Where this user's caches of archlang are, by the platform's custom; None if there is no home."""
    with suppress(RuntimeError):
        if named := os.environ.get("XDG_CACHE_HOME"):
            return Path(named) / "archlang" if Path(named).is_absolute() else None
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "archlang" / "Cache"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "archlang"
        return Path.home() / ".cache" / "archlang"
    return None


def _place(grammar: str) -> Path | None:
    """The file for this grammar, this lark and this Python."""
    python = f"{sys.implementation.name} {sys.version}"
    key = "\n".join([str(_FORMAT), lark.__version__, python, grammar])
    folder = cache_folder()
    return folder / f"tables-{sha256(key.encode()).hexdigest()[:24]}.json" if folder else None


def _ours(path: Path) -> bool:
    """Whether `path` belongs to this user and only they can write to it."""
    if os.name != "posix":
        return True
    status = path.lstat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _read(place: Path) -> dict[str, Any] | None:
    try:
        if _ours(place.parent) and _ours(place):
            return json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return None


def _keep(place: Path, tables: dict[str, Any]) -> None:
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _ours(place.parent):
            files.write(place, json.dumps(tables, separators=(",", ":")))


def _tables(parser: Lark) -> dict[str, Any]:
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    for name in ("postlex", "transformer"):
        data["options"].pop(name)
    return {"data": data, "memo": memo}


def _revive(kept: dict[str, Any], builder: object) -> Lark:
    """The parser of tables that were kept; JSON has made strings of the numbers that are keys."""
    data, memo = kept["data"], kept["memo"]
    table = data["parser"]["parser"]
    table["tokens"] = _numbered(table["tokens"])
    table["states"] = {int(state): _numbered(actions) for state, actions in table["states"].items()}
    return Lark._load_from_dict(data, _numbered(memo), transformer=builder, postlex=NewLines())  # noqa: SLF001


def _numbered(mapping: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in mapping.items()}
