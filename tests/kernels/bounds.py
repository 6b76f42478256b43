"""What a kernel touches, in Triton's interpreter: elements of its arguments and no others, and what it writes, once.

A GPU may let a kernel read and write beside its tensors unseen, and two programs that write one element race.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor
from triton.runtime import interpreter
from triton.tools.tensor_descriptor import TensorDescriptor


class Argument:
    """A tensor that a kernel is given: where it begins, which elements from there on are its, and which are written."""

    def __init__(self, tensor: Tensor) -> None:
        steps = zip(tensor.shape, tensor.stride(), strict=True)
        span = 1 + sum((size - 1) * step for size, step in steps) if tensor.numel() else 0
        self.first, self.size = tensor.data_ptr(), tensor.element_size()
        self.end = self.first + self.size * span
        self.written = np.zeros(span, dtype=bool)
        self.own: np.ndarray | None = None
        if tensor.numel() < span:
            own = torch.zeros(span, dtype=torch.bool)
            own.as_strided(tensor.shape, tensor.stride()).fill_(1)
            self.own = own.numpy()

    def places(self, pointers: np.ndarray) -> np.ndarray:
        """The places of the elements at `pointers`."""
        return ((pointers - np.uint64(self.first)) // np.uint64(self.size)).astype(np.int64)

    def has(self, pointers: np.ndarray) -> bool:
        """Whether all the elements at `pointers` are its."""
        if int(pointers.min()) < self.first or int(pointers.max()) >= self.end:
            return False
        return self.own is None or bool(self.own[self.places(pointers)].all())


class Memory:
    """Stands for what the interpreter loads and stores with, and looks at each of the launch's pointers before."""

    def __init__(self, real: object) -> None:
        self.real, self.arguments = real, []

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)

    def load(self, pointers: np.ndarray, mask: np.ndarray, *rest: object) -> np.ndarray:
        self._argument("reads", pointers[mask])
        return self.real.load(pointers, mask, *rest)

    def store(self, pointers: np.ndarray, value: np.ndarray, mask: np.ndarray) -> None:
        argument = self._argument("writes", pointers[mask])
        if argument is not None:
            places = argument.places(pointers[mask])
            assert not argument.written[places].any(), "a kernel writes an element twice"
            argument.written[places] = True
        self.real.store(pointers, value, mask)

    def _argument(self, does: str, pointers: np.ndarray) -> Argument | None:
        """The one that is read or written, if anything is."""
        if not pointers.size:
            return None
        for argument in self.arguments:
            if argument.has(pointers):
                return argument
        raise AssertionError(f"a kernel {does} beside its arguments")


def tensors(given: Iterable[object]) -> list[Tensor]:
    """Those among the arguments of a launch, once each."""
    bases = (one.base if isinstance(one, TensorDescriptor) else one for one in given)
    found = {(t.data_ptr(), t.dtype, t.shape, t.stride()): t for t in bases if isinstance(t, Tensor)}
    return list(found.values())


@contextmanager
def watched() -> Generator[None, None, None]:
    """Inside it each launch in the interpreter fails that touches what is not of its arguments, or writes twice."""
    memory, executor = Memory(interpreter._interpreter), interpreter.GridExecutor
    real = executor._init_args_hst

    def on_host(self: object, *given: object) -> tuple[list[object], dict[str, object]]:
        places, words = real(self, *given)
        memory.arguments = [Argument(tensor) for tensor in tensors([*places, *words.values()])]
        return places, words

    interpreter._interpreter, executor._init_args_hst = memory, on_host
    try:
        yield
    finally:
        interpreter._interpreter, executor._init_args_hst = memory.real, real
