"""The typed tree of a file: what was written, and where.

Nothing here knows what a layer is. A name stays the name that was typed; the
elaborator decides what it means. Every node has a `span`.
"""

from __future__ import annotations

from archlang.record import entity
from archlang.source import Span

# ---- expressions -----------------------------------------------------------


@entity
class Number:
    """`64`, `0.5`, `1e-4`, `138M`: the value, and `digits`, the text as typed (a claim's tolerance)."""

    value: int | float
    digits: str
    span: Span


@entity
class String:
    """`"imagenet"`."""

    value: str
    span: Span


@entity
class Name:
    """`w`, `in.c`, `true`: a dotted name."""

    name: str
    span: Span


@entity
class Unary:
    """`-k`, `not last`: `op` is "-" or "not"."""

    op: str
    operand: Expr
    span: Span


@entity
class Binary:
    """`a + b`: `op` is one of + - * / // % ** == != < <= > >= and or."""

    op: str
    left: Expr
    right: Expr
    span: Span


@entity
class Index:
    """`n[0]`."""

    base: Expr
    index: Expr
    span: Span


@entity
class List:
    """`[3, 4, 6, 3]`."""

    items: tuple[Expr, ...]
    span: Span


@entity
class Apply:
    """`ceil(w / 2)`, `bottleneck(groups=32)`: a function, or a block with some of its parameters."""

    name: str
    args: tuple[Arg, ...]
    span: Span
    name_span: Span


Expr = Number | String | Name | Unary | Binary | Index | List | Apply


@entity
class Arg:
    """`64` or `pad=1`; `name` is None for a positional one."""

    name: str | None
    value: Expr
    span: Span


@entity
class Word:
    """A name and where it stands."""

    name: str
    span: Span


@entity
class ShapeText:
    """`3x224x224`, `56x56`, `4096`, `3xHxW`, `?x7x7`: integers, symbols, or "?"."""

    dims: tuple[int | str, ...]
    span: Span


# ---- items: one layer, group or call, then its modifiers, left to right ----


@entity
class Call:
    """`conv3-64/2(pad=0)`, `3x3,64`, `maxpool3/2`, `inception(64, ...)`, `ResNet-50`.

    `name` is the head as typed, its digits included (`conv3`, `maxpool3`,
    `conv1x7`, `xception`); `3x3,64` has the name `conv3x3`. `dash` is what
    follows the dash (or the comma of `3x3,64`): a width, or a variant, which is
    a `Number`, a `Name`, or any expression in parentheses.
    """

    name: str
    name_span: Span
    dash: Expr | None
    stride: Expr | None
    args: tuple[Arg, ...] | None
    span: Span


@entity
class Branch:
    """One branch of `[ a | b ]`: its items, and its label if it has one."""

    label: Word | None
    items: tuple[Item, ...]
    span: Span


@entity
class Wrap:
    """`concat[a | b]`, `res[a; b]/2`, `split(2)[a | b]`, `seq[a; b]`."""

    name: str
    name_span: Span
    args: tuple[Arg, ...] | None
    branches: tuple[Branch, ...]
    stride: Expr | None
    span: Span


@entity
class Group:
    """`[a; b]`, with an optional `/2`."""

    branches: tuple[Branch, ...]
    stride: Expr | None
    span: Span


@entity
class Repeat:
    """`x3`, `x n[0] /2`, `*3`: `stride` is for the first copy only."""

    count: Expr
    stride: Expr | None
    span: Span


@entity
class As:
    """`as pool3`."""

    name: Word
    span: Span


@entity
class AsParts:
    """`as (conv1, bn1)`."""

    names: tuple[Word, ...]
    span: Span


@entity
class AsCopies:
    """`as denselayer1..`."""

    name: Word
    span: Span


@entity
class VariantRange:
    """`D` or `B..E`; `last` is None for a single one."""

    first: str
    last: str | None
    span: Span


@entity
class Guard:
    """`@B..E`."""

    ranges: tuple[VariantRange, ...]
    span: Span


@entity
class Drop:
    """`no relu, bn`."""

    names: tuple[Word, ...]
    span: Span


@entity
class Bare:
    """`bare`."""

    span: Span


@entity
class Upto:
    """`to pool5`."""

    name: Word
    span: Span


@entity
class Claim:
    """`=> 56x56`."""

    shape: ShapeText
    span: Span


@entity
class When:
    """`when t != 1`."""

    condition: Expr
    span: Span


Core = Call | Wrap | Group
Modifier = Repeat | As | AsParts | AsCopies | Guard | Drop | Bare | Upto | Claim | When


@entity
class Item:
    """A layer, group or call with its modifiers in the order they were typed."""

    core: Core
    modifiers: tuple[Modifier, ...]
    span: Span


# ---- statements ------------------------------------------------------------


@entity
class Body:
    """Statements in order; `a; b` on one line are two of them."""

    statements: tuple[Statement, ...]
    span: Span


@entity
class Parameter:
    """`stride=1` in `block unit(w, stride=1)`."""

    name: str
    default: Expr | None
    span: Span


