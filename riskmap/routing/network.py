"""The network: roads as arrays, with minutes both ways and what is closed, why."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zipfile import BadZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from riskmap.errors import NetworkError, SourceError
from riskmap.routing.ragged import Lines, along, subset, to_linestrings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["OPEN", "Network", "load_network"]

OPEN = -1
_FORMAT = 1
_ARRAYS = (
    "node_xy",
    "edge_u",
    "edge_v",
    "edge_length_m",
    "forward_min",
    "backward_min",
    "edge_road",
    "vertex_start",
    "vertex_xy",
    "component",
    "edge_cause",
)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A road network as a value of arrays; make one with `build_network`.

    Attributes
    ----------
    mode
        ``walk``, ``drive`` or ``emergency``.
    crs
        Projected, metres; that of `node_xy` and `vertex_xy`.
    node_xy
        Nodes, (n, 2), metres, in an order that keeps neighbours together.
    edge_u, edge_v
        The nodes at the start and the end of each edge.
    edge_length_m
        Metres along each edge.
    forward_min, backward_min
        Minutes from `edge_u` to `edge_v` and back; inf where not allowed.
    edge_road
        Row of `roads` that each edge is part of.
    vertex_start, vertex_xy
        Geometry: edge i holds ``vertex_xy[vertex_start[i]:vertex_start[i + 1]]``.
    roads
        road_id, road_name, road_class, bridge, tunnel, technical_grade, surface,
        layer: one row a source road.
    component
        Label of the island each node is on, closures apart; 0 is the longest.
        Below 0: an island of a wider network that this is a part of.
    edge_cause
        -1 where open, else the index in `causes`.
    causes
        Rows of `zones`, sorted, that close a piece together.
    zones
        What closes roads: zone_id, cause, geometry, in `crs`.
    offroad_kmh
        Speed of walking to or from a road.
    findings
        What was noticed: layer, rule, value, severity, message.
    settings
        How the network was built, as text.
    """

    mode: str
    crs: pyproj.CRS
    node_xy: FloatArray
    edge_u: IntArray
    edge_v: IntArray
    edge_length_m: FloatArray
    forward_min: FloatArray
    backward_min: FloatArray
    edge_road: IntArray
    vertex_start: IntArray
    vertex_xy: FloatArray
    roads: pd.DataFrame
    component: IntArray
    edge_cause: IntArray
    causes: tuple[tuple[int, ...], ...]
    zones: gpd.GeoDataFrame
    offroad_kmh: float
    findings: pd.DataFrame
    settings: dict[str, str] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self.edge_u)

    def __repr__(self) -> str:
        """Say what the network is, in one line."""
        closed = int((self.edge_cause != OPEN).sum())
        return (
            f"<Network {self.mode}: {len(self.node_xy)} nodes, {len(self)} edges, "
            f"{self.edge_length_m.sum() / 1000:.1f} km, {closed} closed, "
            f"{self.crs.to_string()}>"
        )

    def _repr_html_(self) -> str:
        """Show the network as a small table."""
        closed = self.edge_cause != OPEN
        islands = int(self.component.max(initial=-1)) + 1
        facts = {
            "mode": self.mode, "crs": self.crs.to_string(),
            "nodes": len(self.node_xy), "edges": len(self),
            "km": round(float(self.edge_length_m.sum()) / 1000, 1),
            "islands": max(islands - 1, 0),
            "closed km": round(float(self.edge_length_m[closed].sum()) / 1000, 1),
            "findings": len(self.findings),
        }  # fmt: skip
        return str(pd.Series(facts, name="network").to_frame().to_html())

    @property
    def is_open(self) -> NDArray[np.bool_]:
        """Return whether each edge is open."""
        return np.asarray(self.edge_cause == OPEN)

    @property
    def lines(self) -> Lines:
        """Return the geometry of the edges as ragged arrays."""
        return Lines(self.vertex_start, self.vertex_xy)

    def points(self, edge: IntArray, fraction: FloatArray) -> FloatArray:
        """Return the points at fractions of edges.

        Parameters
        ----------
        edge
            Edges.
        fraction
            0 at the start of each, 1 at its end.

        Returns
        -------
        numpy.ndarray
            (n, 2), metres, in `crs`.
        """
        rows, back = np.unique(edge, return_inverse=True)
        part = subset(self.lines, rows)
        return along(part, back, fraction * part.lengths()[back])

    def edges(
        self,
        *,
        crs: Any = None,  # noqa: ANN401
        rows: IntArray | None = None,
    ) -> gpd.GeoDataFrame:
        """Return every edge as a row, to look at, edit, and build from again.

        Parameters
        ----------
        crs
            Where the geometry is wanted; None keeps the network's.
        rows
            Which edges are wanted; None takes all.

        Returns
        -------
        geopandas.GeoDataFrame
            road_id, road_name, road_class, bridge, tunnel, technical_grade, surface,
            layer, node_u, node_v, length_m, forward_min, backward_min (inf: not
            allowed), cause (null: open), geometry.
        """
        return self._frame(np.arange(len(self)) if rows is None else rows, crs)

    def closures(self, *, crs: Any = None) -> gpd.GeoDataFrame:  # noqa: ANN401
        """Return the closed pieces of road.

        Parameters
        ----------
        crs
            Where the geometry is wanted; None keeps the network's.

        Returns
        -------
        geopandas.GeoDataFrame
            The columns of `edges` and zone_id: the ids of all zones that close
            the piece, joined by "、".
        """
        frame = self._frame(np.flatnonzero(~self.is_open), crs)
        return frame.reset_index(drop=True)

    def _frame(self, rows: IntArray, crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401
        """Make a frame of some edges."""
        road = self.roads.iloc[self.edge_road[rows]].reset_index(drop=True)
        frame = gpd.GeoDataFrame(
            road.assign(
                node_u=self.edge_u[rows],
                node_v=self.edge_v[rows],
                length_m=self.edge_length_m[rows],
                forward_min=self.forward_min[rows],
                backward_min=self.backward_min[rows],
                cause=self._spelled("cause")[self.edge_cause[rows]],
                zone_id=self._spelled("zone_id")[self.edge_cause[rows]],
            ),
            geometry=to_linestrings(subset(self.lines, rows)),
            crs=self.crs,
        ).set_index(rows)
        return frame if crs is None else frame.to_crs(crs)

    def _spelled(self, column: str) -> NDArray:
        """Return the words for each cause, and None last, for open edges."""
        words = self.zones[column].astype(object).to_numpy()
        joined = np.empty(len(self.causes) + 1, dtype=object)
        for row, cause in enumerate(self.causes):
            each = dict.fromkeys(str(words[zone]) for zone in cause)
            joined[row] = "、".join(each)
        return joined

    def changed(self, **values: Any) -> Network:  # noqa: ANN401
        """Return a copy with other values, and nothing remembered.

        Parameters
        ----------
        **values
            Attributes to replace.

        Returns
        -------
        Network
            The copy; this network is not changed.
        """
        return replace(self, **values, memo={})

    def save(self, path: str | Path) -> Path:
        """Write the network to one file; `load_network` reads it.

        Parameters
        ----------
        path
            The file, by custom ``*.network.npz``.

        Returns
        -------
        pathlib.Path
            The file written.

        Raises
        ------
        SourceError
            If it cannot be written.
        """
        path = Path(path)
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        for name in ("roads", "findings", "zones"):
            buffer = io.BytesIO()
            getattr(self, name).to_parquet(buffer)
            arrays[name] = np.frombuffer(buffer.getvalue(), dtype=np.uint8)
        arrays["cause_rows"] = np.array(
            [zone for cause in self.causes for zone in cause], dtype=np.int64
        )
        arrays["cause_sizes"] = np.array([len(one) for one in self.causes], np.int64)
        text = [str(_FORMAT), self.mode, self.crs.to_wkt(), repr(self.offroad_kmh)]
        text += [part for pair in self.settings.items() for part in pair]
        try:
            with path.open("wb") as file:
                np.savez(file, text=np.array(text), **arrays)
        except OSError as error:
            msg = f"{path} cannot be written: {error.strerror or error}"
            raise SourceError(msg) from error
        return path


def load_network(path: str | Path) -> Network:
    """Read a network that `Network.save` wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Network
        Equal to the one saved.

    Raises
    ------
    SourceError
        If the file is missing or is no saved network.
    """
    try:
        with np.load(Path(path), allow_pickle=False) as stored:
            content = dict(stored)
        return _restored(content)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error
    except (EOFError, KeyError, ValueError, IndexError, BadZipFile) as error:
        msg = f"{path} is no saved network; build it again"
        raise SourceError(msg) from error


def _restored(content: dict[str, NDArray]) -> Network:
    """Put the parts of a saved network together."""
    version, mode, wkt, offroad, *rest = (str(one) for one in content["text"])
    if version != str(_FORMAT):
        msg = f"format {version}"
        raise NetworkError(msg)
    arrays: dict[str, Any] = {name: content[name] for name in _ARRAYS}
    tables = {
        name: io.BytesIO(content[name].tobytes())
        for name in ("roads", "findings", "zones")
    }
    ends = np.cumsum(content["cause_sizes"])[:-1]
    rows = np.split(content["cause_rows"], ends) if len(content["cause_sizes"]) else []
    return Network(
        mode=mode,
        crs=pyproj.CRS.from_wkt(wkt),
        **arrays,
        roads=_with_nulls(pd.read_parquet(tables["roads"])),
        findings=pd.read_parquet(tables["findings"]),
        zones=gpd.read_parquet(cast("Any", tables["zones"])),
        causes=tuple(tuple(int(one) for one in row) for row in rows),
        offroad_kmh=float(offroad),
        settings=dict(zip(rest[::2], rest[1::2], strict=True)),
    )


def _with_nulls(roads: pd.DataFrame) -> pd.DataFrame:
    """Return roads whose unknown texts are None, as they were before storing."""
    text = roads.select_dtypes(exclude="bool").astype(object)
    return roads.assign(**text.where(text.notna(), None))
