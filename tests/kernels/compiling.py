"""Compile a kernel for a GPU that is not there, and read what came of it.

Run without `TRITON_INTERPRET`: with it `triton.jit` gives functions that cannot be compiled.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field

os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")  # newer ones warn where it is not said

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

TARGETS = {
    "sm_80": GPUTarget("cuda", 80, 32),
    "sm_90": GPUTarget("cuda", 90, 32),
    "sm_100": GPUTarget("cuda", 100, 32),
    "gfx942": GPUTarget("hip", "gfx942", 64),
}
TENSOR_CORE = {"sm_80": "mma.sync", "sm_90": "wgmma.mma_async", "sm_100": "tcgen05.mma", "gfx942": "v_mfma"}


@dataclass(frozen=True)
class Case:
    """One kernel with one set of constants: what is compiled."""

    name: str
    kernel: object
    types: dict[str, str]
    constants: dict[str, object]
    warps: int
    stages: int
    product: bool = True
    wide: tuple[str, ...] = field(default=())
    """The arguments that divide by 16: pointers as PyTorch allocates them."""


@dataclass(frozen=True)
class Compiled:
    """What a kernel takes of a device, and what it is made of.

    Registers a thread, bytes of its own memory (where registers spill to), bytes of shared memory, matrix
    instructions, and loads of only two bytes.
    """

    registers: int
    spilled: int
    shared: int
    products: int
    narrow: int


def compile_for(case: Case, arch: str) -> Compiled:
    kernel = case.kernel
    signature = {n: "constexpr" if n in case.constants else case.types[n] for n in kernel.arg_names}
    attributes = {(kernel.arg_names.index(n),): [["tt.divisibility", 16]] for n in case.wide}
    source = ASTSource(fn=kernel, signature=signature, constexprs=case.constants, attrs=attributes)
    options = {"num_warps": case.warps, "num_stages": case.stages}
    made = triton.compile(source, target=TARGETS[arch], options=options)
    read = _nvidia if arch.startswith("sm_") else _amd
    return read(made, arch)


def _nvidia(made: object, arch: str) -> Compiled:
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(made.asm["cubin"])
        file.flush()
        command = [triton.knobs.nvidia.cuobjdump.path, "-res-usage", file.name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    registers, stack, local = (int(re.search(rf"{word}:(\d+)", said).group(1)) for word in ("REG", "STACK", "LOCAL"))
    text = made.asm["ptx"]
    products, narrow = text.count(TENSOR_CORE[arch]), text.count("ld.global.b16")
    return Compiled(registers, stack + local, made.metadata.shared, products, narrow)


def _amd(made: object, arch: str) -> Compiled:
    text = made.asm["amdgcn"]

    def number(name: str) -> int:
        return int(re.search(rf"{name}: *(\d+)", text).group(1))

    spilled = max(number(r"\.vgpr_spill_count") * 4, number(r"\.private_segment_fixed_size"))
    narrow = len(re.findall("global_load_(?:ushort|short_d16)", text))
    return Compiled(number(r"\.vgpr_count"), spilled, made.metadata.shared, text.count("v_mfma"), narrow)
