"""How long the editor takes from a keystroke to the painted drawing of a network.

    python tests/bench/redraw.py [NETWORK] [KEYSTROKES]

It types a number of the network's file in a headless Chromium, waits for each drawing, and prints how long the
frame with the new drawing took, and how much of that the server's answer. It needs what `make test-browser` needs,
and asserts nothing.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from archlang.locate import locate

# Types one digit in place of another that stands in the file, so that each keystroke changes a number of the network,
# and waits until its drawing has been painted: the second frame after the answer begins when the first was shown.
KEYSTROKE = """() => new Promise((done, fail) => {
  setTimeout(() => fail(new Error("no drawing within 20 s")), 20000);
  const { asking, writing } = archlang.editor, took = asking.took.bind(asking), begun = performance.now();
  const at = writing.text.lastIndexOf("dropout(0.") + "dropout(0.".length;
  asking.took = (kind, answer, question) => {
    const answered = performance.now();
    took(kind, answer, question);
    if (kind !== "look") return;
    asking.took = took;
    requestAnimationFrame(() => requestAnimationFrame(() => done([performance.now() - begun, answered - begun])));
  };
  writing.put(at, at + 1, writing.text[at] === "6" ? "5" : "6");
})"""


def quantiles(times: list[float]) -> str:
    """The least, the middle and the 19th of 20, in ms."""
    ordered = sorted(times)
    late = ordered[int(0.95 * len(ordered))]
    return f"{ordered[0]:.0f} at best, {statistics.median(ordered):.0f} half of them, {late:.0f} 19 of 20"


def typed(page: Any, keystrokes: int) -> list[tuple[float, float]]:
    """Milliseconds to the painted drawing and to the server's answer, five to warm up left out."""
    times = []
    for _ in range(keystrokes + 5):
        times.append(tuple(page.evaluate(KEYSTROKE)))
        page.wait_for_timeout(400)
    return times[5:]


def main(network: str = "googlenet", keystrokes: str = "50") -> None:
    """Starts the server in a folder of its own, with a copy of the network's file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{network}.arch"
        path.write_text(locate(network).source.text)
        command = [sys.executable, "-m", "archlang", "serve", "--port", "0"]
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            address = next(line for line in server.stderr if "http://" in line).strip()
            with sync_playwright() as playwright:
                found = os.environ.get("CHROMIUM") or shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                page.goto(f"{address}&file={path.name}")
                page.wait_for_timeout(3000)
                times = typed(page, int(keystrokes))
                browser.close()
            server.terminate()
    print(f"{network}, {len(times)} keystrokes, ms")
    print(f"  to the painted drawing: {quantiles([whole for whole, _ in times])}")
    print(f"  to the server's answer: {quantiles([answer for _, answer in times])}")


if __name__ == "__main__":
    main(*sys.argv[1:])
