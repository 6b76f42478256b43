"""Packages that bring layers and blocks, installed as pip leaves them: modules, and a folder of metadata."""

from __future__ import annotations

import importlib

from archlang.elaborate import packages
from archlang.ops import packaged

SWISH = '''\
"""Swish with a learned slope, as a package of its own brings it."""

from __future__ import annotations

from typing import ClassVar

from archlang.ops.op import Code, Op, Saved, Shape, call, option
from archlang.record import record

SOURCE = """\\
class Swish(nn.Module):
    \\'\\'\\'x times the sigmoid of a learned multiple of x.\\'\\'\\'

    def __init__(self, start: float = 1.0) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor([start]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(self.slope * x)
"""


@record
class Swish(Op):
    """x times the sigmoid of a learned multiple of x (arXiv:1710.05941)."""

    api: ClassVar[int] = 1
    word: ClassVar[str] = "lswish"
    aliases: ClassVar[tuple[str, ...]] = ("slopedsilu",)
    family: ClassVar[str] = "lswish"
    stateful: ClassVar[bool] = True
    pointwise: ClassVar[bool] = True
    definition: ClassVar[str | None] = SOURCE

    start: float = option(1.0, doc="the slope before training", kind="number")

    def shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """As it entered."""
        return inputs[0]

    def tensors(self, inputs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        """The slope."""
        return {"slope": (1,)}

    def saved(self, inputs: tuple[Shape, ...], output: Shape) -> Saved:
        """Its input."""
        return Saved(inputs=(0,))

    def module(self, inputs: tuple[Shape, ...]) -> Code:
        """`Swish(1.0)`."""
        return call("Swish", float(self.start))
'''

BLOCKS = """\
# A squeeze to one in r, and back.
block narrow(r=4) { conv1-(in.c // r); lswish; conv1-in.c }
block wide(w, stride=1) { conv3-w/stride; narrow }
"""


class Installer:
    """Puts packages where Python finds them."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        monkeypatch.syspath_prepend(folder)
        self.names = set()

    def __call__(self, name, entries, files, version="1.0"):
        """Install a package with these entry points, as `{group: {name: value}}`, and these files by their paths."""
        for path, text in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
            self.names.add(path.partition("/")[0].removesuffix(".py"))
        metadata = self.folder / f"{name}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        lines = [f"[{group}]\n" + "".join(f"{a} = {b}\n" for a, b in some.items()) for group, some in entries.items()]
        (metadata / "entry_points.txt").write_text("\n".join(lines))
        self.forget()

    def forget(self):
        importlib.invalidate_caches()
        packaged.forget()
        packages.brought.cache_clear()
