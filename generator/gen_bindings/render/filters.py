"""The filters of the templates: text into XML documentation comments."""

from __future__ import annotations

import re
import textwrap
from xml.sax.saxutils import escape

_WIDTH = 110
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# All that C# takes for the end of a line, and with it of a comment.
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_PARAGRAPHS = re.compile(r"\n\s*\n")


def xmldoc(text: str, indent: int = 0, tag: str = "summary") -> str:
    """``text`` as a documentation comment, each line behind ``indent`` spaces, without a last newline.

    Paragraphs are parted by blank lines. What XML or a comment's syntax would choke on is escaped.

    Args:
        tag: the element: ``summary``, ``remarks``, ``returns``, ``param name="x"``.
    """
    lead = " " * indent + "/// "
    clean = escape(_NOT_IN_XML.sub("", _LINE_END.sub("\n", text)))
    closing = tag.partition(" ")[0]
    if "\n" not in clean and len(lead) + len(clean) + len(tag) + len(closing) + 5 <= _WIDTH:
        return f"{lead}<{tag}>{clean.strip()}</{closing}>"
    paragraphs = [" ".join(part.split()) for part in _PARAGRAPHS.split(clean.strip())]
    lines = [f"<{tag}>"]
    for paragraph in paragraphs:
        wrapped = f"<para>{paragraph}</para>" if len(paragraphs) > 1 else paragraph
        lines += textwrap.wrap(wrapped, _WIDTH - len(lead), break_long_words=False, break_on_hyphens=False)
    lines.append(f"</{closing}>")
    return "\n".join(lead + line for line in lines)
