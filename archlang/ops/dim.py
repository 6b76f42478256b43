"""Sizes that may hold symbols: `H`, `ceil(H/16)`, `2*H + 1`.

A `Dim` is a polynomial with whole coefficients over symbols and floors, in one
form, so that sizes computed alike compare equal (`compare.may_equal` sees further: that
H - floor(H/2) is ceil(H/2)). What turns out constant becomes an `int` again, so
plain code works on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import gcd
from typing import NoReturn

from archlang.record import record

LIMIT = 256
"""The most symbols and floors that one size may mention."""
DEEPEST = 32
"""Floors inside one another."""


@record
class Floor:
    """`floor(top / by)`; `top` is what division by `by` leaves over, so its coefficients are within 0 .. by - 1."""

    top: Dim
    by: int

    def __str__(self) -> str:
        return _floor_text(self.top, self.by, 0)


Atom = str | Floor
Monomial = tuple[Atom, ...]


@record
class Dim:
    """A size that is not constant: the sum of coefficient times atoms over `terms`, constant last."""

    terms: tuple[tuple[Monomial, int], ...]

    def __add__(self, other: Size) -> Size:
        return _sum(self, other, 1)

    __radd__ = __add__

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return _sum(self, other, -1)

    def __rsub__(self, other: int) -> Size:
        return _sum(self * -1, other, 1)

    def __mul__(self, other: Size) -> Size:
        product: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in terms_of(other):
                key = tuple(sorted((*left, *right), key=_order)) if left and right else left or right
                product[key] = product.get(key, 0) + a * b
            if len(product) > LIMIT:
                _too_large()
        return _canonical(product)

    __rmul__ = __mul__

    def __floordiv__(self, other: Size) -> Size:
        return _ratio(self, other) if isinstance(other, Dim) else _floor(self, other)

    def __rfloordiv__(self, other: int) -> Size:
        return _ratio(other, self)

    def __mod__(self, other: Size) -> Size:
        return self - other * (self // other)

    def __rmod__(self, other: int) -> Size:
        return other - self * (other // self)

    def __str__(self) -> str:
        return _text(self)

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols it mentions."""
        return frozenset(_symbols(self))

    def substitute(self, values: Mapping[str, int]) -> Size:
        """The size with numbers for symbols, `{"H": 224}`; symbols not named stay."""
        total: Size = 0
        for atoms, coefficient in self.terms:
            factor: Size = coefficient
            for atom in atoms:
                factor = factor * _bind(atom, values)
            total = total + factor
        return total


Size = int | Dim
"""A size of a tensor: a number, or one that awaits its symbols."""


def symbol(name: str) -> Dim:
    """The size `name` stands for, at least 1."""
    return Dim((((name,), 1),))


def substitute(size: Size, values: Mapping[str, int]) -> Size:
    """`size` with numbers for symbols."""
    return size if isinstance(size, int) else size.substitute(values)


def count(shape: Iterable[Size]) -> Size:
    """How many numbers a tensor of this shape holds."""
    total: Size = 1
    for size in shape:
        total = total * size
    return total


def ceil_div(size: Size, by: int) -> Size:
    """`size / by`, rounded up."""
    return (size + by - 1) // by


def terms_of(size: Size) -> tuple[tuple[Monomial, int], ...]:
    """The terms of a size; those of a number are itself, none of 0."""
    return size.terms if isinstance(size, Dim) else (((), size),) if size else ()


def _sum(a: Size, b: Size, sign: int) -> Size:
    total = dict(terms_of(a))
    for atoms, coefficient in terms_of(b):
        total[atoms] = total.get(atoms, 0) + sign * coefficient
    return _canonical(total)


def _canonical(terms: Mapping[Monomial, int]) -> Size:
    left = [(atoms, n) for atoms, n in terms.items() if n]
    if not left:
        return 0
    if len(left) == 1 and not left[0][0]:
        return left[0][1]
    left.sort(key=lambda term: (-len(term[0]), [_order(atom) for atom in term[0]]))
    size = Dim(tuple(left))
    if _weight(size) > LIMIT:
        _too_large()
    return size


@lru_cache(maxsize=4096)  # a floor's text is made of those in it: asked for anew at each level, it would double there
def _order(atom: Atom) -> tuple[str, str]:
    """Symbols by name, a floor after the first symbol that stands in it."""
    return (min(_symbols(atom.top)), str(atom)) if isinstance(atom, Floor) else (atom, "")


def _weight(size: Dim) -> int:
    return sum(1 + sum(_weight(a.top) if isinstance(a, Floor) else 1 for a in atoms) for atoms, _ in size.terms)


