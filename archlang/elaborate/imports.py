"""Files: read, parsed, and linked to what they import."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from archlang import files, opened, resources
from archlang.diagnostics import Diagnostic
from archlang.diagnostics import Label as Mark
from archlang.elaborate.env import Definition, Env, Written_co
from archlang.elaborate.externs import wrong_extern
from archlang.elaborate.parameters import wrong_parameters
from archlang.elaborate.read import did_you_mean, nearest
from archlang.elaborate.report import Report
from archlang.ops import BY_WORD
from archlang.record import entity
from archlang.source import Source, Span
from archlang.syntax import ast
from archlang.syntax.limits import MOST_BYTES
from archlang.syntax.parse import Parsed, parse

DEEPEST_IMPORT = 32
RENAME = "give one of them another name, or leave it out"
TABLES = ("blocks", "nets", "words", "externs")
"""Where the environment of a file keeps what an import may take from it."""
_MOST_READ = 100_000
"""Characters of a text that cannot be read in which names are looked for."""
_LONGEST = 100
_DECLARES = re.compile(r"\b(?:net|block|extern)\s+(\w+)|\b(\w+)\s*(?:means\b|\[)")
_HEADS = re.compile(r"[a-z]+\s+(\w+)\s*\(")
_IMPORTS = re.compile(r"[a-z]+\s*\"")
_JOINED = re.compile(
    r"\b(?:net|block|extern)\s+(\w+)\s*[,=)]"
)  # a name and the first parameter, without the `(` between them


@entity
class Module:
    """One file: its tree, the environment of its top level, and whether it parsed whole."""

    source: Source
    program: ast.Program
    env: Env
    whole: bool

    @property
    def nets(self) -> list[ast.Net]:
        """The nets it defines, in order."""
        return [s for s in self.program.body.statements if isinstance(s, ast.Net)]

    @property
    def is_script(self) -> bool:
        """Whether its bare statements are one network."""
        placed = (ast.Place, ast.Stage, ast.From, ast.Aux, ast.If, ast.For, ast.Table, ast.Guarded, ast.Input)
        return not self.nets and any(isinstance(s, placed) for s in self.program.body.statements)


@dataclass(slots=True)
class Loader:
    """Loads each file once, and knows which ones it is in the middle of."""

    report: Report
    loaded: dict[Path, Module | None] = field(default_factory=dict[Path, Module | None])
    stack: list[Path] = field(default_factory=list[Path])
    broken: list[Span] = field(default_factory=list[Span])

    def load(self, source: Source, parsed: Parsed | None = None) -> Module:
        """Parse a file, unless that was done, and link its imports; what is wrong goes to the report."""
        program, found = parsed or parse(source)
        for diagnostic in found:
            self.report.add(diagnostic)
        self.broken += program.broken
        self.report.again |= "again" in source.text
        module = Module(source, program, Env(None), not found)
        for span in program.broken:
            module.env.missing.update(
                _declared(source.text[span.start : min(span.end, span.start + _MOST_READ)].strip())
            )
        own = source.path.resolve() if source.path is not None else None
        if own is not None:
            self.loaded[own] = module
            self.stack.append(own)
        try:
            self._link(module)
        finally:
            if own is not None:
                self.stack.pop()
        return module

    def _link(self, module: Module) -> None:
        for statement in module.program.body.statements:
            if self.report.full:
                return
            match statement:
                case ast.Import():
                    self._import(module, statement)
                case ast.Block(name=name):
                    self._define(module, module.env.blocks, name, statement, statement.name_span)
                case ast.Net(name=name):
                    self._define(module, module.env.nets, name, statement, statement.name_span)
                case ast.Extern(name=name):
                    self._define(module, module.env.externs, name, statement, statement.name_span)
                case ast.Means(name=word):
                    self._define(module, module.env.words, word.name, statement, word.span)
                case ast.Place(item=ast.Item(core=ast.Wrap(name=name))) if name in BY_WORD:
                    module.env.missing.add(name)  # `conv [conv; bn]`, without its `means`
                case _:
                    pass

    def _define(
        self,
        module: Module,
        table: dict[str, Definition[Written_co]],
        name: str,
        node: Written_co,
        span: Span,
    ) -> None:
        if isinstance(node, ast.Block | ast.Net):
            for wrong in wrong_parameters(node):
                self.report.add(wrong)
        elif isinstance(node, ast.Extern):
            found = list(wrong_extern(node))
            for wrong in found:
                self.report.add(wrong)
            if found:
                module.env.missing.add(name)  # so that its calls are no mistakes
                return
        earlier = table.get(name)
        if earlier is not None:
            label = Mark(earlier.span, "first here")
            self._error(
                "declared-twice", f"`{name}` is declared twice in this file", span, labels=(label,), help=RENAME
            )
        else:
            table[name] = Definition(name, node, module.env, span)

    def _import(self, module: Module, statement: ast.Import) -> None:
        other = self._open(module, statement)
        if other is None:
            for word in statement.names:
                module.env.missing.add(word.name)
            if statement.alias is not None:
                module.env.missing.add(statement.alias.name)
            return
        if statement.alias is not None:
            module.env.modules[statement.alias.name] = other.env
        for word in statement.names:
            self._take(module, other, word)

    def _take(self, module: Module, other: Module, word: ast.Word) -> None:
        known = [name for table in TABLES for name in getattr(other.env, table)]
        name = word.name
        if name not in known:
            near = nearest(name, known)
            help_ = f"did you mean `{near}`?" if near is not None else _offers(known)
            self._error("unknown-import", f"`{other.source.name}` has no `{name}`", word.span, help=help_)
            if near is None:
                module.env.missing.add(name)
                return
            self._bind(module, other, near, near, word.span)  # whatever calls it is no mistake
            name = near
        self._bind(module, other, name, word.name, word.span)

    def _bind(self, module: Module, other: Module, name: str, called: str, span: Span) -> None:
        """Let `called` mean here what the other file calls `name`."""
        for table in TABLES:
            definition = getattr(other.env, table).get(name)
            if definition is None:
                continue
            own = getattr(module.env, table)
            if called in own and own[called] is not definition:
                label = Mark(own[called].span, "first here")
                self._error(
                    "declared-twice", f"`{called}` is declared twice in this file", span, labels=(label,), help=RENAME
                )
            own[called] = definition

    def _open(self, module: Module, statement: ast.Import) -> Module | None:
        path = self._find(module, statement)
        if path is None:
            return None
        if path in self.stack:
            names = [p.name for p in self.stack[self.stack.index(path) :]]
            message = f"this import goes in a circle: {' imports '.join([*names, path.name])}"
            help_ = "put what both need into a third file"
            self._error("import-cycle", message, statement.path_span, help=help_)
            return None
        if len(self.stack) >= DEEPEST_IMPORT:
            message = f"imports go {DEEPEST_IMPORT} files deep here, the most there may be"
            self._error("import-depth", message, statement.path_span)
            return None
        if path not in self.loaded:
            source = self._read(path, statement)
            self.loaded[path] = self.load(source) if source is not None else None
        return self.loaded[path]

    def _find(self, module: Module, statement: ast.Import) -> Path | None:
        wanted = Path(statement.path)
        if wanted.is_absolute() or ".." in wanted.parts or "\0" in statement.path or wanted.suffix != ".arch":
            message = "an import names an .arch file beside this one, or in a folder below it, or in the zoo"
            self._error("import-path", message, statement.path_span, help='write `import "blocks.arch": name`')
            return None
        folders = [module.source.path.parent] if module.source.path is not None else []
        for folder in [*folders, resources.zoo()]:
            path = (folder / wanted).resolve()
            if opened.has(path) or path.is_file():
                if path.is_relative_to(folder.resolve()):
                    return path
                message = f"`{statement.path}` leads out of its folder"
                self._error("import-path", message, statement.path_span)
                return None
        known = sorted(p.name for folder in [*folders, resources.zoo()] for p in folder.glob("*.arch"))
        message = f"there is no file `{statement.path}` beside this one, nor in the zoo"
        self._error("import-missing", message, statement.path_span, help=did_you_mean(statement.path, known))
        return None

    def _read(self, path: Path, statement: ast.Import) -> Source | None:
        held = opened.text(path)
        if held is not None:
            return Source(statement.path, held, path)
        try:
            data = files.read(path, MOST_BYTES)
            text = data.decode("utf-8-sig", "strict" if len(data) < MOST_BYTES else "replace")  # or it is cut off
        except (OSError, UnicodeDecodeError) as error:
            reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
            self._error("import-missing", f"`{statement.path}` cannot be read: {reason}", statement.path_span)
            return None
        return Source(statement.path, text, path)

    def _error(
        self, code: str, message: str, span: Span, *, help: str | None = None, labels: tuple[Mark, ...] = ()
    ) -> None:
        self.report.add(Diagnostic(code, message, span, help=help, labels=labels))


def _declared(statement: str) -> Iterable[str]:
    """The names that a statement which could not be read would have declared, and perhaps some more."""
    if statement.startswith("import") or _IMPORTS.match(statement):
        return re.findall(r"\w+", statement)
    begun = [joined[:i] for joined in _JOINED.findall(statement) for i in range(1, min(len(joined), _LONGEST))]
    begun += _HEADS.findall(statement)[:1] if _HEADS.match(statement) else []
    return [name for either in _DECLARES.findall(statement) for name in either if name] + begun


def _offers(known: list[str]) -> str:
    return f"it has {', '.join(f'`{name}`' for name in known)}" if known else "it defines nothing"
