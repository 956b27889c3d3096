"""Texts that a census could hold and that must stay texts.

Each one, if it is ever run, sets ``window.RAN`` or asks for a dialogue. The
kinds are those of the survey in ecosystem.md 8, and two that branca adds by
reading every script as a template once more.
"""

from __future__ import annotations

_RUN = "window.RAN=1"

PAYLOADS = {
    "script": f"<script>{_RUN}</script>",
    "image": f"<img src=x onerror={_RUN}>",
    "break_out": f"</script><script>{_RUN}</script>",
    "template_literal": f"${{{_RUN}}}",
    "double_quote": f'"+({_RUN})+"',
    "single_quote": f"'+({_RUN})+'",
    "backtick": f"`+({_RUN})+`",
    "attribute_single": f"x'><img src=x onerror={_RUN}>",
    "attribute_double": f'"><img src=x onerror={_RUN}>',
    "backslash_backtick": f"\\\\`+({_RUN})+`",
    "title": f"</title><script>{_RUN}</script>",
    "style": f"</style><svg onload={_RUN}>",
    "jinja": "{{ 7*7 }}{% raw %}{# x #}",
    "address": f"javascript:{_RUN}",
    "control": "a\x00b\x0b\u2028\\1\r\n",
}
