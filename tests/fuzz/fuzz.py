"""Coverage-guided fuzzing of one target, on atheris.

    python tests/fuzz/fuzz.py {parse,elaborate,format} [--seconds N] [--into FOLDER] [--seed N]

Texts that lead somewhere new are kept and changed further, by `mutators.py` for the most part. What does not hold of a
text is written to FOLDER once for each place in the code it comes from, and the search goes on. The last line says how
many texts were tried, how much of archlang they reached, and what was found.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from random import Random
from types import FrameType

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1])]
sys.path += [str(HERE.parent / name) for name in ("fuzz", "random", "cases", "support", "formatting")]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["archlang"]):
    import pkgutil
    from importlib import import_module

    for floor in ("source", "diagnostics", "syntax", "elaborate", "ops", "ir", "passes", "formatting"):
        package = import_module(f"archlang.{floor}")
        for module in pkgutil.iter_modules(getattr(package, "__path__", [])):
            import_module(f"archlang.{floor}.{module.name}")
    from mutators import LONGEST, a_text, corpus, mutated
    from oracles import TARGETS, Finding

SECONDS = 20
"""Of the processor's time that one text may take, instrumented."""
MEGABYTES = 700
"""That one text may add to what this program has needed so far."""


class TooSlow(BaseException):
    """A text took too long."""


class Search:
    """One target, tried on many texts."""

    def __init__(self, target: str, into: Path) -> None:
        self.target, self.into = target, into
        self.tried = 0
        self.slowest = 0.0
        self.found: dict[str, int] = {}
        self.began = self.told = time.monotonic()

    def one(self, data: bytes) -> None:
        """Try one text."""
        text = data.decode("utf-8", "replace")
        self.tried += 1
        peak, began = _megabytes(), time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            TARGETS[self.target](text)
        except (Exception, TooSlow) as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            self.keep(text, error)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self.slowest = max(self.slowest, time.process_time() - began)
        if _megabytes() - peak > MEGABYTES:
            self.keep(text, Finding("took too much memory"))
        if time.monotonic() - self.told > 20:
            self.say()

    def keep(self, text: str, error: BaseException) -> None:
        """Write down a text that shows something, unless another shows the same."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "archlang" in f.filename]
        words = re.sub(r"\d+|'.*", "", str(error))[:40] if isinstance(error, Finding) else ""
        where = f"{Path(frames[-1].filename).stem}-{frames[-1].name}" if frames else ""
        key = re.sub(r"\W+", "-", f"{self.target}-{type(error).__name__}-{words or where}").strip("-")
        self.found[key] = self.found.get(key, 0) + 1
        place = self.into / f"{key}.arch"
        if self.found[key] == 1 or (self.found[key] < 200 and len(text) < len(place.read_text("utf-8"))):
            place.write_text(text, "utf-8")
            words = "".join(traceback.format_exception(error))
            place.with_suffix(".txt").write_text(words[-6000:], "utf-8")

    def say(self) -> None:
        """Tell how far it has come."""
        self.told = time.monotonic()
        facts = {
            "target": self.target,
            "seconds": round(self.told - self.began),
            "cpu": round(time.process_time()),
            "tried": self.tried,
            "slowest": round(self.slowest, 2),
            "megabytes": round(_megabytes()),
            "found": self.found,
        }
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow


def _mutate(data: bytes, most: int, seed: int) -> bytes:
    r = Random(seed)
    if r.random() < 0.05:
        return atheris.Mutate(data, most)
    text = a_text(r) if not data.strip() or r.random() < 0.05 else mutated(r, data.decode("utf-8", "replace"))
    return text.encode()[:most]


def main() -> None:
    """Search until the time is up."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--into", type=Path, default=Path("fuzz"))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    texts = given.into / f"texts-{given.target}"
    texts.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(corpus()):
        (texts / f"seed{number}").write_text(text, "utf-8")
    search = Search(given.target, given.into)
    signal.signal(signal.SIGVTALRM, _ring)
    options = [f"-max_total_time={given.seconds}", f"-seed={given.seed}", f"-max_len={2 * LONGEST}", "-timeout=900"]
    options += [
        "-rss_limit_mb=6000",
        "-len_control=0",
        "-print_final_stats=1",
        "-reload=0",
        f"-artifact_prefix={given.into}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(texts)], search.one, custom_mutator=_mutate)
    import atexit

    atexit.register(search.say)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
