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
[ -n "$python" ] || { echo "没有找到 Python 3.11；装好后再运行一次。" >&2; exit 1; }
echo "正在装到 $target，约需几分钟 ..."
"$python" -m venv "$target"
inside=$target/bin/python
# An address, since pip takes spaces and brackets in a path for its own signs.
wheel=$("$inside" -c 'import pathlib, sys; print(next(pathlib.Path(sys.argv[1]).glob("riskmap-*.whl")).as_uri())' "$here/wheels")
"$inside" -m pip install -q --disable-pip-version-check --no-index \
  --find-links "$here/wheels" \
  "riskmap[dask,postgis,rasters] @ $wheel"
"$inside" -c "import geopandas, rasterio, numba, osmium, matplotlib, distributed" \
  || { echo "已装好，但依赖打不开，原因见上。" >&2; exit 1; }
"$target/bin/riskmap" --version
echo "已装到 $target。试一试：\"$target/bin/riskmap\" demo"
