"""Stand-ins for the system headers that C interfaces include, so that none has to be installed."""

from __future__ import annotations

# Any folder that cannot exist; the files are handed to the parser in memory.
FOLDER = "/gen-bindings-system-headers"

_STDDEF = """\
#pragma once
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#ifndef __cplusplus
typedef __WCHAR_TYPE__ wchar_t;
#endif
typedef struct { long long __ll; long double __ld; } max_align_t;
#ifdef __cplusplus
#define NULL __null
#else
#define NULL ((void *)0)
#endif
#define offsetof(type, member) __builtin_offsetof(type, member)
"""


def _stdint() -> str:
    lines = ["#pragma once"]
    for bits in (8, 16, 32, 64):
        for kind in ("", "_least", "_fast"):
            lines.append(f"typedef __INT{bits}_TYPE__ int{kind}{bits}_t;")
            lines.append(f"typedef __UINT{bits}_TYPE__ uint{kind}{bits}_t;")
        lines.append(f"#define INT{bits}_MIN (-__INT{bits}_MAX__ - 1)")
        lines.append(f"#define INT{bits}_MAX __INT{bits}_MAX__")
        lines.append(f"#define UINT{bits}_MAX __UINT{bits}_MAX__")
        lines.append(f"#define INT{bits}_C(value) __INT{bits}_C(value)")
        lines.append(f"#define UINT{bits}_C(value) __UINT{bits}_C(value)")
    for bits, signed, unsigned in ((8, "", ""), (16, "", ""), (32, "", "U"), (64, "L", "UL")):
        for name, suffix in ((f"__INT{bits}_C", signed), (f"__UINT{bits}_C", unsigned)):
            joined = f"value##{suffix}" if suffix else "value"
            # Newer compilers define these themselves.
            lines.append(f"#ifndef {name}\n#define {name}(value) {joined}\n#endif")
    lines += [
        "typedef __INTPTR_TYPE__ intptr_t;",
        "typedef __UINTPTR_TYPE__ uintptr_t;",
        "typedef __INTMAX_TYPE__ intmax_t;",
        "typedef __UINTMAX_TYPE__ uintmax_t;",
        "#define SIZE_MAX __SIZE_MAX__",
        "#define INTPTR_MIN (-__INTPTR_MAX__ - 1)",
        "#define INTPTR_MAX __INTPTR_MAX__",
        "#define UINTPTR_MAX __UINTPTR_MAX__",
        "#define INTMAX_MIN (-__INTMAX_MAX__ - 1)",
        "#define INTMAX_MAX __INTMAX_MAX__",
        "#define UINTMAX_MAX __UINTMAX_MAX__",
    ]
    return "\n".join(lines) + "\n"


_STDBOOL = """\
#pragma once
#ifndef __cplusplus
#define bool _Bool
#define true 1
#define false 0
#endif
#define __bool_true_false_are_defined 1
"""
_STDARG = """\
#pragma once
typedef __builtin_va_list va_list;
"""
_LIMITS = """\
#pragma once
#define CHAR_BIT 8
#define SCHAR_MIN (-128)
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define CHAR_MIN SCHAR_MIN
#define CHAR_MAX SCHAR_MAX
#define SHRT_MIN (-__SHRT_MAX__ - 1)
#define SHRT_MAX __SHRT_MAX__
#define USHRT_MAX (__SHRT_MAX__ * 2 + 1)
#define INT_MIN (-__INT_MAX__ - 1)
#define INT_MAX __INT_MAX__
#define UINT_MAX (__INT_MAX__ * 2U + 1U)
#define LONG_MIN (-__LONG_MAX__ - 1L)
#define LONG_MAX __LONG_MAX__
#define ULONG_MAX (__LONG_MAX__ * 2UL + 1UL)
#define LLONG_MIN (-__LONG_LONG_MAX__ - 1LL)
#define LLONG_MAX __LONG_LONG_MAX__
#define ULLONG_MAX (__LONG_LONG_MAX__ * 2ULL + 1ULL)
"""
_TYPES = "#pragma once\n#include <stddef.h>\n#include <stdint.h>\ntypedef intptr_t ssize_t;\n"
_STDIO = "#pragma once\n#include <stddef.h>\n#include <stdarg.h>\ntypedef struct _FILE FILE;\n"
_WITH_SIZES = "#pragma once\n#include <stddef.h>\n"

_INTEGERS = (
    *(
        f"{sign}int{kind}{bits}_t"
        for sign in ("", "u")
        for kind in ("", "_least", "_fast")
        for bits in (8, 16, 32, 64)
    ),
    "intptr_t",
    "uintptr_t",
    "intmax_t",
    "uintmax_t",
)


def _std(*names: str) -> str:
    # The parser's interface shows a typedef of a typedef, but not what a using declaration refers to.
    return " ".join(f"typedef ::{name} {name};" for name in names)


_C: dict[str, str] = {
    "stddef.h": _STDDEF,
    "stdint.h": _stdint(),
    "stdbool.h": _STDBOOL,
    "stdarg.h": _STDARG,
    "limits.h": _LIMITS,
    "inttypes.h": "#pragma once\n#include <stdint.h>\n",
    "sys/types.h": _TYPES,
    "unistd.h": _TYPES,
    "stdio.h": _STDIO,
    "stdlib.h": _WITH_SIZES,
    "string.h": _WITH_SIZES,
    "assert.h": "",
    "errno.h": "",
    "float.h": "",
    "math.h": "",
    "stdalign.h": "",
    "stdnoreturn.h": "#define noreturn _Noreturn\n",
}
_CXX: dict[str, str] = {
    "cstddef": "#pragma once\n#include <stddef.h>\n"
    f"namespace std {{ {_std('size_t', 'ptrdiff_t')} typedef decltype(nullptr) nullptr_t; }}\n",
    "cstdint": f"#pragma once\n#include <stdint.h>\nnamespace std {{ {_std(*_INTEGERS)} }}\n",
    "cstdarg": f"#pragma once\n#include <stdarg.h>\nnamespace std {{ {_std('va_list')} }}\n",
    "climits": "#include <limits.h>\n",
    "cinttypes": "#include <cstdint>\n",
    "cstdio": "#include <stdio.h>\n",
    "cstdlib": "#include <cstddef>\n",
    "cstring": "#include <cstddef>\n",
    "cassert": "",
    "cstdbool": "",
    "new": "#include <cstddef>\n",
    "ostream": "#include <cstddef>\n",
    "type_traits": "#include <cstddef>\n",
    "utility": "#include <cstddef>\n",
}


def system_headers(*, cxx: bool) -> list[tuple[str, str]]:
    """Path and text of every stand-in for the language."""
    files = _C | _CXX if cxx else _C
    return [(f"{FOLDER}/{name}", text) for name, text in files.items()]
