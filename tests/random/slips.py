"""Programs with exactly one mistake of a kind that people make when they type or paste one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archlang.resources import zoo
from archlang.source import Source

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
_ASIDE = re.compile(r'#[^\n]*|"[^"\n]*"')
_NAMES = re.compile(
    r"\b(?:as|to) +(?:\w+|\([\w, ]*\))|@ ?[\w.,\- ]+|^ *(?:freeze|from|lr|init|decay|taps|variant)\b[^:=\n]*",
    re.MULTILINE,
)
_WORDS = r"(?:conv|dwconv|deconv|maxpool|avgpool|dropout|softmax|relu6?|gap|bn)"


@dataclass(frozen=True)
class Edit:
    """`new` in place of the characters from `start` to `end`."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Slip:
    """A kind of mistake: where a text has room for it.

    `code` are the codes that name it rightly, separated by spaces; none where
    the text is still right. `helped` says whether there must be a help, and
    `reach` how many lines away the error may stand: a bracket is missed late.
    """

    name: str
    spots: Callable[[str], Iterator[Edit]]
    codes: str
    helped: bool = True
    reach: int = 0

    @property
    def legal(self) -> bool:
        """Whether the text means the same with it."""
        return not self.codes


@dataclass(frozen=True)
class Planted:
    """A text with one mistake, and the lines that it stands on."""

    slip: Slip
    source: Source
    lines: tuple[int, int]


@cache
def texts() -> tuple[Source, ...]:
    """Every network of the zoo and the samples, but for one whose blocks nothing there calls."""
    paths = [*sorted(zoo().glob("*.arch")), *sorted(SAMPLES.glob("*.arch"))]
    paths = [path for path in paths if path.name != "blocks.arch"]
    return tuple(Source(path.name, path.read_text("utf-8"), path) for path in paths)


def planted(slip: Slip) -> Iterator[Planted]:
    """Every text with every slip of that kind that fits it, one at a time."""
    for source in texts():
        for edit in slip.spots(source.text):
            text = source.text[: edit.start] + edit.new + source.text[edit.end :]
            first = text.count("\n", 0, edit.start) + 1
            last = text.count("\n", 0, edit.start + len(edit.new)) + 1
            yield Planted(slip, Source(source.name, text, source.path), (first, last))


def _uncommented(text: str) -> str:
    """The text with its comments blanked."""
    return re.sub(r'("[^"\n]*")|#[^\n]*', lambda m: m[1] or " " * len(m.group()), text)


def _code(text: str) -> str:
    """The text with its comments and strings blanked."""
    return _ASIDE.sub(lambda m: f'"{" " * (len(m[0]) - 2)}"' if m[0][0] == '"' else f"#{' ' * (len(m[0]) - 1)}", text)


def _nameless(text: str) -> str:
    """The text with its comments, strings, labels and variants blanked: another name for those may be right."""
    return _NAMES.sub(lambda m: " " * len(m[0]), _code(text))


def _swap(
    pattern: str, new: str | Callable[[re.Match[str]], str], look: Callable[[str], str] = _code
) -> Callable[[str], Iterator[Edit]]:
    """Edits that put `new` in place of the group `it` of each match, else of the match."""

    def spots(text: str) -> Iterator[Edit]:
        for match in re.finditer(pattern, look(text), re.MULTILINE):
            group = "it" if "it" in match.re.groupindex else 0
            start, end = match.span(group)
            word = match.expand(new) if isinstance(new, str) else new(match)
            if text[start:end] != word:
                yield Edit(start, end, word)

    return spots


def _typo(match: re.Match[str]) -> str:
    """The word with two letters of its middle changed round, or its last letter doubled."""
    word = match["it"]
    for i in range(1, len(word) - 1):
        if word[i] != word[i + 1]:
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word + word[-1]


def _duplicated(text: str) -> Iterator[Edit]:
    """A label that takes the name of the one before it in the same scope: stages and braces have their own."""
    before = None
    for match in re.finditer(r"\bas (?P<it>\w+)\b(?!\.\.)", _code(text)):
        between = text[before.end() : match.start()] if before is not None else ""
        if before is not None and before.group("it") != match["it"] and not re.search(r"[{}]|\bstage\b", between):
            yield Edit(*match.span("it"), before.group("it"))
        before = match


