"""Compile what is shipped for one target, and print a line of JSON for each: compile_shipped.py ARCH some|all.

It stands alone, because a process that interprets kernels cannot compile them.
"""

import json
import sys
from dataclasses import asdict

from compiling import compile_for
from shipped import shipped


def main(arch: str, amount: str) -> None:
    for case in shipped(arch, everything=amount == "all"):
        found = asdict(compile_for(case, arch))
        sys.stdout.write(json.dumps({"name": case.name, "product": case.product, **found}) + "\n")


main(*sys.argv[1:])
