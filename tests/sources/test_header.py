"""Reading headers: the real C++ one, plain C, types, constants, and what cannot be represented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import CType, Function, Header, Primitive
from gen_bindings.sources.header import read_headers
from gen_bindings.sources.locate import locate

pytestmark = pytest.mark.quick

Write = Callable[[str, str], Path]


def only(header: Header) -> Function:
    (function,) = header.functions
    return function


def types(function: Function) -> list[str]:
    return [str(p.type) for p in function.type.parameters]


def test_the_real_header() -> None:
    path = locate("python:livekit/rtc/resources/livekit_ffi.h", Path())
    header = read_headers([path], "livekit_ffi_")

    request, drop = header.functions
    assert (request.name, str(request.type.result), request.type.result.alias) == (
        "livekit_ffi_request",
        "uint64",
        "FfiHandleId",
    )
    assert [p.name for p in request.type.parameters] == ["data", "len", "res_ptr", "res_len"]
    assert types(request) == ["const uint8*", "size", "const uint8**", "size*"]
    assert drop.name == "livekit_ffi_drop_handle"
    assert drop.type.result == CType(primitive=Primitive.BOOL)
    assert drop.type.parameters[0].type == CType(primitive=Primitive.UINT64, alias="FfiHandleId")
    assert [(c.name, c.value) for c in header.constants] == [("INVALID_HANDLE", 0)]
    assert header.constants[0].type == CType(primitive=Primitive.UINT64, const=True, alias="FfiHandleId")
    lines = path.read_text().splitlines()
    for function in header.functions:
        file, _, line = function.origin.rpartition(":")
        assert file == str(path)
        assert f"{function.name}(" in lines[int(line) - 1]


PLAIN_C = """
#ifndef ENGINE_H
#define ENGINE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef struct engine engine_t;
typedef uint32_t engine_id;
typedef engine_id engine_ref;
typedef enum { ENGINE_OFF, ENGINE_ON = 5 } engine_state;
/** Told about everything. */
typedef void (*engine_callback)(void *user_data, const uint8_t *data, size_t length);

/**
 * Opens an engine.
 *   Twice is fine.
 */
int32_t engine_open(engine_ref which, engine_callback on_event, void *user_data, engine_t **out);
/// Closes it.
/// Really.
void engine_close(engine_t *engine);
bool engine_start(const engine_t *engine, engine_state state);
FILE *engine_log(void);
/* Not a documentation comment. */
const char *engine_name(void);

