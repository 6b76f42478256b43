"""What is sure of sizes that hold symbols, whatever those are."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from archlang.ops.dim import Dim, Floor, Monomial, Size, terms_of

if TYPE_CHECKING:
    from fractions import Fraction


def surely_less(a: Size, b: Size) -> bool:
    """Whether a < b whatever the symbols are; False if that depends on them."""
    if isinstance(a, int) and isinstance(b, int):
        return a < b
    least = _least(b - a)
    return least is not None and least > 0


def may_equal(a: Size, b: Size) -> bool:
    """Whether some symbols make them equal. `H` and `2*(H//2)` may be; `H` and `ceil(H/2)`, which grow apart, not."""
    if a == b:
        return True
    difference = a - b
    if isinstance(difference, int):
        return False
    line = _line(difference)
    if line is None:
        return True
    slopes, low, high = line
    if not slopes:
        return low <= 0 <= high
    return any(s > 0 for s in slopes.values()) and any(s < 0 for s in slopes.values())


def _least(size: Size) -> int | None:
    """The least value for symbols of 1 and up, None if there is none."""
    if isinstance(size, int):
        return size
    line = _line(size)
    if line is not None and all(slope >= 0 for slope in line[0].values()):
        slopes, low, _ = line
        bound = low + sum(slopes.values())
        exact = _least_by_terms(size)
        rounded = -(-bound.numerator // bound.denominator)
        return rounded if exact is None else max(rounded, exact)
    return _least_by_terms(size)


def _least_by_terms(size: Dim) -> int | None:
    total = 0
    for atoms, coefficient in size.terms:
        bounds = [_least(a.top) if isinstance(a, Floor) else 1 for a in atoms]
        if atoms and (coefficient < 0 or any(b is None or b < 0 for b in bounds)):
            return None
        floors = [(b or 0) // a.by if isinstance(a, Floor) else 1 for a, b in zip(atoms, bounds, strict=True)]
        total += coefficient * prod(floors)
    return total


def _line(size: Size) -> tuple[dict[Monomial, Fraction], Fraction, Fraction] | None:
    """Its growth per product of symbols, and between which bounds it lies about that; None if floors are multiplied."""
    from fractions import Fraction  # costs more than all of this file, and few sizes are compared so closely

    slopes: dict[Monomial, Fraction] = {}
    low = high = Fraction(0)
    for atoms, coefficient in terms_of(size):
        if not any(isinstance(atom, Floor) for atom in atoms):
            if atoms:
                slopes[atoms] = slopes.get(atoms, Fraction(0)) + coefficient
            else:
                low, high = low + coefficient, high + coefficient
            continue
        atom = atoms[0]
        inner = _line(atom.top) if isinstance(atom, Floor) and len(atoms) == 1 else None
        if inner is None or not isinstance(atom, Floor):
            return None
        for key, slope in inner[0].items():
            slopes[key] = slopes.get(key, Fraction(0)) + slope * coefficient / atom.by
        ends = (coefficient * (inner[1] - atom.by + 1) / atom.by, coefficient * inner[2] / atom.by)
        low, high = low + min(ends), high + max(ends)
    return {key: slope for key, slope in slopes.items() if slope}, low, high