def _too_large() -> NoReturn:
    from archlang.ops.op import ShapeError  # an op's rule stands on sizes, so this one import looks up

    raise ShapeError("limit", f"a symbolic size grows past {LIMIT} terms", help="bind the symbols with `--input`")


def _unknown(a: Size, b: Size) -> NoReturn:
    from archlang.ops.op import ShapeError

    message = f"`{a} // {b}` depends on the size of the input"
    raise ShapeError("symbolic", message, help="bind the symbols with `--input`")


def _ratio(a: Size, b: Dim) -> Size:
    """a // b for a multiple of b; anything else is not a size this form can hold."""
    first = dict(terms_of(a)).get(b.terms[0][0], 0)
    factor = first // b.terms[0][1]
    if a != b * factor:
        _unknown(a, b)
    return factor


def _floor(size: Size, by: int) -> Size:
    if by == 0:
        raise ZeroDivisionError
    if by < 0:
        return _floor(-size, -by)
    size, by = _unnested(size, by)
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for atoms, coefficient in terms_of(size):
        whole[atoms], rest[atoms] = divmod(coefficient, by)
    shared = gcd(by, *(n for atoms, n in rest.items() if atoms))
    top = _canonical({atoms: n // shared for atoms, n in rest.items()})
    by //= shared
    if by == 1 or isinstance(top, int):
        return _canonical(whole) + (top if by == 1 else 0)
    if 2 * top.terms[0][1] > by:
        # floor(15 H / 16) is H less ceil(H / 16), which is the shorter to print
        return _canonical(whole) - _floor(by - 1 - top, by)
    if _depth(top) >= DEEPEST:
        _too_large()
    return _canonical(whole) + Dim((((Floor(top, by),), 1),))


@lru_cache(maxsize=4096)
def _depth(size: Dim) -> int:
    """How many floors stand inside one another."""
    return max((1 + _depth(a.top) for atoms, _ in size.terms for a in atoms if isinstance(a, Floor)), default=0)


def _unnested(size: Size, by: int) -> tuple[Size, int]:
    """floor((floor(a/c) + e) / s) is floor((a + c e) / (c s)): one floor for two."""
    while isinstance(size, Dim):
        floors = [(a[0], n) for a, n in size.terms if any(isinstance(atom, Floor) for atom in a)]
        if len(floors) != 1 or floors[0][1] != 1 or not isinstance(floors[0][0], Floor):
            break
        inner = floors[0][0]
        if (inner,) not in dict(size.terms):
            break
        size = (size - Dim((((inner,), 1),))) * inner.by + inner.top
        by *= inner.by
    return size, by


def _bind(atom: Atom, values: Mapping[str, int]) -> Size:
    if isinstance(atom, Floor):
        return atom.top.substitute(values) // atom.by
    return values.get(atom, symbol(atom))


def _symbols(size: Dim) -> Iterator[str]:
    for atoms, _ in size.terms:
        for atom in atoms:
            if isinstance(atom, Floor):
                yield from _symbols(atom.top)
            else:
                yield atom


def _text(size: Dim) -> str:
    constant = dict(size.terms).get((), 0)
    parts: list[tuple[int, str]] = []
    for atoms, coefficient in size.terms:
        if len(atoms) == 1 and isinstance(atoms[0], Floor) and coefficient == 1 and constant:
            parts.append((1, _floor_text(atoms[0].top, atoms[0].by, constant)))
            constant = 0
        elif atoms:
            text = "*".join(str(atom) for atom in atoms)
            parts.append((coefficient, text if abs(coefficient) == 1 else f"{abs(coefficient)}*{text}"))
    if constant:
        parts.append((constant, str(abs(constant))))
    parts.sort(key=lambda part: part[0] < 0)  # `5 - H` rather than `-H + 5`
    first, *more = parts
    text = f"-{first[1]}" if first[0] < 0 else first[1]
    return text + "".join(f" - {part}" if sign < 0 else f" + {part}" for sign, part in more)


@lru_cache(maxsize=4096)
def _floor_text(top: Dim, by: int, constant: int) -> str:
    """`floor(top / by) + constant` under one floor, or as a ceiling where that is shorter."""
    inside = top + constant * by
    below = inside - (by - 1)
    if isinstance(below, Dim) and () not in dict(below.terms):
        return f"ceil({_quotient(below, by)})"
    return f"floor({_quotient(inside, by)})"


def _quotient(top: Size, by: int) -> str:
    text = str(top)
    return f"({text})/{by}" if " " in text else f"{text}/{by}"
