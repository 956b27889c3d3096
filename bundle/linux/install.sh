#!/bin/sh
# riskmap: installs from the wheels in this folder; no network, no root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$HOME/.local/share/riskmap}
for python in python3.11 python3 python; do
  if command -v "$python" >/dev/null 2>&1 \
    && "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
    break
  fi
  python=
done
[ -n "$python" ] || { echo "No Python 3.11 found; install it and run again." >&2; exit 1; }
echo "Installing in $target; this takes a few minutes ..."
"$python" -m venv "$target"
wheel=$(ls "$here"/wheels/riskmap-*.whl)
"$target/bin/python" -m pip install -q --no-index \
  --find-links "$here/wheels" \
  "riskmap[dask,postgis,rasters] @ file://$wheel"
"$target/bin/riskmap" --version
echo "Installed. Next: \"$target/bin/riskmap\" demo"
