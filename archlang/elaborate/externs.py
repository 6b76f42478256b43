"""`extern` declarations: held against what one may say, and the kind of layer that each makes."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from archlang.diagnostics import Diagnostic, Label
from archlang.elaborate.evaluate import FUNCTIONS, ValueProblem
from archlang.elaborate.extern_rules import WORDS, Declared, constant
from archlang.elaborate.read import did_you_mean
from archlang.elaborate.uses import walk
from archlang.ops import ALL, BY_WORD
from archlang.ops.extern import Extern, kind
from archlang.source import Span
from archlang.syntax import ast

FACTS = ("shape", "inputs", *[word for word in WORDS if word not in ("shape", "arguments")])
"""What a declaration may say."""
OF_OPTIONS = ("depth", "kernel", "stride", "pad", "dilation")
"""Facts that hang on a call's options alone."""
TAKEN = frozenset(
    {
        *BY_WORD,
        *(op.family for op in ALL),
        *"input again soft add concat mul res seq split all in out true false".split(),
    }
)
"""Names that an `extern` cannot have: they mean something else wherever a layer is named."""
_TARGET = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)\Z", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_FORM = 'write the module, a colon, and the class: `"mypkg.layers:DeformConv2d"`'


def wrong_extern(node: ast.Extern) -> Iterator[Diagnostic]:
    """What is wrong with a declaration, whatever its calls are."""
    yield from _wrong_name(node)
    yield from _wrong_target(node.target)
    yield from _wrong_parameters(node)
    yield from _wrong_facts(node)
    yield from _wrong_arguments(node)


def _wrong_name(node: ast.Extern) -> Iterator[Diagnostic]:
    if node.name in TAKEN:
        message = f"`{node.name}` means something else in archlang, so no layer of your own can be called so"
        yield Diagnostic("extern-name", message, node.name_span, help=f"call it `my{node.name}`, for instance")
    elif not _PLAIN.match(node.name):
        message = "the name of a layer is letters, digits and underscores, and begins with a letter"
        yield Diagnostic("extern-name", message, node.name_span)


def _wrong_target(target: ast.String) -> Iterator[Diagnostic]:
    match = _TARGET.match(target.value)
    if match is None:
        yield Diagnostic("extern-class", "this names no class of Python", target.span, help=_FORM)
        return
    parts = [*match[1].split("."), match[2]]
    word = next((part for part in parts if keyword.iskeyword(part)), None)
    if word is not None:
        yield Diagnostic("extern-class", f"`{word}` is a word of Python itself, and no name", target.span, help=_FORM)
    elif parts[0] in sys.stdlib_module_names:
        message = f"`{parts[0]}` is a module of Python itself, and no layer is in one"
        yield Diagnostic("extern-class", message, target.span, help=_FORM)
    elif not match[2].lstrip("_")[:1].isupper():
        message = f"`{match[2]}` is no class: their names begin with a capital letter"
        yield Diagnostic("extern-class", message, target.span, help=_FORM)


def _wrong_parameters(node: ast.Extern) -> Iterator[Diagnostic]:
    seen: dict[str, Span] = {}
    for parameter in node.parameters:
        name = parameter.name
        if name in seen:
            labels = (Label(seen[name], "first here"),)
            message = f"`{node.name}` has two parameters `{name}`"
            yield Diagnostic("declared-twice", message, parameter.span, labels=labels)
        elif name in ("in", "true", "false") or not _PLAIN.match(name) or keyword.iskeyword(name):
            yield Diagnostic("reserved-value", f"`{name}` cannot be a parameter", parameter.span)
        elif parameter.default is not None:
            try:
                constant(parameter.default)
            except ValueProblem as problem:
                yield Diagnostic(problem.code, problem.message, problem.span, help=problem.help)
        seen[name] = parameter.span


def _wrong_facts(node: ast.Extern) -> Iterator[Diagnostic]:
    seen: dict[str, Span] = {}
    for fact in node.facts:
        name = fact.name.name
        if name not in FACTS:
            help_ = did_you_mean(name, list(FACTS)) or f"it may say {', '.join(f'`{each}`' for each in FACTS)}"
            yield Diagnostic("extern-fact", f"an `extern` has no `{name}`", fact.name.span, help=help_)
            continue
        if name in seen:
            labels = (Label(seen[name], "first here"),)
            yield Diagnostic("extern-fact", f"`{name}` is said twice", fact.name.span, labels=labels)
        seen.setdefault(name, fact.name.span)
        if name == "inputs":
            yield from _wrong_inputs(node, fact)
        else:
            yield from _wrong_names(node, name, fact.value)
    if "shape" not in seen:
        message = f"`{node.name}` does not say what shape it leaves"
        help_ = "write `{ shape = in }` behind it, or a shape as `[out, in.h, in.w]`"
        yield Diagnostic("extern-fact", message, node.name_span, help=help_)


def _wrong_inputs(node: ast.Extern, fact: ast.Fact) -> Iterator[Diagnostic]:
    names = _listed(fact.value)
    help_ = "write `inputs = [in, offset]`: `in` is the running tensor, the others are parameters of the declaration"
    if names is None or [name.name for name in names].count("in") != 1:
        message = "`inputs` lists the tensors that enter, the running one as `in`"
        yield Diagnostic("extern-fact", message, fact.value.span, help=help_)
        return
    known = {parameter.name: parameter for parameter in node.parameters}
    for at, name in enumerate(names):
        if name.name in [earlier.name for earlier in names[:at]]:
            yield Diagnostic("extern-fact", f"`{name.name}` enters twice", name.span, help=help_)
        elif name.name != "in" and name.name not in known:
            message = f"`{node.name}` has no parameter `{name.name}` for this tensor"
            yield Diagnostic("extern-fact", message, name.span, help=help_)
        elif name.name in ("out", "k", "stride") or (name.name != "in" and known[name.name].default is not None):
            why = "has a default" if name.name not in ("out", "k", "stride") else "is a number"
            yield Diagnostic("extern-fact", f"`{name.name}` {why}, so it is no tensor", name.span, help=help_)


