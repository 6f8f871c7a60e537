"""Text that was right, changed at random: the nearer it stays, the deeper it is read."""

from __future__ import annotations

import re

from hypothesis import strategies as st

_TOKENS = re.compile(r"\w+|\s+|[^\w\s]")

# What writers of such files get wrong, and what code that reads them forgets.
_PIECES = (
    "",
    " ",
    "\n",
    "\x00",
    "\ufeff",
    "\u202e",
    "\U0001d11e",
    "é",
    "0",
    "-1",
    "1.5",
    "0x7fffffff",
    "18446744073709551616",
    "536870912",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    '"',
    "'",
    '"""',
    "=",
    ";",
    ",",
    ".",
    "..",
    "../..",
    "/",
    "//",
    "/*",
    "*/",
    "#",
    "\\",
    "<",
    "&",
    "*",
    "%s",
    "{{",
    "{%",
    "repeated ",
    "optional ",
    "required ",
    "oneof x {",
    "map<string, string>",
    "bytes",
    "uint64",
    "reserved 1;",
    "extensions 5 to 10;",
    "import ",
    "message A { ",
    "enum E { A = 0; }",
    "true",
    "false",
    "null",
    "[[",
    "]]",
    "unsigned long long",
    "void",
    "struct x { int a; }",
    "union ",
    "#include <x.h>\n",
    "#define x\n",
    "...",
    "class",
    "namespace",
    "event",
    "object",
    "string",
    "Dispose",
    "Equals",
    "GetType",
    "Finalize",
    "Client",
    "Handle",
    "Parse",
    "_",
    "__",
    "a" * 300,
)


@st.composite
def mutated(draw: st.DrawFn, text: str, most: int = 4) -> str:
    """The text with a few tokens or lines removed, doubled, exchanged, replaced or put in."""
    tokens = _TOKENS.findall(text)
    words = sorted({token for token in tokens if not token.isspace()})
    for _ in range(draw(st.integers(1, most))):
        if not tokens:
            break
        at = draw(st.integers(0, len(tokens) - 1))
        match draw(st.sampled_from(("replace", "word", "put", "remove", "swap", "double", "line", "cut"))):
            case "replace":
                tokens[at] = draw(st.sampled_from(_PIECES))
            case "word":
                tokens[at] = draw(st.sampled_from(words))
            case "put":
                tokens.insert(at, draw(st.one_of(st.sampled_from(_PIECES), st.text(max_size=8))))
            case "remove":
                del tokens[at : at + draw(st.integers(1, 6))]
            case "swap":
                other = draw(st.integers(0, len(tokens) - 1))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case "double":
                end = at + draw(st.integers(1, 40))
                tokens[at:at] = tokens[at:end]
            case "line":
                lines = "".join(tokens).split("\n")
                del lines[draw(st.integers(0, len(lines) - 1))]
                tokens = _TOKENS.findall("\n".join(lines))
            case "cut":
                del tokens[at:]
    return "".join(tokens)
