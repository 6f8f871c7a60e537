"""Comments of a schema become XML documentation that every compiler accepts."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen_bindings.render.filters import xmldoc

pytestmark = pytest.mark.quick


def test_a_short_text_is_one_line() -> None:
    assert xmldoc("The room's sid.", 4) == "    /// <summary>The room's sid.</summary>"


def test_markup_is_escaped() -> None:
    assert xmldoc("a < b && c > d") == "/// <summary>a &lt; b &amp;&amp; c &gt; d</summary>"


def test_a_long_text_is_wrapped() -> None:
    lines = xmldoc("word " * 60, 8).split("\n")
    assert lines[0] == "        /// <summary>"
    assert lines[-1] == "        /// </summary>"
    assert len(lines) == 6
    assert all(len(line) <= 110 for line in lines)


def test_paragraphs_are_kept() -> None:
    assert xmldoc("One\nline.\n\n  Two.\n") == "\n".join(
        ["/// <summary>", "/// <para>One line.</para>", "/// <para>Two.</para>", "/// </summary>"]
    )


def test_other_elements() -> None:
    assert xmldoc("The url.", 0, 'param name="url"') == '/// <param name="url">The url.</param>'


@given(st.text(), st.integers(0, 12))
def test_any_text_is_well_formed(text: str, indent: int) -> None:
    lines = xmldoc(text, indent).split("\n")
    assert all(line.startswith(" " * indent + "/// ") for line in lines)
    # What C# takes for the end of a line must not end the comment.
    assert not any(end in line for line in lines for end in "\r\x85\u2028\u2029")
    ElementTree.fromstring("\n".join(line.partition("/// ")[2] for line in lines))