def _rows_with_spaces(text: str) -> Iterator[Edit]:
    for match in re.finditer(r"^ *(?P<it>\d+(?:, *\d+){2,})$", text, re.MULTILINE):
        yield Edit(*match.span("it"), match["it"].replace(",", " "))


SLIPS: tuple[Slip, ...] = (
    # ---- still right ----
    Slip(
        "a carriage return", _swap(r"\A(?P<it>(?s:.+))", lambda m: m["it"].replace("\n", "\r\n"), look=_uncommented), ""
    ),
    Slip("a byte order mark", _swap(r"\A(?P<it>)", "\ufeff", look=_uncommented), ""),
    Slip("tabs", _swap(r"\A(?P<it>(?s:.+))", lambda m: m["it"].replace("  ", "\t"), look=_uncommented), ""),
    Slip("a times sign", _swap(r"(?<=\d)(?P<it>x)(?=\d)(?<!32x)(?<!64x)(?![\dx]*_)", "×"), ""),
    Slip("spaces at the end of a line", _swap(r"(?P<it>)$", "  "), ""),
    # ---- words ----
    Slip(
        "a layer misspelled",
        _swap(rf"(?<![\w.])(?<!expect )(?<!stage )(?P<it>{_WORDS})(?=[\d(/;\]\n-])", _typo, look=_nameless),
        "unknown-layer no-companion",
    ),
    Slip(
        "a layer in capitals",
        _swap(r"(?<![\w.])(?P<it>maxpool|relu|softmax|dropout)(?=[\d(/;\]\n])", lambda m: m["it"].title()),
        "unknown-layer no-companion",
    ),
    Slip(
        "an option misspelled",
        _swap(r"(?<=[(, ])(?P<it>bias|pad|groups|ceil|weight|size|alpha|stride)(?==\S)(?![^\n]*\{)", _typo),
        "unknown-option unknown-parameter unknown-argument",
    ),
    Slip(
        "a block misspelled",
        _swap(r"(?<![\w.=])(?P<it>inception|bottleneck|bneck|unit|basic|fire|head)(?=\()(?![^\n]*\{)", _typo),
        "unknown-layer unknown-function",
    ),
    Slip("a value misspelled", _swap(r"-(?P<it>classes)\b", _typo), "unknown-name"),
    Slip(
        "a keyword misspelled",
        _swap(r"^ *(?P<it>stage|input|expect|variant|block|table|import|aux|freeze|taps)(?= )", _typo),
        "unknown-keyword",
    ),
    Slip("a companion misspelled", _swap(r"\bno (?P<it>relu|bn)\b", _typo), "no-companion"),
    Slip(
        "a label misspelled",
        _swap(r"(?:\bfrom |\bto |\btaps |add\(|crop\()(?P<it>[a-z]\w{2,})", _typo),
        "unknown-label unknown-name",
    ),
    Slip("a part misspelled in an expect", _swap(r"\bexpect (?P<it>\w{3,})\.", _typo), "unknown-label expect-subject"),
    Slip("what is expected misspelled", _swap(r"\bexpect (?P<it>params|macs|depth)\b", _typo), "expect-subject"),
    Slip("an unknown variant", _swap(r"@(?P<it>[A-Z0-9]\w*)", "Z9"), "unknown-variant", helped=False),
    Slip(
        "a parameter misspelled in a variant",
        _swap(r"^ *variant [\w-]+: *(?P<it>\w+)=", lambda m: m["it"] + "z"),
        "unknown-parameter",
    ),
    Slip("a file misspelled", _swap(r'^import "(?P<it>\w+)\.arch"', _typo, look=_uncommented), "import-missing"),
    Slip(
        "a name misspelled in an import",
        _swap(r'^import "[^"]*": (?P<it>\w+)', _typo, look=_uncommented),
        "unknown-import",
    ),
    Slip("a function misspelled", _swap(r"(?P<it>range|round8|max)\(", _typo), "unknown-function unknown-layer"),
    Slip("a label taken already", _duplicated, "duplicate-label", helped=False),
    # ---- numbers ----
    Slip("a claim with wrong channels", _swap(r"=> (?P<it>\d+)(?=x)", lambda m: str(int(m["it"]) + 1)), "shape-claim"),
    Slip(
        "a claim with a wrong size", _swap(r"=> \d+x(?P<it>\d+)(?=x)", lambda m: str(int(m["it"]) + 1)), "shape-claim"
    ),
    Slip(
        "a wrong total",
        _swap(r"\bexpect \w+ == (?P<it>\d)(?=\d*\S* *(?:@[\w-]+)?$)", lambda m: str(int(m["it"]) % 9 + 1)),
        "expect",
    ),
    Slip(
        "an argument too many",
        _swap(r"(?<![\w.=])(?:inception|bneck|head|bottleneck)\([^()\n]*(?P<it>)\)(?![^\n]*\{)", ", 7, 8, 9, 1, 2, 3"),
        "too-many-arguments argument",
    ),
    Slip("an argument too few", _swap(r"(?<![\w.=])inception\((?P<it> *\d+,)(?![^\n]*\{)", ""), "missing-argument"),
    Slip("a string for a number", _swap(r"\(pad=(?P<it>\d+)", '"1"'), "whole-number"),
    Slip("a stride of nothing", _swap(r"\d/(?P<it>2)", "0"), "too-small", helped=False),
    Slip("a stride in words", _swap(r"(?<=[\d\w])(?P<it>/2)(?=[; \n])", " stride 2"), "options-bare"),
    # ---- signs missing ----
    Slip(
        "an opening brace missing",
        _swap(r"(?P<it>\{) *$", ""),
        "missing-braces unclosed-bracket stray-bracket incomplete table-row",
    ),
    Slip("a closing brace missing", _swap(r"(?P<it>\})", ""), "unclosed-bracket", reach=99),
    Slip("an opening bracket missing", _swap(r"(?P<it>\[)", ""), "stray-bracket mismatched-bracket", reach=6),
    Slip("a closing bracket missing", _swap(r"(?P<it>\])", ""), "unclosed-bracket mismatched-bracket", reach=6),
    Slip("an opening parenthesis missing", _swap(r"(?P<it>\()", ""), "stray-bracket mismatched-bracket", reach=6),
    Slip("a closing parenthesis missing", _swap(r"(?P<it>\))", ""), "unclosed-bracket mismatched-bracket"),
    Slip("an opening quote missing", _swap(r"(?P<it>\")[^\"\n]*\"", "", look=_uncommented), "unclosed-string"),
    Slip("a closing quote missing", _swap(r"\"[^\"\n#]*(?P<it>\")", "", look=_uncommented), "unclosed-string"),
    Slip("a semicolon missing", _swap(r"(?<=[\w)\]])(?P<it>;)(?= +[a-zA-Z]\w*[-/;(\[])", ""), "missing-separator"),
    Slip("a colon missing after a stage", _swap(r"^ *stage \w+(?P<it>:)", ""), "missing-colon"),
    Slip("a colon missing after from", _swap(r"^ *from [\w, ]+(?P<it>:)", ""), "missing-colon"),
    Slip("a colon missing after a variant", _swap(r"^ *variant [\w-]+(?P<it>:) ", ""), "missing-colon"),
    Slip(
        "a colon missing after an import", _swap(r'^ *import "[^"]*"(?P<it>:)', "", look=_uncommented), "missing-colon"
    ),
    Slip("a comma missing", _swap(r"(?<=\w)(?P<it>,)(?= *\w+ *[,)])", " "), "missing-comma"),
    Slip("an equals sign missing", _swap(r"\blet \w+ (?P<it>= )", ""), "missing-equals"),
    Slip("a means missing", _swap(r"^ *\w+ +(?P<it>means) \[", ""), "unknown-wrap unknown-layer"),
    Slip("a dash missing", _swap(r"\bconv\d(?P<it>-)(?=\d)", " "), "value-after-space"),
    Slip("a label missing", _swap(r"\bas (?P<it>\w+)(?= *(?:$|=>))", ""), "missing-label"),
    Slip("a count missing", _swap(r" x(?P<it>\d+)(?= *(?:$|[;/=]))", ""), "missing-count"),
    # ---- one sign for another ----
    Slip("a comma for a semicolon", _swap(r"(?<=[\w)\]])(?P<it>;)(?= *[a-zA-Z])", ","), "branch-comma unknown-variant"),
    Slip("a comma for a bar", _swap(r"(?P<it>\|)", ","), "branch-comma"),
    Slip("a slash for a bar", _swap(r"(?<= )(?P<it>\|)(?= )", "/"), "wrong-bar unknown-name option split"),
    Slip(
        "a semicolon for a comma",
        _swap(r"(?<=\w)(?P<it>,)(?= *\w+ *[,)])", ";"),
        "missing-comma table-row layers-in-parentheses",
    ),
    Slip("one equals sign", _swap(r"\b(?:expect|if)\b[^\n]*(?P<it>==)", "="), "single-equals"),
    Slip("an arrow for a claim", _swap(r"(?P<it>=>)", "->"), "arrow"),
    Slip("a drawn arrow for a claim", _swap(r"(?P<it>=>)", "→"), "unknown-character"),
    Slip("a comma in a size", _swap(r"(?<![\w.])\d+(?P<it>x)(?=\d+x\d)", ","), "input-shape claim-shape shape-spaces"),
    Slip("spaces in a size", _swap(r"=> \d+(?P<it>x)\d+(?:x\d+)?", " x "), "shape-spaces"),
    Slip(
        "braces around branches",
        _swap(r"(?P<it>\b(?:concat|add|mul|res)\[[^\[\]]*\])", lambda m: m["it"].replace("[", "{").replace("]", "}")),
        "layers-in-braces",
    ),
    Slip(
        "parentheses around branches",
        _swap(r"(?P<it>\b(?:concat|add|mul|res)\[[^\[\]]*\])", lambda m: m["it"].replace("[", "(").replace("]", ")")),
        "layers-in-parentheses unknown-layer",
    ),
    Slip("a slash comment", _swap(r"(?P<it>#) ", "//", look=str), "comment"),
    Slip(
        "typeset quotes",
        _swap(r"(?P<it>\"[^\"\n]*\")", lambda m: f"“{m['it'][1:-1]}”", look=_uncommented),
        "unknown-character",
    ),
    Slip("an en dash", _swap(r"\b(?:conv\d|FC)(?P<it>-)", "\N{EN DASH}"), "unknown-character"),
    Slip("a no-break space", _swap(r";(?P<it> )", "\xa0"), "unknown-character"),
    Slip("a typeset ellipsis", _swap(r"(?P<it>\.\.)", "…"), "unknown-character"),
    # ---- signs too many ----
    Slip("a semicolon twice", _swap(r"(?P<it>;)", ";;"), "empty-item"),
    Slip("a bar twice", _swap(r"(?P<it>\|)", "||"), "empty-branch"),
    Slip("a comma twice", _swap(r"(?<=\w)(?P<it>,) *\w", ",,"), "doubled-comma"),
    Slip("a closing brace too many", _swap(r"(?P<it>^\})", "}\n}"), "stray-bracket"),
    Slip("a closing bracket too many", _swap(r"(?P<it>\])", "]]"), "stray-bracket mismatched-bracket", reach=6),
    Slip("a closing parenthesis too many", _swap(r"(?P<it>\))", "))"), "stray-bracket mismatched-bracket", reach=6),
    Slip("a colon after braces begin", _swap(r"^ *stage \w+(?P<it> )\{", ": "), "stage-colon"),
    Slip("a repeat in front", _swap(r"(?P<it>\bconv\d-\d+ x2)", lambda m: f"2x {m['it'][:-3]}"), "repeat-first"),
    # ---- tables ----
    Slip("spaces between a row's values", _rows_with_spaces, "missing-comma table-row"),
    Slip("a value missing in a row", _swap(r"^ *\d+, *\d+, *\d+(?P<it>, *\d+)$", ""), "table-row"),
)
