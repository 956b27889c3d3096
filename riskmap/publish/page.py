"""One file from a folium figure: everything inside, nothing from a network.

Scripts and style sheets stand in the page by value, a content security policy
admits exactly the scripts written here, and the random ids of folium become
running numbers, so that the same map gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from branca.element import CssLink, JavascriptLink

from riskmap.publish.assets import library_script, library_style
from riskmap.publish.escape import escape_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from branca.element import Element, Figure

__all__ = ["html_page", "page_of_figure"]

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def page_of_figure(
    figure: Figure,
    *,
    title: str,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    images: str = "",
) -> str:
    """Render a folium figure as one page that asks nothing of a network.

    Parameters
    ----------
    figure
        A figure with a map in it; it can be rendered only once.
    title
        The title of the page; it is escaped here.
    styles, scripts
        Further style sheets and scripts, put after those of the libraries.
    images
        A host whose pictures the page may ask for; only for notebooks.

    Returns
    -------
    str
        HTML in UTF-8 with a content security policy.

    Raises
    ------
    SourceError
        If the figure wants a library that riskmap does not bring along.
    """
    _number(figure)
    for child in list(figure._children.values()):  # noqa: SLF001 (branca has no other way)
        child.render()
    sheets, code, rest = [], [], []
    for child in figure.header._children.values():  # noqa: SLF001
        if isinstance(child, JavascriptLink):
            code.append(library_script(child.url))
        elif isinstance(child, CssLink):
            sheets.append(library_style(child.url))
        else:
            text = child.render()
            code[:0] = _INLINE_SCRIPT.findall(text)
            rest.append(_INLINE_SCRIPT.sub("", text))
    return html_page(
        title=title,
        head="".join(rest),
        body=figure.html.render(),
        styles=[*sheets, *styles],
        scripts=[*code, *scripts],
        last_script=figure.script.render(),
        images=images,
    )


def html_page(
    *,
    title: str,
    body: str,
    head: str = "",
    styles: Iterable[str] = (),
    scripts: Iterable[str] = (),
    last_script: str = "",
    images: str = "",
) -> str:
    """Put a page together under a policy that admits only these scripts.

    Parameters
    ----------
    title
        The title; it is escaped here.
    body, head
        Markup that is already safe.
    styles
        Style sheets.
    scripts
        Scripts that run before the body.
    last_script
        The script that runs after it.
    images
        A host whose pictures the page may ask for; empty for none.

    Returns
    -------
    str
        HTML in UTF-8.
    """
    before = [one for one in scripts if one.strip()]
    after = [last_script] if last_script.strip() else []
    hashes = " ".join(f"'sha256-{_sha256(one)}'" for one in (*before, *after))
    pictures = ["data:", "blob:", *([images] if images else [])]
    policy = (
        f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; "
        f"style-src 'unsafe-inline'; img-src {' '.join(pictures)}; font-src data:; "
        "connect-src 'none'; form-action 'none'; base-uri 'none'"
    )
    parts = [
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<link rel="icon" href="data:,">',
        f"<title>{escape_text(title)}</title>",
        head,
        *(f"<style>{one}</style>" for one in styles),
        *(f"<script>{one}</script>" for one in before),
        "</head>\n<body>",
        body,
        *(f"<script>{one}</script>" for one in after),
        "</body>\n</html>\n",
    ]
    return plain_text("\n".join(parts))


def _sha256(script: str) -> str:
    """Return the hash of a script as a policy names it."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()


def _number(figure: Figure) -> None:
    """Give every element of a figure a running number in place of a random id."""
    queue: list[Element] = [figure]
    for at, element in enumerate(queue):  # the queue grows while it is walked
        element._id = str(at)  # noqa: SLF001
        queue.extend(element._children.values())  # noqa: SLF001
