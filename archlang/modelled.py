"""A network, taken as far as you ask: counted, drawn, emitted, built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from archlang.diagnostics import Diagnostic
from archlang.ir.graph import Graph
from archlang.ir.most import PAGE, PICTURE, few_enough
from archlang.ir.network import Network, Shapes
from archlang.ops.dim import Size

if TYPE_CHECKING:
    from torch import nn

    from archlang.draw.style import Look
    from archlang.page.draw import PageLook
    from archlang.passes.cost import Totals
    from archlang.report.layers import Layer


class Model:
    """One network in one variant, with its parameters set.

    Everything is worked out when first asked for, and kept. `trusted` are modules that any `build` of it may import.
    """

    def __init__(
        self,
        network: Network,
        warnings: tuple[Diagnostic, ...] = (),
        command: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        self.network = network
        self.warnings = warnings
        self._command = command
        self._parameters = dict(parameters or {})
        self._codes: dict[bool, str] = {}
        self.trusted: tuple[str, ...] = ()

    def __repr__(self) -> str:
        from archlang.passes.cost import said

        variant = f"@{self.variant}" if self.variant else ""
        params = said(f"{self.params:,}", self._totals, "params")
        return f"<archlang.Model {self.name}{variant}: {params} parameters, {len(self.graph)} layers>"

    @property
    def name(self) -> str:
        """The network's name."""
        return self.network.name

    @property
    def variant(self) -> str | None:
        """The variant it is in, if it declares any."""
        return self.network.variant

    @property
    def graph(self) -> Graph:
        """Its layers and tensors; `graph.nx` is the same as a `networkx.MultiDiGraph`."""
        return self.network.graph

    @property
    def shapes(self) -> Shapes:
        """Output shape by node id, without the batch."""
        return self.network.shapes

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """A record of each layer, in order."""
        from archlang.report.layers import layers

        return layers(self.network)

    @cached_property
    def _totals(self) -> Totals:
        from archlang.passes.cost import costs, totals

        return totals(self.network, costs(self.network))

    @property
    def unsaid(self) -> frozenset[tuple[str, str]]:
        """What the totals leave out, since the file's own layers do not say it: `{("macs", "deform")}`."""
        return self._totals.unsaid

    @property
    def params(self) -> int:
        """Learnable numbers, train-only heads left out; without those of layers that do not say theirs (`unsaid`)."""
        return self._totals.params

    @property
    def params_train(self) -> int:
        """Learnable numbers, train-only heads included."""
        return self._totals.params_train

    @property
    def params_trainable(self) -> int:
        """Those of `params_train` that training changes: neither frozen nor at a learning rate of 0."""
        return self._totals.params_trainable

    @property
    def macs(self) -> Size:
        """Multiply-accumulates for one image: convolutions, also transposed, fully connected layers, attention."""
        return self._totals.macs

    @cached_property
    def depth(self) -> int:
        """The most weight layers on one path from input to output."""
        from archlang.passes.depth import depth

        return depth(self.network)

    def summary(self, format: str = "table", *, count_as: str | None = None, batch: int = 1) -> str:  # noqa: A002 - it is what the format is called
        """Its table: table, json, csv, markdown or latex; `count_as` counts as netscope, fvcore or torchinfo does."""
        from archlang.report.summary import summary

        return summary(self.network, format, count_as=count_as, batch=batch)

    def table(self, format: str = "markdown") -> str:  # noqa: A002
        """The table of the paper, of this variant alone: `format` is markdown, latex, html or csv."""
        from archlang.report.paper_table import paper_table
        from archlang.report.paper_table_text import write

        return write(paper_table([self.network], self.network), format)

    def diff(self, other: Model, format: str = "text", *, picture: str | Path | None = None) -> str:  # noqa: A002
        """How `other` differs from it and what that costs: `format` is text or json; `picture` is drawn with both."""
        from archlang.passes.difference import difference
        from archlang.report.diff import said

        found = difference(self.network, other.network)
        if picture is not None:
            from archlang.draw.both import draw_both

            draw_both(found, picture)
        return said(found, format)

    def solve(self, format: str = "text", *, most: int = 1024, inside: bool = False) -> str:  # noqa: A002
        """Which inputs it takes, no side past `most`, and what its labels see, `inside` blocks too: text or json."""
        from archlang.passes.solve import solve
        from archlang.report.solve import said

        return said(solve(self.network, self._parameters, most), format, inside=inside)

    def code(self, *, kernels: bool = False) -> str:
        """The PyTorch module, as Python source that depends on torch alone.

        With `kernels` its forwards call `archlang.kernels`, and it depends on archlang too.
        """
        if kernels not in self._codes:
            from archlang.emit import source

            command = f"{self._command} --kernels" if self._command and kernels else self._command
            self._codes[kernels] = source(self.network, command=command, kernels=kernels)
        return self._codes[kernels]

    def build(
        self,
        weights: Any = None,
        *,
        without: str | Sequence[str] = (),
        kernels: bool = False,
        trust: str | Sequence[str] = (),
    ) -> nn.Module:
        """The PyTorch module: the emitted source, executed.

        `weights` is a `.pth` or `.safetensors` file for the whole module, its tensors by
        key, or files by the names that the `.arch` file asks for: `{"imagenet": path}`.
        Layers and stages that `without` names keep their initialisation: `without="fc"`.
        With `kernels` it runs 1x1 convolutions and ends of blocks in kernels of its own on a
        GPU, and anywhere else as it does without; its parameters and their names are the same.
        `trust` names modules or packages that classes of the file's own layers (`extern`) may be imported from.
        """
        from archlang.runtime.build import build as build_module

        text = self.code(kernels=kernels)
        named = (trust,) if isinstance(trust, str) else trust
        return build_module(self.network, weights=weights, without=without, text=text, trust=(*self.trusted, *named))

    def draw(self, path: str | Path, **look: Unpack[PageLook]) -> Path:
        """Draw it as SVG, PNG, PDF, TikZ (`.tex`), DOT, text or a page (`.html`), in a `PageLook`; returns the path."""
        from archlang.page.draw import draw

        return draw(self.network, path, self._parameters, self._command, **look)

    def svg(self, **look: Unpack[Look]) -> str:
        """Its picture, as SVG text; `look` as `draw` takes it."""
        from archlang.draw import svg

        few_enough(self.network, PICTURE)
        return svg(self.network, **look)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the interactive page, and under it the picture and the table for viewers without.

        None, which has it show one line, for what is too large for a page.
        """
        if len(self.graph) > PAGE.layers:
            return None
        from archlang.page.notebook import of_network

        return of_network(self.network, self._parameters, self._command)
