#!/bin/sh
# Make a virtual environment, or say which Debian package is missing: make_venv.sh PYTHON FOLDER
set -eu
python=$1
folder=$2

if ! command -v "$python" >/dev/null 2>&1; then
    echo "archlang needs Python 3.11 or newer, and there is no \`$python\`." >&2
    echo "On Debian: apt install python3 python3-venv; elsewhere: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "archlang needs Python 3.11 or newer, and \`$python\` is $("$python" -V 2>&1)." >&2
    echo "Name a newer one: make PYTHON=python3.11" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "\`$python\` cannot make a virtual environment: its venv module is incomplete." >&2
    echo "On Debian: apt install python$version-venv" >&2
    exit 1
fi
exec "$python" -m venv --clear "$folder"
