"""What the census' tests share: a database server, started once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.census.server import missing, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the address of a database with PostGIS, or skip with the reason."""
    psycopg = pytest.importorskip("psycopg")
    lacking = missing()
    if lacking:
        pytest.skip(lacking)
    with running() as address:
        with psycopg.connect(address) as opened:
            opened.execute("CREATE EXTENSION postgis")
        yield address
