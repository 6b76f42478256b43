"""Compile what is shipped, and print a line of JSON for each: compile_shipped.py some|all ARCH...

It stands alone, because a process that interprets kernels cannot compile them.
"""

import json
import sys
from dataclasses import asdict

from compiling import compile_for
from shipped import shipped


def main(amount: str, *targets: str) -> None:
    for arch in targets:
        for case in shipped(arch, everything=amount == "all"):
            found = asdict(compile_for(case, arch))
            line = {"arch": arch, "name": case.name, "product": case.product, **found}
            sys.stdout.write(json.dumps(line) + "\n")


main(*sys.argv[1:])
