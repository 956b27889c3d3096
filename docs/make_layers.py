"""Write layers.md from the layer definitions: ``python docs/make_layers.py``."""

from __future__ import annotations

from pathlib import Path

from riskmap.census import Field, Layer, layer_names, load_layer

PAGE = Path(__file__).with_name("layers.md")
SEEN_BY = {"public": "公开", "official": "责任人", "private": "居民（不公开）"}
KINDS = {
    "id": "编号",
    "code": "代码（文本）",
    "text": "文字",
    "list": "多项文字",
    "people": "人数（整数）",
    "number": "数",
    "bool": "是/否",
    "date": "日期",
    "phone": "电话（文本）",
    "choice": "选项",
}
INTRO = """# 标准图层与字段

由各图层定义（`riskmap/census/layers/*.toml`）生成，请勿手改。未列出的列不会丢：读入时记为“未采用的列”。
“可见”一栏决定公开版印不印：居民的姓名、电话只在内部版出现。
"""


def page() -> str:
    """Return the page.

    Returns
    -------
    str
        Markdown.
    """
    return "\n".join([INTRO, *(_section(load_layer(name)) for name in layer_names())])


def _section(layer: Layer) -> str:
    """Describe one layer."""
    shapes = "、".join(layer.geometry) or "无几何"
    head = f"## `{layer.name}` {layer.label}\n\n主键 `{layer.key}`；几何：{shapes}。\n"
    rows = [_row(one) for one in layer.fields.values() if not one.is_place]
    table = ["| 字段 | 中文 | 类型 | 单位 | 必填 | 可见 |", "|---|---|---|---|---|---|"]
    return "\n".join([head, *table, *rows, ""])


def _row(field: Field) -> str:
    """Describe one field."""
    kind = "、".join(field.domain) or KINDS.get(field.type, field.type)
    cells = [f"`{field.name}`", field.label, kind, field.unit or ""]
    cells += ["是" if field.required else "", SEEN_BY[field.visibility]]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