def _wrong_names(node: ast.Extern, fact: str, expr: ast.Expr) -> Iterator[Diagnostic]:
    """Names in a rule that mean nothing there, whatever the call is."""
    ports = ports_of(node)
    options = [p.name for p in node.parameters if p.name not in ports]
    tensors = ["in", *ports] if fact not in OF_OPTIONS else []
    tensors += ["out"] if fact == "macs" else []
    for each in walk(expr):
        if isinstance(each, ast.Apply) and each.name not in FUNCTIONS:
            help_ = did_you_mean(each.name, list(FUNCTIONS))
            yield Diagnostic("unknown-function", f"there is no function `{each.name}`", each.name_span, help=help_)
        if not isinstance(each, ast.Name) or each.name in options or each.name in ("true", "false"):
            continue
        base, _, side = each.name.partition(".")
        whole = fact == "shape" and each is expr and not side
        if base in tensors and (whole or side in ("c", "h", "w", "n")):
            continue
        if base in tensors:
            help_ = f"sizes are `{base}.c`, `{base}.h`, `{base}.w`, and `{base}.n` for how long a sequence is"
        elif base in ("in", "out", *ports):
            help_ = (
                "this may hang on the parameters alone" if fact in OF_OPTIONS else "only `macs` knows what it leaves"
            )
        else:
            help_ = did_you_mean(each.name, [*options, *(f"{t}.{s}" for t in tensors for s in "chw")])
        yield Diagnostic("unknown-name", f"there is no value `{each.name}` here", each.span, help=help_)


def _wrong_arguments(node: ast.Extern) -> Iterator[Diagnostic]:
    seen: dict[str, Span] = {}
    for arg in node.args or ():
        if arg.name is None and seen:
            message = "an argument without a name cannot follow one with a name"
            yield Diagnostic("extern-class", message, arg.span, help="put it first, as Python wants it")
        if arg.name is not None:
            if not _PLAIN.match(arg.name) or keyword.iskeyword(arg.name):
                message = f"`{arg.name}` cannot be an argument's name in Python"
                yield Diagnostic("extern-class", message, arg.span)
            elif arg.name in seen:
                labels = (Label(seen[arg.name], "first here"),)
                yield Diagnostic("argument-twice", f"`{arg.name}` is given twice", arg.span, labels=labels)
            seen[arg.name] = arg.span
        yield from _wrong_names(node, "arguments", arg.value)


def _listed(expr: ast.Expr) -> list[ast.Name] | None:
    """The names in `[in, offset]`, or the one in `in`; None if it is something else."""
    parts = expr.items if isinstance(expr, ast.List) else (expr,)
    names = [part for part in parts if isinstance(part, ast.Name)]
    return names if len(names) == len(parts) else None


def _inputs(node: ast.Extern) -> list[str]:
    """The tensors that enter, as `forward` takes them."""
    said = next((fact.value for fact in node.facts if fact.name.name == "inputs"), None)
    names = _listed(said) if said is not None else None
    return ["in"] if names is None else [name.name for name in names]


def ports_of(node: ast.Extern) -> tuple[str, ...]:
    """The parameters that are tensors, in the order they are declared."""
    inputs = _inputs(node)
    return tuple(p.name for p in node.parameters if p.name in inputs)


@lru_cache(256)
def extern_kind(node: ast.Extern) -> type[Extern]:
    """The kind of layer that a declaration makes, if nothing is wrong with it."""
    module, _, name = node.target.value.partition(":")
    ports = ports_of(node)
    facts = {fact.name.name: fact.value for fact in node.facts if fact.name.name != "inputs"}
    order = tuple(("in", *ports).index(each) for each in _inputs(node))
    text = node.span.text + (node.body_span.text if node.body_span is not None else "")
    rules = Declared(node.name, text, facts, node.args, ports, order, node.target.span)
    weighed = {"params", "weight", "bias"} & facts.keys()
    open_ = {
        what
        for what, said in (("params", weighed), ("macs", "macs" in facts), ("field", "kernel" in facts))
        if not said
    }
    options = [(p.name, _option(p)) for p in node.parameters if p.name not in ports]
    return kind(node.name, (module, name), rules, options, ports, frozenset(open_))


def _option(parameter: ast.Parameter) -> dict[str, Any]:
    """What is known of a parameter: its default, and what may be given for it."""
    short = parameter.name in ("out", "k", "stride")
    if parameter.default is None:
        return {"doc": "a parameter of its declaration", "kind": "int" if short else "any"}
    default = constant(parameter.default)
    said: dict[str, Any] = {"default": default, "doc": "a parameter of its declaration"}
    match default:
        case bool():
            return {**said, "kind": "bool"}
        case int():
            return {**said, "kind": "int", "least": 1 if short else None}
        case float():
            return {**said, "kind": "number"}
        case str():
            return {**said, "kind": "string"}
        case (int(), int()):
            return {**said, "kind": "pair", "least": None}
        case _:
            return {**said, "kind": "any"}
