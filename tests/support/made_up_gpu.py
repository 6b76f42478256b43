"""A GPU that is not there: what is asked of CUDA, answered on the CPU, so that what is meant for a GPU runs to its end.

Tensors stay on the CPU and kernels run in Triton's interpreter; "cuda" as the place of a
tensor is read as the CPU. A graph is captured as CUDA captures it: the operations are
written down with the tensors they read and write, and a replay does them again on those
tensors, whatever Python has done since. What CUDA forbids in a capture fails: to wait for
the device, or to look at a value.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

NAME = "NVIDIA H200"
_LOOKS = {torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default}


class OnCpu(TorchFunctionMode):
    """What is asked for on the GPU is made on the CPU."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.Tensor.cuda:
            return args[0]
        if func is torch.device:  # a place is not yet a tensor there
            return func(*args, **(kwargs or {}))
        args = tuple(map(self._here, args))
        return func(*args, **{name: self._here(value) for name, value in (kwargs or {}).items()})

    def _here(self, value: object) -> object:
        if isinstance(value, torch.device) and value.type == "cuda":
            return torch.device("cpu")
        return "cpu" if isinstance(value, str) and value.split(":")[0] == "cuda" else value


class Recorder(TorchDispatchMode):
    """Writes down what is done inside it."""

    def __init__(self, calls: list[tuple[Any, ...]]) -> None:
        super().__init__()
        self.calls = calls

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _LOOKS:
            raise RuntimeError(f"CUDA error: operation not permitted when stream is capturing ({func})")
        made = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, made))
        return made


class Graph:
    """Stands for `torch.cuda.CUDAGraph`."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    @torch.no_grad()
    def replay(self) -> None:
        for func, args, kwargs, made in self.calls:
            for old, new in zip(tensors(made), tensors(func(*args, **kwargs)), strict=True):
                if old is not new and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


def tensors(made: object) -> list[Tensor]:
    if isinstance(made, Tensor):
        return [made]
    return [t for one in made for t in tensors(one)] if isinstance(made, tuple | list) else []


class Event:
    """Stands for `torch.cuda.Event`: runs take a millisecond each, by the events between which they are."""

    count = 0

    def __init__(self, *, enable_timing: bool = False) -> None:
        self.timed, self.at = enable_timing, -1

    def record(self) -> None:
        Event.count += 1
        self.at = Event.count

    def synchronize(self) -> None:
        assert self.at >= 0, "nobody recorded it"

    def elapsed_time(self, end: Event) -> float:
        assert self.timed, "an event that takes no time"
        assert end.timed, "an event that takes no time"
        return float(end.at - self.at)


class Stream:
    """Stands for `torch.cuda.Stream`."""

    def wait_stream(self, other: Stream) -> None:
        assert isinstance(other, Stream)


@contextmanager
def made_up_gpu(measure: Callable[[Any, Any], float] | None = None) -> Generator[SimpleNamespace, None, None]:
    """Inside it there is one GPU. `measure` says how many milliseconds a choice of the dispatch takes.

    What it gives tells the `captures` so far, and whether the device is `broken`, which one may set.
    """
    from archlang.kernels import dispatch

    state = SimpleNamespace(captures=0, capturing=False, broken=False)
    facts = SimpleNamespace(multi_processor_count=132, shared_memory_per_block_optin=232448, name=NAME)

    def waits(*_: object) -> None:
        if state.capturing or state.broken:
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

    @contextmanager
    def graph(made: Graph, pool: object = None) -> Generator[None, None, None]:
        assert pool is not None, "graphs share one pool"
        state.capturing = True
        try:
            with Recorder(made.calls):
                yield
        finally:
            state.capturing = False
        state.captures += 1

    answers: dict[str, Any] = {
        "is_available": lambda: True, "synchronize": waits, "Event": Event, "Stream": Stream, "CUDAGraph": Graph,
        "graph": graph, "graph_pool_handle": lambda: (0, 1), "current_stream": lambda *_: Stream(),
        "stream": lambda _: ExitStack(), "memory_allocated": lambda *_: 1000, "max_memory_allocated": lambda *_: 5000,
        "reset_peak_memory_stats": lambda *_: None, "is_current_stream_capturing": lambda: state.capturing,
        "get_device_name": lambda *_: NAME, "get_device_properties": lambda *_: facts,
        "get_device_capability": lambda *_: (9, 0), "mem_get_info": lambda *_: (100 << 30, 140 << 30),
    }  # fmt: skip
    assert all(hasattr(torch.cuda, name) for name in answers), "PyTorch has no such function"
    with ExitStack() as stack:
        for name, answer in answers.items():
            stack.enter_context(mock.patch.object(torch.cuda, name, answer))
        stack.enter_context(mock.patch.object(torch.backends.cudnn, "version", return_value=91000))
        stack.enter_context(mock.patch.object(nn.Module, "cuda", lambda self: self))
        stack.enter_context(mock.patch.object(dispatch, "_measured_on", return_value=True))
        if measure is not None:
            stack.enter_context(mock.patch.object(dispatch, "_milliseconds", measure))
        dispatch._machine.cache_clear()
        dispatch._known.cache_clear()
        stack.callback(dispatch._machine.cache_clear)
        stack.callback(dispatch._known.cache_clear)
        stack.enter_context(OnCpu())
        yield state
