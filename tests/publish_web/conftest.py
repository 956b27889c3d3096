"""A browser for a whole module, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import Browser, chromium_path

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a headless Chromium, or skip."""
    if chromium_path() is None:
        pytest.skip("no Chromium here")
    with Browser() as opened:
        yield opened
