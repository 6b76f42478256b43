"""Operators of PyTorch by their schema: what several of them are given is said here, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

VECTORS = "Tensor? bias, Tensor? gamma, Tensor? beta, Tensor? mean, Tensor? var"
"""What stands behind a product (`epilogue.Vectors`)."""

VECTORS_V = VECTORS.replace(",", "_v,") + "_v"
"""The same of a second product."""

BEFORE = "Tensor? mean_in, Tensor? var_in, Tensor? gamma_in, Tensor? beta_in, float eps_in, bool batch_in"
"""The batch norm in front of a product (`prologue.Before`), or `prologue.NOTHING`."""


def operator(
    name: str, *arguments: str, returns: str = "Tensor", writes: str | None = None, written: str = "Tensor(a!)"
) -> Callable[..., Any]:
    """Make a function the operator `archlang::name`: it is given `arguments`.

    In front of them stands what it `writes` into, of the type `written`, if it does.
    """
    given = [*([f"{written} {writes}"] if writes else []), *arguments]
    schema = f"({', '.join(given)}) -> {returns}"
    return torch.library.custom_op(f"archlang::{name}", mutates_args=(writes,) if writes else (), schema=schema)
