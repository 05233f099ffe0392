"""What does the public see at a sandbox? A list in Chinese, and each result on its own as JSON.

A stopped result is not there, and nothing says that it ever was.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from connectors.sandbox.ledger import DISCLOSED, Page

PAGE_ROWS = 200

_COLUMNS = (
    ("entity", "经营主体"),
    ("uscc", "统一社会信用代码"),
    ("authority", "检查机关"),
    ("day", "检查日期"),
    ("text", "检查结果"),
    ("result_id", "结果编号"),
)
_HEAD = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:16px/1.6 sans-serif;margin:2em;color:#222}}table{{border-collapse:collapse}}
td,th{{border-bottom:1px solid #ccc;padding:.3em .8em;text-align:left}}
p{{color:#666}}</style></head><body><h1>{title}</h1>
"""


def one(held: Page | None, uscc: str, result_id: str) -> dict[str, object]:
    """The answer about one result."""
    answer: dict[str, object] = {"result_id": result_id, "uscc": uscc, "shown": False}
    if held is None or held.state != DISCLOSED:
        return {**answer, "version": None}
    return {**answer, "shown": True, "version": held.version, **held.texts}


def listing(title: str, total: int, rows: Sequence[Page], page: int) -> str:
    """The list as a page for people."""
    lines = [_HEAD.format(title=escape(title)), f"<p>行政检查结果公示，共 {total} 条</p>\n<table>"]
    lines.append("<tr>" + "".join(f"<th>{word}</th>" for _, word in _COLUMNS) + "</tr>")
    for row in rows:
        texts = {**row.texts, "uscc": row.uscc, "result_id": row.result_id}
        cells = (escape(texts.get(name, "")) for name, _ in _COLUMNS)
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    lines.append("</table>")
    if page > 1:
        lines.append(f'<a href="/public?page={page - 1}">上一页</a>')
    if page * PAGE_ROWS < total:
        lines.append(f'<a href="/public?page={page + 1}">下一页</a>')
    if not rows:
        lines.append("<p>暂无公示信息</p>")
    return "\n".join(lines) + "</body></html>\n"
