"""How fast archlang is, as ratios within one run.

    python tests/bench/speed.py            all of it, about three minutes
    python tests/bench/speed.py start grow  only what starting costs, and how cost grows

Each ratio is the median of pairs measured in turn, A B A B, so that a machine
that slows down slows both. Nothing here asserts anything: the figures of one
machine stand in docs/benchmarks/.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PEERS = [sys.executable, "-c", "import lark, networkx"]


def pairs(a: Callable[[], object], b: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """The median ratio a / b, and the median seconds of each, after one round that is not counted."""
    a(), b()
    times = [(seconds(a), seconds(b)) for _ in range(rounds)]
    ratio = statistics.median(x / y for x, y in times)
    return ratio, statistics.median(x for x, _ in times), statistics.median(y for _, y in times)


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def spent(call: Callable[[], object]) -> float:
    """How much processor time the processes take that one call starts and waits for."""
    before = os.times()
    call()
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def process(*command: str) -> Callable[[], object]:
    """A whole process, its output thrown away. It may keep the bytecode of archlang, as it has that of its peers."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)


def archlang(*arguments: str) -> Callable[[], object]:
    """The command line, as a process."""
    return process(sys.executable, "-m", "archlang", *arguments)


def start() -> None:
    """`check` and `summary` of VGG against starting Python and importing lark and networkx."""
    for command in ("check", "summary"):
        ratio, own, peers = pairs(archlang(command, "vgg"), process(*PEERS), 11)
        print(f"archlang {command} vgg: {ratio:.2f} times `import lark, networkx` ({own:.3f} s, {peers:.3f} s)")


def imports() -> None:
    """`import archlang`, and with its first use, against `import networkx`: processor time beyond Python's start."""
    codes = ("pass", "import archlang", "import archlang; archlang.read", "import networkx")
    rounds = [[spent(process(sys.executable, "-c", code)) for code in codes] for _ in range(16)][1:]
    for at in (1, 2):
        ratio = statistics.median((row[at] - row[0]) / (row[3] - row[0]) for row in rounds)
        own, peer = (statistics.median(row[i] - row[0] for row in rounds) * 1e3 for i in (at, 3))
        print(f"{codes[at]}: {ratio:.2f} times `import networkx` ({own:.0f} ms, {peer:.0f} ms)")


def grow() -> None:
    """Checking files of 1,000, 10,000 and 100,000 layers; ResNet-1202 checked and drawn folded."""
    base = statistics.median(seconds(process(*PEERS)) for _ in range(5))
    with tempfile.TemporaryDirectory() as folder:
        for layers in (1_000, 10_000, 100_000):
            place = Path(folder) / f"lines{layers}.arch"
            place.write_text("input 3x32x32\n" + "conv3-16; relu\n" * (layers // 2))
            took = seconds(archlang("check", str(place)))
            print(f"check, {layers:,} layers typed out: {took:.2f} s, {(took - base) / layers * 1e6:.0f} us a layer")
            place.write_text(f"input 3x32x32\n[conv3-16; relu] x {layers // 2}\n")
            took = seconds(archlang("check", str(place)))
            print(f"check, {layers:,} layers by a repeat: {took:.2f} s, {(took - base) / layers * 1e6:.0f} us a layer")
        out = str(Path(folder) / "deep.svg")
        for what in (("summary", "cifar_resnet@1202"), ("draw", "cifar_resnet@1202", "-o", out)):
            took = statistics.median(seconds(archlang(*what)) for _ in range(3))
            print(
                f"archlang {' '.join(what[:2])}: {took - base:.2f} s more than `import lark, networkx` ({base:.2f} s)"
            )


def module() -> None:
    """Building ResNet-152, from a model and from its name, against its layers by hand; its eager forward likewise."""
    import torch

    sys.path.insert(0, str(Path(__file__).parent))
    from by_hand import ResNet, layers_of_resnet152

    import archlang

    torch.set_num_threads(1)
    model = archlang.read("resnet152")
    fresh = lambda: archlang.Model(model.network).build()  # noqa: E731 - nothing kept from the round before
    whole = lambda: archlang.build("resnet152")  # noqa: E731 - its file read, too
    for what, build in (("from a model read", fresh), ("once more", model.build), ("from its name", whole)):
        ratio, own, hand = pairs(build, layers_of_resnet152, 15)
        print(f"build ResNet-152, {what}: {ratio:.2f} times constructing it by hand ({own:.2f} s, {hand:.2f} s)")
    ours, theirs = model.build().eval(), ResNet([3, 8, 36, 3]).eval()
    theirs.load_state_dict(ours.state_dict())
    image = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        torch.testing.assert_close(ours(image), theirs(image))
        ratio, own, hand = pairs(lambda: ours(image), lambda: theirs(image), 15)
    print(f"eager forward of ResNet-152: {ratio:.3f} times a hand-written one ({own:.3f} s, {hand:.3f} s)")


PARTS = {"start": start, "imports": imports, "grow": grow, "module": module}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()
