"""What a run of `archlang check` has found so far."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, TextIO

from archlang.cli.screen import show
from archlang.diagnostics import ArchError, Diagnostic, Severity
from archlang.locate import LocateError, locate
from archlang.model import check, model_of

if TYPE_CHECKING:
    from archlang.cli.fixing import Fixing
    from archlang.diagnostics.sarif import Mend
    from archlang.editing import Fix


class Findings:
    """The diagnostics of several files, each told once, however many files import the one it is in."""

    def __init__(self, fixing: Fixing | None = None) -> None:
        self.fixing = fixing
        self._found: dict[tuple[object, ...], Diagnostic] = {}
        self.files = 0
        self._lost: list[Diagnostic] = []
        self.notes: list[str] = []

    def check(self, spec: str) -> None:
        """Add what is wrong with the file `spec`, or with `spec` itself."""
        self.files += 1
        try:
            located = locate(spec)
            self.notes += located.notes
            source, parsed = located.source, located.parsed
            if self.fixing is not None:
                source, parsed = self.fixing.fix(spec, source), None
            self._add(check(source, parsed))
            if located.net or located.variant:
                model_of(source, net=located.net, variant=located.variant, parsed=parsed)  # that there is one
        except LocateError as error:
            self._lost += error.diagnostics
            self._add(list(error.diagnostics))
        except ArchError as error:
            self._add(list(error.diagnostics))

    def _add(self, diagnostics: list[Diagnostic]) -> None:
        for each in diagnostics:
            source = each.span.source
            place = source.path.resolve() if source.path else (source.name, source.text)
            self._found.setdefault((place, each.span.start, each.span.end, each.code, each.message), each)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Everything found, file by file."""
        return list(self._found.values())

    @property
    def status(self) -> int:
        """The exit status: 2 if a file was not found, 1 if one has an error, else 0."""
        return 2 if self._lost else int(self._count(Severity.ERROR) > 0)

    def _count(self, severity: Severity) -> int:
        return sum(each.severity is severity for each in self._found.values())

    def sentence(self) -> str:
        """`3 files: 2 errors, 1 warning`."""
        errors, warnings = self._count(Severity.ERROR), self._count(Severity.WARNING)
        said = _several(errors, "error") if errors else "no errors"
        if warnings:
            said += ", " + _several(warnings, "warning")
        notes = [f"note: {note}" for note in self.notes]
        if self.fixing is not None:
            said = f"{self.fixing.sentence()}, {said} left"
        return "\n".join([*notes, f"{_several(self.files, 'file')}: {said}"])

    def show(self, stream: TextIO) -> None:
        """Say it for people: what was mended, what is wrong, how much it is, and where more is said of it."""
        if self.fixing is not None and self.fixing.told:
            print(*self.fixing.told, "", sep="\n", file=stream)
        show(self.diagnostics, stream)
        print(self.sentence(), file=stream)
        if self.diagnostics and stream.isatty():
            print(f"more about a message: archlang explain {self.diagnostics[0].code}", file=stream)

    def told(self, format: str) -> str:  # noqa: A002 - it is what the format is called
        """Everything found, for programs: `format` is json, sarif or github."""
        said = {"json": self.json, "sarif": self.sarif, "github": self.github}[format]()
        return f"{said}\n" if said else ""

    def json(self) -> str:
        """A list of the diagnostics, as JSON."""
        from archlang.diagnostics.json import records

        return dumps(records(self.diagnostics), indent=2, ensure_ascii=False)

    def sarif(self) -> str:
        """A log in SARIF, with what mends each diagnostic."""
        from archlang import __version__
        from archlang.diagnostics.sarif import log

        placed = [each for each in self.diagnostics if each not in self._lost]
        found = log(placed, version=__version__, lost=self._lost, notes=self.notes, mending=Mending())
        return dumps(found, indent=2, ensure_ascii=False)

    def github(self) -> str:
        """A command of a GitHub workflow for each diagnostic."""
        from archlang.diagnostics.github import commands

        return "\n".join(commands(self.diagnostics))


class Mending:
    """What mends a diagnostic; a text is looked at when the first of its diagnostics is asked about."""

    def __init__(self) -> None:
        self._fixes: dict[int, list[Fix]] = {}

    def __call__(self, diagnostic: Diagnostic) -> Mend | None:
        """The change, if one is known."""
        from archlang.diagnostics.sarif import Mend
        from archlang.editing import fixes

        source = diagnostic.span.source
        if id(source) not in self._fixes:
            self._fixes[id(source)] = fixes(source)
        for fix in self._fixes[id(source)]:
            if (fix.diagnostic.code, fix.diagnostic.span) == (diagnostic.code, diagnostic.span):
                return Mend(fix.title, tuple((edit.span, edit.text) for edit in fix.edits))
        return None


def _several(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
