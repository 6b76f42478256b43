"""Weights into a module: every key that is missing, too many or of another shape is told at once."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from archlang.diagnostics import ArchError
from archlang.elaborate.read import did_you_mean
from archlang.runtime import safetensors
from archlang.runtime.fault import fault

_PREFIXES = ("module.", "_orig_mod.")
"""What keys begin with where a module was saved inside of DataParallel, or compiled."""

_FEW = 3
"""Parts that do not fit, of which it is still likely that the others are meant to be loaded without them."""

_WRAPPERS = ("state_dict", "model")
"""Keys under which training scripts keep the weights beside an optimizer's state."""


def load(
    module: nn.Module,
    weights: str | Path | Mapping[str, Any],
    *,
    only: Sequence[str] | None = None,
    prefix: str = "",
    without: Sequence[str] = (),
) -> None:
    """Copy `weights`, a `.pth` or `.safetensors` file or a mapping, into `module`.

    `only` are the module's keys to fill (all, if None); the weights may then hold
    more than them. Their names in the file lack `prefix`, which is the part of the
    module the weights are for. `without` names parts, of the module or of the file,
    that are passed over. Nothing is copied unless everything fits.
    Keys that all begin with `module.` or `_orig_mod.`, as `DataParallel` and
    `torch.compile` save them, are read without it.
    Raises `BuildError` with every key that is missing, extra or of another shape.
    Code in a file is never run.
    """
    place = "the mapping given" if isinstance(weights, Mapping) else str(weights)
    given = tensors(weights)
    own = module.state_dict()
    wanted = {key.removeprefix(prefix): own[key] for key in (own if only is None else only)}
    given = _unwrapped(given, wanted)
    _check_parts(without, [*own, *given], place)
    wanted = {key: tensor for key, tensor in wanted.items() if not _within(prefix + key, without)}
    given = {key: tensor for key, tensor in given.items() if not _within(key, without)}
    complaints = _complaints(given, wanted, whole=only is None)
    if complaints:
        message = f"the weights do not fit: {len(complaints)} of the keys"
        raise fault("weights-mismatch", message, place, _way_out(complaints, prefix), tuple(complaints.values()))
    with torch.no_grad():
        for key, tensor in wanted.items():
            if key in given:
                tensor.copy_(given[key])


def _within(key: str, parts: Sequence[str]) -> bool:
    """Whether a tensor's key belongs to one of these layers or stages."""
    return any(key == part or key.startswith(f"{part}.") for part in parts)


def _check_parts(without: Sequence[str], keys: Sequence[str], place: str) -> None:
    """Refuse to leave out what is not there."""
    for part in without:
        if not any(_within(key, [part]) for key in keys):
            known = {
                ".".join(names[:n]) for names in (key.split(".") for key in keys) for n in range(1, len(names) + 1)
            }
            message = f"there is no `{part}` to leave out"
            raise fault("weights-name", message, place, did_you_mean(part, sorted(known)))


def _way_out(complaints: Mapping[str, str], prefix: str) -> str | None:
    """How to go on without the parts that do not fit, where they are few: a last layer with other classes."""
    parts = list(dict.fromkeys(prefix + (key.rpartition(".")[0] or key) for key in complaints))
    if len(parts) > _FEW:
        return None
    names = ", ".join(f'"{part}"' for part in parts)
    said = names if len(parts) == 1 else f"[{names}]"
    return f"to keep the initialisation there: `build(weights=..., without={said})`"


def _unwrapped(given: dict[str, torch.Tensor], wanted: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors by the names they had before a wrapper put one in front of all, unless the network has that too."""
    while given and not any(key in wanted for key in given):
        prefix = next((one for one in _PREFIXES if all(key.startswith(one) for key in given)), None)
        if prefix is None:
            break
        given = {key.removeprefix(prefix): tensor for key, tensor in given.items()}
    return given


def _complaints(
    given: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Tensor], *, whole: bool
) -> dict[str, str]:
    """What does not fit, in words, by key."""
    found = {
        key: f"missing: `{key}` {_shape(tensor)}" for key, tensor in wanted.items() if key not in given and _counts(key)
    }
    if whole:
        found |= {key: f"extra: `{key}` {_shape(tensor)}" for key, tensor in given.items() if key not in wanted}
    return found | {
        key: f"shape: `{key}` is {_shape(given[key])} in the weights and {_shape(tensor)} in the network"
        for key, tensor in wanted.items()
        if key in given and given[key].shape != tensor.shape
    }


def _counts(key: str) -> bool:
    """Whether a key must be there: weights of before PyTorch 0.4 do not count batches."""
    return not key.endswith(".num_batches_tracked")


def _shape(tensor: torch.Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "one number"


def tensors(weights: str | Path | Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """The tensors of a file or mapping, by key. Raises `BuildError`."""
    if isinstance(weights, Mapping):
        return _checked(weights, "the mapping given")
    path = Path(weights)
    if not path.is_file():
        raise fault("weights-file", f"there is no file `{path}`", str(path))
    try:
        if path.suffix == ".safetensors":
            return safetensors.read(path)
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch thinks of an old pickle is no news to whoever loads it
            read = torch.load(file, map_location="cpu", weights_only=True)
    except ArchError:
        raise
    except OSError as error:
        raise fault("weights-file", f"`{path}` cannot be read: {error.strerror}", str(path)) from None
    except Exception:  # noqa: BLE001 - a file of anybody's: torch's reader fails in whatever way, with whatever advice
        help_ = "only tensors are loaded: files that hold code are refused"
        message = f"`{path.name}` is no file of weights"
        raise fault("weights-file", message, str(path), help_) from None
    return _checked(read, path.name)


def _checked(content: Any, place: str) -> dict[str, torch.Tensor]:
    read = _mapping(content)
    for wrapper in _WRAPPERS:
        read = _mapping((read or {}).get(wrapper)) or read
    if read is None:
        raise fault("weights-file", f"`{place}` holds no names with tensors", place)
    other = [str(key) for key, value in read.items() if not isinstance(value, torch.Tensor)]
    if other:
        raise fault("weights-file", f"`{place}` holds more than tensors: {', '.join(other[:5])}", place)
    return {str(key): value for key, value in read.items()}


def _mapping(content: Any) -> Mapping[Any, Any] | None:
    return cast("Mapping[Any, Any]", content) if isinstance(content, Mapping) else None
