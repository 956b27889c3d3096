"""Pages: their sizes, where things stand on them, and the round scales."""

from __future__ import annotations

from dataclasses import dataclass

from riskmap.errors import LayerError

__all__ = [
    "PAGES",
    "PHONE_MM",
    "SCALES",
    "Page",
    "Rect",
    "page_named",
    "phone_page",
    "round_scale",
]

SCALES = (
    1000,
    2000,
    2500,
    3000,
    4000,
    5000,
    7500,
    10_000,
    12_500,
    15_000,
    20_000,
    25_000,
    30_000,
    35_000,
    40_000,
    50_000,
    60_000,
    75_000,
    90_000,
    100_000,
    150_000,
    250_000,
    500_000,
    1_000_000,
)
"""The round scales, as the number a metre of paper stands for."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on the page, millimetres from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Page:
    """One size of paper with the places of everything on it.

    Parameters
    ----------
    name
        For example ``"A3"``.
    width, height
        Millimetres.
    margin
        From the edge of the paper to the neat line, millimetres.
    title, map, side, foot
        Where the title band, the map, the column of tables and the foot stand.
    type_scale
        The factor of character heights and signs over those of A3.
    title_mm
        The height of the title's characters.
    text_mm
        The height of the smallest characters.
    """

    name: str
    width: float
    height: float
    margin: float
    title: Rect
    map: Rect
    side: Rect
    foot: Rect
    type_scale: float
    title_mm: float
    text_mm: float

    @property
    def portrait(self) -> bool:
        """Whether this is the narrow picture for a phone."""
        return self.name == "phone"

    @property
    def phone_mm(self) -> float:
        """The height of phones and route numbers."""
        return max(3.0 * self.type_scale, 1.2 * self.text_mm)


def _landscape(
    name: str, width: float, height: float, *, size: float, type_scale: float
) -> Page:
    """Lay out a landscape sheet; `size` is its side over that of A3."""
    margin, gap = 10.0 * size, 2.0 * size
    title_height, foot_height, side_width = 18.0 * size, 24.0 * size, 120.0 * size
    inner = width - 2 * margin
    top = margin + title_height + gap
    map_height = height - margin - foot_height - gap - top
    type_scale = (
        max(size, 0.9) if size < 1 else {1.0: 1.0}.get(size, 1.13 * size / 1.414)
    )
    return Page(
        name=name,
        width=width,
        height=height,
        margin=margin,
        title=Rect(margin, margin, inner, title_height),
        map=Rect(margin, top, inner - side_width - gap, map_height),
        side=Rect(width - margin - side_width, top, side_width, map_height),
        foot=Rect(margin, height - margin - foot_height, inner, foot_height),
        type_scale=type_scale,
        title_mm=9.0 * size,
        text_mm=2.25 * max(type_scale, 1.0),
    )


PHONE_MM = (108.0, 118.0, 3.0)
"""Width of a phone picture, height of the map in it, margin: millimetres."""


def phone_page(*, rect: Rect | None = None, height: float = 400.0) -> Page:
    """Return the page of a phone picture, as long as its words need.

    Parameters
    ----------
    rect
        Where the map stands; None for a provisional place.
    height
        Of the whole picture, millimetres.

    Returns
    -------
    Page
        108 mm wide: 1080 pixels at ten a millimetre.
    """
    width, high, margin = PHONE_MM
    inner = width - 2 * margin
    rect = rect or Rect(margin, margin, inner, high)
    return Page(
        name="phone",
        width=width,
        height=height,
        margin=margin,
        title=Rect(margin, margin, inner, rect.y - margin),
        map=rect,
        side=Rect(margin, rect.bottom, inner, height - rect.bottom - margin),
        foot=Rect(margin, height - margin, inner, 0.0),
        type_scale=1.0,
        title_mm=6.4,
        text_mm=2.9,
    )


PAGES = {
    page.name: page
    for page in (
        _landscape("A4", 297.0, 210.0, size=0.7071, type_scale=0.85),
        _landscape("A3", 420.0, 297.0, size=1.0, type_scale=1.0),
        _landscape("A1", 841.0, 594.0, size=2.0, type_scale=1.6),
        _landscape("A0", 1189.0, 841.0, size=2.828, type_scale=2.2),
    )
}
"""The pages that a sheet can have."""


def page_named(name: str) -> Page:
    """Return the page of that name.

    Parameters
    ----------
    name
        ``"A4"``, ``"A3"``, ``"A1"`` or ``"A0"``.

    Returns
    -------
    Page
        Its layout.

    Raises
    ------
    LayerError
        If there is no such page.
    """
    if name not in PAGES:
        msg = f'no page is named "{name}"; there are {", ".join(PAGES)}, phone'
        raise LayerError(msg)
    return PAGES[name]


def round_scale(
    bounds: tuple[float, float, float, float], frame: Rect
) -> tuple[int, tuple[float, float, float, float]]:
    """Choose the largest round scale that holds the bounds.

    Parameters
    ----------
    bounds
        What must be seen, metres.
    frame
        The map's frame on the page, millimetres.

    Returns
    -------
    scale : int
        The denominator of the scale.
    window : tuple of float
        What the frame shows, metres, the bounds in its middle.
    """
    west, south, east, north = bounds
    needed = max((east - west) / frame.width, (north - south) / frame.height) * 1000.0
    scale = next((one for one in SCALES if one >= needed), SCALES[-1])
    if needed > SCALES[-1]:
        scale = int(-(-needed // SCALES[-1]) * SCALES[-1])
    half_x = frame.width * scale / 2000.0
    half_y = frame.height * scale / 2000.0
    x, y = (west + east) / 2, (south + north) / 2
    return scale, (x - half_x, y - half_y, x + half_x, y + half_y)
