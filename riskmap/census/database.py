"""PostgreSQL with PostGIS: addresses, connections, tables in and out.

Nothing here prints a password, and every write is one transaction.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from riskmap.errors import SourceError, first_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

__all__ = ["Address", "connect", "is_address", "read_query", "read_table", "shown"]

_SCHEME = re.compile(r"postgres(?:ql)?://", re.IGNORECASE)
_OWN = ("schema", "table")
_TIMEOUT_S = 10
_LOCK_S = 3
_BYTES = {"bytea"}
_GEOMETRY = {"geometry", "geography"}


def is_address(target: object) -> bool:
    """Tell whether a source or a store is the address of a database.

    Parameters
    ----------
    target
        For example ``"postgresql://host/county"``, or a path.

    Returns
    -------
    bool
        Whether it is text that begins like one.
    """
    return isinstance(target, str) and _SCHEME.match(target) is not None


def shown(target: str) -> str:
    """Return a source or store as it may be shown: an address without password.

    Parameters
    ----------
    target
        A path or an address.

    Returns
    -------
    str
        A path as it is.
    """
    return Address.parse(target).shown if is_address(target) else target


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is, apart from what may be shown of it.

    Attributes
    ----------
    url
        What libpq takes, password and all.
    shown
        The same for messages: without password.
    schema, table
        The parameters of these names that stood in the address; None for none.
    """

    url: str
    shown: str
    schema: str | None = None
    table: str | None = None

    @classmethod
    def parse(cls, text: str) -> Address:
        """Take an address apart.

        Parameters
        ----------
        text
            ``postgresql://user@host:port/database?schema=…&table=…``; what
            is left out comes from libpq's environment and password file.

        Returns
        -------
        Address
            Its parts.

        Raises
        ------
        SourceError
            If it is no address.
        """
        try:
            parts = urlsplit(text)
            given = dict(parse_qsl(parts.query, keep_blank_values=True))
        except ValueError as error:
            msg = "the address of the database cannot be understood"
            raise SourceError(msg) from error
        own = {name: given.pop(name, None) for name in _OWN}
        url = urlunsplit(parts._replace(query=urlencode(given)))
        at = parts.netloc.rpartition("@")
        user = at[0].partition(":")[0]
        place = f"{user}@{at[2]}" if user else at[2]
        shown = f"postgresql://{place}{unquote(parts.path)}"
        return cls(url, shown, own["schema"] or None, own["table"] or None)

    def scrubbed(self, text: str) -> str:
        """Return a text in one line, without the password of this address."""
        parts = urlsplit(self.url)
        secrets = [parts.netloc.rpartition("@")[0].partition(":")[2]]
        secrets += [one for name, one in parse_qsl(parts.query) if name == "password"]
        for one in filter(None, [*secrets, *map(unquote, secrets)]):
            text = text.replace(one, "***")
        return " ".join(text.split())[:300]


@contextmanager
def connect(address: Address) -> Iterator[Connection[Any]]:
    """Open a database for one transaction.

    Parameters
    ----------
    address
        Where it is.

    Yields
    ------
    psycopg.Connection
        Committed at the end of the block; rolled back if the block raises.

    Raises
    ------
    SourceError
        If psycopg is not installed, or the database cannot be reached, read
        or written; one line, without the password.
    """
    try:
        psycopg = import_module("psycopg")
    except ImportError as error:
        msg = 'a database needs psycopg: pip install "riskmap[postgis]"'
        raise SourceError(msg) from error
    try:
        with psycopg.connect(address.url, connect_timeout=_TIMEOUT_S) as opened:
            opened.execute(f"SET lock_timeout = '{_LOCK_S}s'")
            opened.execute("SET client_encoding = 'UTF8'")
            yield opened
    except psycopg.Error as error:
        msg = f"{address.shown}: {address.scrubbed(str(error))}"
        raise SourceError(msg) from error


def read_table(
    text: str, *, table: str | None, layer: str, where: str | None = None
) -> tuple[str, pd.DataFrame]:
    """Read one table of a database, with its geometry where it has one.

    Parameters
    ----------
    text
        The address of the database.
    table
        ``table`` or ``schema.table``; None for the one that the address
        names, else the one named as the layer.
    layer
        The canonical layer that is wanted.
    where
        An SQL condition on the rows; None reads all.

    Returns
    -------
    tuple of str and pandas.DataFrame
        The table's name, and its rows: a GeoDataFrame in the table's CRS
        where it has a geometry.

    Raises
    ------
    SourceError
        If the database or the table is not there, or the condition is wrong.
    """
    address = Address.parse(text)
    with connect(address) as opened:
        from psycopg import sql  # noqa: PLC0415

        opened.execute("SET TRANSACTION READ ONLY")
        name = _find(opened, table or address.table or layer, address)
        query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(*name))
        if where is not None:
            condition = sql.SQL(where)
            query = sql.SQL("{} WHERE {}").format(query, condition)
        return ".".join(name), read_query(opened, query)


def _find(opened: Connection[Any], wanted: str, address: Address) -> tuple[str, str]:
    """Return schema and name of a table, or say which tables there are."""
    rows = opened.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        " ORDER BY table_schema <> coalesce(%s, 'public'), 1, 2",
        [address.schema],
    ).fetchall()
    for schema, name in rows:
        if wanted in {name, f"{schema}.{name}"}:
            return schema, name
    there = first_few([f"{one}.{name}" for one, name in rows], most=9) or "none"
    msg = f'{address.shown} has no table "{wanted}"; it has {there}'
    raise SourceError(msg)


def read_query(opened: Connection[Any], query: Any) -> pd.DataFrame:  # noqa: ANN401
    """Read what a query answers as a frame.

    Parameters
    ----------
    opened
        The connection.
    query
        What psycopg executes.

    Returns
    -------
    pandas.DataFrame
        Columns of objects, None for null; a GeoDataFrame where a column is a
        geometry, in its CRS; further geometries are left out.
    """
    types = dict(opened.execute("SELECT oid, typname FROM pg_type").fetchall())
    with opened.cursor() as cursor:
        cursor.execute(query, prepare=True)  # so that it can be one statement only
        about = cursor.description or []
        rows = cursor.fetchall()
    kinds = [types.get(one.type_code) for one in about]
    columns = {
        one.name: _objects([row[at] for row in rows])
        for at, one in enumerate(about)
        if kinds[at] not in _GEOMETRY | _BYTES
    }
    frame = pd.DataFrame(columns, index=range(len(rows)))
    place = next((at for at, one in enumerate(kinds) if one in _GEOMETRY), None)
    if place is None:
        return frame
    shapes = shapely.from_wkb([row[place] for row in rows])
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=_crs(opened, shapes))


def _objects(cells: Sequence[object]) -> np.ndarray:
    """Return cells as an array of objects, numbers of money and such as float."""
    column = np.empty(len(cells), dtype=object)
    column[:] = [float(one) if isinstance(one, Decimal) else one for one in cells]
    return column


def _crs(opened: Connection[Any], shapes: np.ndarray) -> pyproj.CRS | None:
    """Return the CRS that geometries carry; None where they carry none."""
    numbers = {int(one) for one in shapely.get_srid(shapes[shapes != None])}  # noqa: E711
    numbers.discard(0)
    if len(numbers) != 1:
        return None
    row = opened.execute(
        "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s",
        [numbers.pop()],
    ).fetchone()
    if row is None:
        return None
    return pyproj.CRS.from_user_input(f"{row[0]}:{row[1]}" if row[0] else row[2])