#ifdef __cplusplus
}
#endif
#endif
"""


def test_a_plain_c_header(write: Write) -> None:
    header = read_headers([write("engine.h", PLAIN_C)], "engine_")
    open_, close, start, log, name = header.functions

    assert open_.doc == "Opens an engine.\n  Twice is fine."
    assert types(open_) == ["uint32", "void (*)(void*, const uint8*, size)", "void*", "struct engine**"]
    which, callback, _, out = (p.type for p in open_.type.parameters)
    assert which.alias == "engine_ref"
    assert callback.alias == "engine_callback"
    assert callback.function is not None
    assert [p.name for p in callback.function.parameters] == ["user_data", "data", "length"]
    assert out.pointee is not None
    assert out.pointee.pointee == CType(opaque="engine", alias="engine_t")
    assert close.doc == "Closes it.\nReally."
    assert types(start) == ["const struct engine*", "uint32"]
    assert start.type.parameters[1].type.alias == "engine_state"
    assert str(log.type.result) == "struct _FILE*"
    assert (str(name.type.result), name.doc) == ("const char*", "")
    assert [(c.name, c.value) for c in header.constants] == [("ENGINE_OFF", 0), ("ENGINE_ON", 5)]
    assert header.constants[1].type == CType(primitive=Primitive.UINT32, alias="engine_state")


def test_the_same_header_with_a_cxx_name(write: Write) -> None:
    c = read_headers([write("engine.h", PLAIN_C)], "engine_")
    cxx = read_headers([write("engine.hpp", PLAIN_C)], "engine_")
    assert [str(f.type) for f in c.functions] == [str(f.type) for f in cxx.functions]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("bool", "bool"),
        ("_Bool", "bool"),
        ("char", "char"),
        ("signed char", "int8"),
        ("unsigned char", "uint8"),
        ("short", "int16"),
        ("unsigned short", "uint16"),
        ("int", "int32"),
        ("unsigned", "uint32"),
        ("long", "long"),
        ("unsigned long", "ulong"),
        ("long long", "int64"),
        ("unsigned long long", "uint64"),
        ("int8_t", "int8"),
        ("uint16_t", "uint16"),
        ("int32_t", "int32"),
        ("int64_t", "int64"),
        ("uint64_t", "uint64"),
        ("uint_least32_t", "uint32"),
        ("intmax_t", "int64"),
        ("size_t", "size"),
        ("uintptr_t", "size"),
        ("ssize_t", "ssize"),
        ("ptrdiff_t", "ssize"),
        ("intptr_t", "ssize"),
        ("float", "float"),
        ("double", "double"),
        ("const double", "const double"),
        ("const char *const", "const char* const"),
        ("int values[4]", "int32*"),
        ("const char *names[]", "const char**"),
        ("void (*done)(bool)", "void (*)(bool)"),
        ("void (*(*nested)(int))(long)", "void (*)(long) (*)(int32)"),
        ("struct later *", "struct later*"),
        ("union either *", "struct either*"),
        ("enum colour", "uint32"),
    ],
)
def test_types(write: Write, written: str, expected: str) -> None:
    name = "" if any(mark in written for mark in ("[", "(")) else " x"
    text = (
        "#include <stdbool.h>\n#include <stdint.h>\n#include <sys/types.h>\n"
        f"enum colour {{ RED }};\nvoid f({written}{name});\n"
    )
    assert types(only(read_headers([write("t.h", text)], None))) == [expected]


def test_a_function_type_decays_and_keeps_its_name(write: Write) -> None:
    text = (
        "typedef int done(int code);\n"
        "void f(done by_name, done *by_pointer, void (*in_place)(int a, void (*deep)(char b)));\n"
    )
    by_name, by_pointer, in_place = (
        p.type for p in only(read_headers([write("t.h", text)], None)).type.parameters
    )
    assert str(by_name) == str(by_pointer) == "int32 (*)(int32)"
    assert by_name.alias == by_pointer.alias == "done"
    assert in_place.function is not None
    code, deep = in_place.function.parameters
    assert (code.name, deep.name) == ("a", "deep")
    assert deep.type.function is not None
    assert deep.type.function.parameters[0].name == "b"


def test_the_width_comes_from_the_name_not_the_target(write: Write) -> None:
    # The header brings its own definitions, as embedded ones do.
    text = (
        "typedef unsigned long uint64_t;\ntypedef unsigned long size_t;\ntypedef uint64_t id;\n"
        "id f(uint64_t a, size_t b, unsigned long c);\n"
    )
    function = only(read_headers([write("t.h", text)], None))
    assert types(function) == ["uint64", "size", "ulong"]
    assert function.type.result == CType(primitive=Primitive.UINT64, alias="id")


def test_cxx_names_of_standard_types(write: Write) -> None:
    text = (
        "#include <cstdint>\n#include <cstddef>\nnamespace api {\nusing Id = std::uint64_t;\n"
        'extern "C" void f(std::size_t a, const std::uint8_t *b, Id c);\n}\n'
    )
    assert types(only(read_headers([write("t.h", text)], None))) == ["size", "const uint8*", "uint64"]


def test_constants(write: Write) -> None:
    text = """
#include <stdint.h>
#define GUARD
#define FIRST 1
/** The mask. */
#define MASK (0xFFu << 24)
/// What is invalid.
#define INVALID UINT64_MAX
#define NEGATIVE (-FIRST - 1)
#define LETTER 'a'
#define CAST ((uint8_t)300)
#define BITS (UINT32_C(1) << 31)
#define TEXT "no"
#define REAL 1.5
#define TYPE uint32_t
#define CALL(x) (x)
#define EMPTY() 3
#define UNKNOWN (somewhere + 1)
#define ATTRIBUTE __attribute__((unused))
#define BODY { 1 }
#define GONE 9
#undef GONE
static const uint32_t fixed = 7;
static const char *const word = "x";
static const double real = 2.5;
enum { LOOSE = 40 };
enum big { TOP = 0xFFFFFFFF };
#define LAST (fixed_size + 0)
enum { fixed_size = 3 };
"""
    header = read_headers([write("c.h", text)], "x_")
    assert {c.name: c.value for c in header.constants} == {
        "FIRST": 1,
        "MASK": 0xFF000000,
        "INVALID": 2**64 - 1,
        "NEGATIVE": -2,
        "LETTER": 97,
        "CAST": 44,
        "BITS": 1 << 31,
        "fixed": 7,
        "LOOSE": 40,
        "TOP": 0xFFFFFFFF,
        "LAST": 3,
        "fixed_size": 3,
    }
    assert [c.name for c in header.constants] == [
        *("FIRST", "MASK", "INVALID", "NEGATIVE", "LETTER", "CAST", "BITS"),
        *("fixed", "LOOSE", "TOP", "LAST", "fixed_size"),
    ]
    by_name = {c.name: c for c in header.constants}
    assert by_name["MASK"].doc == "The mask."
    assert by_name["INVALID"].doc == "What is invalid."
    assert by_name["NEGATIVE"].doc == ""
    assert by_name["fixed"].type == CType(primitive=Primitive.UINT32, const=True)
    assert by_name["LOOSE"].type == CType(primitive=Primitive.UINT32)
    assert by_name["FIRST"].origin.endswith("c.h:4")


def test_cxx_constants(write: Write) -> None:
    text = """
