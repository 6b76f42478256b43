#!/bin/sh
# What archlang's kernels do on the GPU at hand, in parts that end within ten minutes each:
#
#     sh scripts/gpu_report.sh                       all parts, one after the other
#     sh scripts/gpu_report.sh kernels-nin resnet50  these
#
# Each part leaves NAME.json and NAME.md, or NAME.log, in $OUT (docs/benchmarks/gpu without it); a part that is cut
# short and run again goes on from what its compilers have kept. PYTHON names the interpreter: it needs torch with
# a GPU, triton and lark, and pytest for the first part.
set -u
cd "$(dirname "$0")/.." || exit 1
PYTHON=${PYTHON:-python3}
OUT=${OUT:-docs/benchmarks/gpu}
WITHIN=${WITHIN:-520}
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
mkdir -p "$OUT"

bench() { # name, then what `archlang bench` is told
    name=$1
    shift
    "$PYTHON" -m archlang bench "$@" --within "$WITHIN" -o "$OUT/$name"
}

net() { # the network that a part is about
    if [ "$1" = nin ]; then echo nin@imagenet; else echo "$1"; fi
}

part() {
    case $1 in
    checks) "$PYTHON" -m pytest -q -m gpu tests/kernels tests/bench >"$OUT/checks.log" 2>&1 || { tail -40 "$OUT/checks.log"; false; } ;;
    kernels-*-training) at=${1#kernels-} && bench "$1" kernels --train --net "$(net "${at%-training}")" --seconds 60 --limit 90 ;;
    kernels-*) bench "$1" kernels --net "$(net "${1#kernels-}")" --seconds 60 --limit 90 ;;
    resnet50) bench resnet50 resnet50 ;;
    resnet50-training) bench resnet50-training resnet50 --train ;;
    googlenet) bench googlenet googlenet ;;
    googlenet-training) bench googlenet-training googlenet --train ;;
    nin) bench nin "$(net nin)" ;;
    *) echo "there is no part $1" >&2 && false ;;
    esac
}

[ $# -gt 0 ] ||
    set -- checks kernels-resnet50 kernels-resnet50-training kernels-googlenet kernels-nin resnet50 resnet50-training googlenet googlenet-training nin
failed=
for name; do
    echo "== $name"
    part "$name" || failed="$failed $name"
done
[ -z "$failed" ] || { echo "failed:$failed" >&2; exit 1; }