@entity
class Import:
    """`import "blocks.arch" as b` or `import "blocks.arch": basic, conv`."""

    path: str
    path_span: Span
    alias: Word | None
    names: tuple[Word, ...]
    span: Span


@entity
class Net:
    """`net VGG(classes=1000) { ... }`; `span` covers the head only, `body.span` the rest."""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    body: Body
    span: Span


@entity
class Block:
    """`block unit(w, stride=1) { ... }`; spans as in `Net`."""

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    body: Body
    span: Span


@entity
class Fact:
    """`shape = [out, in.h, in.w]`: what an `extern` says of its layer."""

    name: Word
    value: Expr
    span: Span


@entity
class Extern:
    """`extern deform(out, k=3) = "mypkg.layers:DeformConv"(in.c, out, k) { shape = ... }`: a layer of one's own.

    `target` is the class, with quotes off; `args` what its constructor gets, None where nothing is said. `span`
    covers the head only, `end` is where the closing brace stands.
    """

    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    target: String
    args: tuple[Arg, ...] | None
    facts: tuple[Fact, ...]
    span: Span
    body_span: Span | None


@entity
class Input:
    """`input image 3xHxW`, `input words 20`."""

    name: Word | None
    shape: ShapeText
    span: Span


@entity
class Let:
    """`let m = w * base // 64`."""

    name: Word
    value: Expr
    span: Span


@entity
class Means:
    """`conv means [conv; bn; relu]`."""

    name: Word
    item: Item
    span: Span


@entity
class Variant:
    """`variant A, B: n=3, k=2`."""

    names: tuple[Word, ...]
    bindings: tuple[Arg, ...]
    span: Span


@entity
class Paper:
    """`paper "arXiv:1409.1556" @D`."""

    text: str
    guard: Guard | None
    span: Span


@entity
class Expect:
    """`expect i4a.params == 364K but 376K "why" @D`.

    `subject` is `params`, `macs`, `depth`, or a label and one of them.
    """

    subject: Word
    op: str
    value: Expr
    but: Expr | None
    reason: str | None
    guard: Guard | None
    span: Span


@entity
class Taps:
    """`taps c2, c3`."""

    names: tuple[Word, ...]
    span: Span


@entity
class Output:
    """`output a, b`."""

    names: tuple[Word, ...]
    span: Span


@entity
class LabelRange:
    """`conv1` or `conv1..conv3`; `last` is None for a single one."""

    first: Word
    last: Word | None
    span: Span


@entity
class Freeze:
    """`freeze conv1..conv3`."""

    ranges: tuple[LabelRange, ...]
    span: Span


@entity
class Setting:
    """`lr a..b = 0.1`, `init conv = gaussian(0.01)`, `decay all = 5e-4`: `word` is lr, init or decay."""

    word: str
    ranges: tuple[LabelRange, ...]
    value: Expr
    span: Span


@entity
class Stage:
    """`stage [name:] ...` or `stage [name] { ... }`; `span` covers the head, `body.span` the rest."""

    name: Word | None
    body: Body
    span: Span


@entity
class From:
    """`from pool4: ...`, `from a, b: add; ...`."""

    labels: tuple[Word, ...]
    body: Body
    span: Span


@entity
class Aux:
    """`aux loss1(weight=0.3) { ... }`."""

    name: Word
    args: tuple[Arg, ...]
    body: Body
    span: Span


@entity
class If:
    """`if c { } else if d { } else { }`; `orelse` is a `Body` (holding one `If` for `else if`) or None."""

    condition: Expr
    then: Body
    orelse: Body | None
    span: Span


@entity
class For:
    """`for i in range(0, 6) { ... }`."""

    name: Word
    values: Expr
    body: Body
    span: Span


@entity
class Table:
    """`table item { header; rows }`: each row is as long as the header, or an error says so."""

    item: Item
    header: tuple[Word, ...]
    rows: tuple[tuple[Expr, ...], ...]
    span: Span


@entity
class ExpectSize:
    """`expect layer4 => 512x7x7 @18`."""

    label: Word
    claim: Claim
    guard: Guard | None
    span: Span


@entity
class Guarded:
    """`@towers: ...`: the guard of a whole line, stage, table, aux or `{ }`."""

    guard: Guard
    body: Body
    span: Span


@entity
class Place:
    """An item as a statement."""

    item: Item
    span: Span


Statement = (
    Import
    | Net
    | Block
    | Extern
    | Input
    | Let
    | Means
    | Variant
    | Paper
    | Expect
    | ExpectSize
    | Taps
    | Output
    | Freeze
    | Setting
    | Stage
    | From
    | Aux
    | If
    | For
    | Table
    | Guarded
    | Place
)


@entity
class Program:
    """A whole file.

    `broken` are the lines that could not be understood and are missing from
    `body`: a name that stands in one of them may have been declared there, and
    after one of them nobody knows what the running tensor is.
    """

    body: Body
    span: Span
    broken: tuple[Span, ...] = ()