#include <cstdint>
namespace api {
constexpr static const uint64_t LIMIT = UINT64_C(1) << 63;
constexpr int computed(int x) { return x * 2; }
constexpr int DOUBLED = computed(21);
enum class Kind : uint8_t { Small = 200 };
enum Old : uint64_t { HUGE = 0xFFFFFFFFFFFFFFFF };
}
"""
    header = read_headers([write("c.h", text)], None)
    assert {c.name: c.value for c in header.constants} == {
        "api::LIMIT": 1 << 63,
        "api::DOUBLED": 42,
        "api::Kind::Small": 200,
        "api::HUGE": 2**64 - 1,
    }
    kind = next(c for c in header.constants if c.name == "api::Kind::Small")
    assert kind.type == CType(primitive=Primitive.UINT8, alias="Kind")
    huge = next(c for c in header.constants if c.name == "api::HUGE")
    assert huge.type == CType(primitive=Primitive.UINT64, alias="Old")
    assert header.functions == ()


def test_only_the_prefix_counts(write: Write) -> None:
    text = """
struct big { int a; };
struct big other_by_value(void);
void other_print(const char *format, ...);
extern int other_variable;
void mine_go(void);
static inline int mine_inline(void) { return 1; }
"""
    path = write("t.h", text)
    assert [f.name for f in read_headers([path], "mine_").functions] == ["mine_go"]
    with pytest.raises(SourceError, match="other_by_value"):
        read_headers([path], None)


def test_included_headers_belong_but_system_headers_do_not(write: Write) -> None:
    write("inner/types.h", "#define INNER 4\ntypedef unsigned id;\nvoid inner_call(id i);\n")
    path = write(
        "outer.h",
        "#include <stdlib.h>\n#include <stdint.h>\n"
        '#include "inner/types.h"\n#define OUTER 5\nvoid outer_call(id i);\n',
    )
    header = read_headers([path], None)
    assert [f.name for f in header.functions] == ["inner_call", "outer_call"]
    assert [c.name for c in header.constants] == ["INNER", "OUTER"]
    assert header.functions[0].origin == f"{path.parent}/inner/types.h:3"
    assert [p.type.alias for p in header.functions[1].type.parameters] == ["id"]


def test_several_headers(write: Write) -> None:
    first = write("a.h", "void a(int x);\nvoid shared(int);\n#define A 1\n")
    second = write("b.h", '#include "a.h"\nvoid b(void);\nvoid shared(int again);\n#define B 2\n')
    header = read_headers([first, second], None)
    assert [f.name for f in header.functions] == ["a", "shared", "b"]
    assert [c.name for c in header.constants] == ["A", "B"]


def test_headers_that_disagree(write: Write) -> None:
    first = write("a.h", "\nvoid shared(int);\n")
    second = write("b.h", "void shared(long);\n")
    with pytest.raises(SourceError) as caught:
        read_headers([first, second], None)
    assert str(caught.value) == (
        f"{second}:1: shared is declared as void (*)(long), but {first}:2 declares it as void (*)(int32). "
        "Make the headers agree."
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("void f(struct s x);", "f: the parameter x is the struct s by value"),
        ("struct s f(void);", "f: the result is the struct s by value"),
        ("void f(union u);", "f: the parameter 1 is the union u by value"),
        ("void f(struct s *x);", "f: the parameter x points to the struct s, whose fields"),
        ("void f(struct s x[3]);", "f: the parameter x points to the struct s, whose fields"),
        ("void f(struct bits *x);", "f: the parameter x points to the struct bits, whose fields"),
        ("void f(union u *x);", "f: the parameter x points to the union u, whose fields"),
        ("void f(const char *x, ...);", "f is variadic"),
        ("void f(void (*x)(int, ...));", "f: the parameter x is variadic"),
        ("void f(x_callback cb);", "f: the parameter cb is variadic"),
        ("void f(long double x);", "f: the parameter x has the type long double, which has another size"),
        ("void f(wchar_t x);", "f: the parameter x has the type wchar_t, which has another size"),
        ("void f(int_fast16_t x);", "f: the parameter x has the type int_fast16_t, which has another size"),
        ("void f(va_list x);", "f: the parameter x has the type va_list, which is a variable argument list"),
        ("void f(v4 x);", "f: the parameter x has the type"),
        ("void f(float _Complex x);", "which is a complex number"),
        ("void f(__int128 x);", "f: the parameter x has the type __int128, which has no counterpart"),
        ("void f(int (*x)[4]);", "f: the parameter x has the type int[4] behind a pointer, an array"),
        ("void f(void (*cb)(struct s x));", "f: the parameter cb, its parameter x is the struct s by value"),
        ("void f(void (*cb)(void (*in)(long double)));", "which has another size on other platforms"),
        ("void f(s_callback cb);", "f: the parameter cb, its result is the struct s by value"),
        ("extern int f;", "f is an exported variable"),
    ],
)
def test_what_bindings_cannot_represent(write: Write, line: str, found: str) -> None:
    text = (
        "#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n"
        "struct s { int a; }; union u { int a; float b; }; struct bits { int a : 3; };\n"
        "typedef float v4 __attribute__((vector_size(16))); typedef struct s (*s_callback)(void); "
        "typedef void x_callback(int, ...);\n"
        "\n" + line + "\n"
    )
    path = write("t.h", text)
    with pytest.raises(SourceError) as caught:
        read_headers([path], "f")
    message = str(caught.value)
    assert found in message
    assert "bindings cannot represent that" in message
    # A type that a typedef hides is blamed where the typedef is.
    assert message.startswith(f"{path}:{5 if 'callback' in line or 'v4' in line else 7}: ")
    # Nobody asked for this one.
    assert read_headers([path], "other_").functions == ()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("void f(int x);", 'f is a C++ function outside extern "C"'),
        ('extern "C" void f(int &x);', "f: the parameter x has the type int &, which is a C++ reference"),
        ('extern "C" void f(thing *x);', "f: the parameter x points to the class thing, whose fields"),
        ('extern "C" void f(thing x);', "f: the parameter x is the class thing by value"),
        ("template <typename T> void f(T x);", "f is a template"),
        ('extern "C" void f(wchar_t x);', "f: the parameter x has the type wchar_t"),
        (
            'extern "C" void f(borrowed x);',
            "f: the parameter x has the type n::borrowed, which is reached by a using",
        ),
    ],
)
def test_what_cxx_adds_to_that(write: Write, line: str, found: str) -> None:
    path = write(
        "t.h",
        "class thing { int a; };\nnamespace n { using borrowed = long; }\nusing n::borrowed;\n" + line + "\n",
    )
    with pytest.raises(SourceError) as caught:
        read_headers([path], None)
    assert str(caught.value).startswith(f"{path}:4: {found}")


def test_missing_header(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_headers([tmp_path / "no.h"], None)
    assert str(caught.value) == (
        f"The header {tmp_path}/no.h cannot be read: No such file or directory. "
        "Correct its path in the configuration."
    )


def test_a_header_that_does_not_parse(write: Write) -> None:
    path = write("t.h", "void fine(void);\nvoid broken(unknown_t x);\nint 5;\n")
    with pytest.raises(SourceError) as caught:
        read_headers([path], None)
    assert str(caught.value) == (
        f"{path}:2:13: the header does not parse: unknown type name 'unknown_t'. Correct the header, or give "
        "one that a C or C++17 compiler accepts on its own.\n"
        f"{path}:3:5: expected identifier or '('"
    )


def test_a_cxx_header_is_judged_as_cxx(write: Write) -> None:
    path = write("t.h", 'using Id = int;\nextern "C" {\nId fine();\nLost broken();\n}\n')
    with pytest.raises(SourceError, match=r"t\.h:4:1: the header does not parse: unknown type name 'Lost'"):
        read_headers([path], None)


def test_an_include_that_is_missing(write: Write) -> None:
    path = write("t.h", '#include "lost.h"\n')
    with pytest.raises(SourceError) as caught:
        read_headers([path], None)
    assert str(caught.value) == (
        f"{path}:1:10: the header does not parse: 'lost.h' file not found. Put that file beside the header; "
        "of system headers only those of C's interface types are known."
    )


def test_an_error_in_an_included_header_is_placed_there(write: Write) -> None:
    inner = write("inner.h", "\nnonsense\n")
    with pytest.raises(SourceError) as caught:
        read_headers([write("t.h", '#include "inner.h"\n')], None)
    assert str(caught.value).startswith(f"{inner}:2:1: the header does not parse: ")
