"""The functions of the contract, and what header and library disagree about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_schema import BYTES, CALLBACK, CONFIG, DROP, HEADER, REQUEST, SIZE, START, VOID, build, function

from gen_bindings.errors import ConfigError
from gen_bindings.model.abi import CType, Exports, Function, FunctionType, Header, Parameter, Primitive
from gen_bindings.model.binding import EntryPoints

pytestmark = pytest.mark.quick

POINTER = CType(pointee=VOID)
INT32 = CType(primitive=Primitive.INT32)
USER_CALLBACK = CType(
    function=FunctionType(
        VOID, (Parameter("user", POINTER), Parameter("data", BYTES), Parameter("size", SIZE))
    )
)


def points(
    tmp_path: Path,
    *functions: Function,
    base: str = CONFIG,
    config: str = "",
    exports: Exports | None = None,
) -> EntryPoints:
    return build(tmp_path, "", config, base=base, header=Header(functions, ()), exports=exports).entry_points


def test_roles_of_parameters(tmp_path: Path) -> None:
    found = points(tmp_path, START, REQUEST, DROP)
    assert found.initialize is not None
    assert (found.initialize.callback, found.initialize.user_data, found.initialize.options) == (0, None, ())
    assert found.request is not None
    assert (found.request.data, found.request.size, found.request.reply, found.request.reply_size) == (
        0,
        1,
        2,
        3,
    )
    assert (found.request.result, found.request.release) == ("handle", "x_drop")
    assert found.callback is not None
    assert (found.callback.data, found.callback.size, found.callback.user_data) == (0, 1, None)


def test_user_data_status_and_options(tmp_path: Path) -> None:
    start = function(
        "x_start",
        INT32,
        ("level", INT32),
        ("callback", USER_CALLBACK),
        ("user", POINTER),
        ("log_it", CType(primitive=Primitive.BOOL)),
    )
    request = replace(REQUEST, type=replace(REQUEST.type, result=INT32))
    free = function("x_free", VOID, ("reply", POINTER))
    base = CONFIG.replace(
        '[entry_points.initialize]\nfunction = "x_start"',
        '[entry_points.initialize]\nfunction = "x_start"\nfails = true\ndefaults = { log_it = "false" }',
    ).replace(
        'function = "x_request"\nrelease = "x_drop"',
        'function = "x_request"\nrelease = "x_free"\nresult = "status"',
    )
    found = points(tmp_path, start, request, DROP, free, base=base)
    assert found.initialize is not None
    assert (found.initialize.callback, found.initialize.user_data, found.initialize.fails) == (1, 2, True)
    assert found.initialize.options == ((0, "level", ""), (3, "logIt", "false"))
    assert found.callback is not None
    assert (found.callback.user_data, found.callback.data, found.callback.size) == (0, 1, 2)
    assert found.request is not None
    assert (found.request.result, found.request.release) == ("status", "x_free")


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (
            function("x_start", VOID),
            "entry_points.initialize: x_start() has another shape (x.h:1). Expected one parameter that is "
            "a function pointer",
        ),
        (
            function("x_start", VOID, ("callback", USER_CALLBACK)),
            "Expected a void* for the callback's user data right after the callback.",
        ),
        (
            function("x_start", VOID, ("callback", CType(function=FunctionType(VOID, ())))),
            "Expected a callback with a pointer to const bytes, their number, and at most one void* for "
            "user data.",
        ),
        (
            function(
                "x_start",
                VOID,
                (
                    "callback",
                    CType(
                        function=FunctionType(
                            INT32, CALLBACK.function.parameters if CALLBACK.function else ()
                        )
                    ),
                ),
            ),
            "Expected a callback that returns nothing.",
        ),
    ],
)
def test_other_ways_to_start(tmp_path: Path, start: Function, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        points(tmp_path, start, REQUEST, DROP)
    assert message in str(caught.value)


def test_a_start_that_cannot_fail(tmp_path: Path) -> None:
    base = CONFIG.replace('function = "x_start"', 'function = "x_start"\nfails = true')
    with pytest.raises(ConfigError, match=r"Expected an integer status as result, since fails is set"):
        points(tmp_path, START, REQUEST, DROP, base=base)


@pytest.mark.parametrize(
    ("request_function", "message"),
    [
        (
            function("x_request", SIZE, ("data", BYTES), ("len", SIZE)),
            "entry_points.request: x_request(const uint8*, size) has another shape (x.h:1). Expected four "
            "parameters",
        ),
        (
            replace(REQUEST, type=replace(REQUEST.type, result=VOID)),
            "Expected an integer as result: the reply's handle.",
        ),
    ],
)
def test_other_ways_to_request(tmp_path: Path, request_function: Function, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        points(tmp_path, START, request_function, DROP)
    assert message in str(caught.value)


def test_other_ways_to_release(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"entry_points.release: x_drop\(\) has another shape"):
        points(tmp_path, START, REQUEST, function("x_drop", INT32))
    silent = function("x_drop", VOID, ("id", SIZE))
    with pytest.raises(
        ConfigError,
        match=r"Expected a result that says whether the handle was known, or release_answers = false",
    ):
        points(tmp_path, START, REQUEST, silent)
    base = CONFIG.replace('release = "x_drop"\n[entry', 'release = "x_drop"\nrelease_answers = false\n[entry')
    assert points(tmp_path, START, REQUEST, silent, base=base).functions[2].name == "x_drop"


def test_functions_that_no_header_declares(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        points(tmp_path, START, REQUEST)
    assert (
        "entry_points.release: no header declares x_drop. Correct the name, or add its C declaration to "
        "[entry_points.declarations]."
    ) in str(caught.value)
    config = """
[entry_points.declarations]
x_drop = "bool x_drop(uint64_t id);"
x_start = '''void x_start(
    void (*callback)(const uint8_t *data, size_t len), const char *name)'''
"""
    found = points(tmp_path, REQUEST, config=config)
    assert [f.name for f in found.functions] == ["x_request", "x_drop", "x_start"]
    assert found.functions[1].origin == "entry_points.declarations.x_drop"
    assert found.initialize is not None
    assert found.initialize.options == ((1, "name", ""),)


def test_a_declaration_does_not_replace_that_of_the_header(tmp_path: Path) -> None:
    config = '[entry_points.declarations]\nx_drop = "void x_drop(void);"'
    found = points(tmp_path, START, REQUEST, DROP, config=config)
    assert found.functions == (START, REQUEST, DROP)


@pytest.mark.parametrize(
    ("name", "declaration", "message"),
    [
        ("x_more", "void x_more(", "entry_points.declarations.x_more: it is no C declaration: "),
        (
            "x_more",
            "void x_other(void);",
            "entry_points.declarations.x_more: expected the C declaration of x_more",
        ),
        (
            "y_more",
            "void y_more(void);",
            "entry_points.declarations.y_more: the name does not start with entry_points.prefix, x_.",
        ),
    ],
)
def test_wrong_declarations(tmp_path: Path, name: str, declaration: str, message: str) -> None:
    config = f'[entry_points.declarations]\nx_fine = "void x_fine(void);"\n{name} = "{declaration}"'
    with pytest.raises(ConfigError) as caught:
        points(tmp_path, START, REQUEST, DROP, config=config)
    assert message in str(caught.value)


def test_functions_that_are_ignored(tmp_path: Path) -> None:
    more = function("x_more", VOID)
    base = CONFIG.replace('prefix = "x_"', 'prefix = "x_"\nignore = ["x_more"]')
    assert [f.name for f in points(tmp_path, START, REQUEST, DROP, more, base=base).functions] == [
        "x_start",
        "x_request",
        "x_drop",
    ]
    base = CONFIG.replace('prefix = "x_"', 'prefix = "x_"\nignore = ["x_drop"]')
    with pytest.raises(ConfigError, match=r"x_drop is listed in entry_points.ignore as well"):
        points(tmp_path, START, REQUEST, DROP, base=base)


def test_what_header_and_library_disagree_about(tmp_path: Path) -> None:
    exports = Exports("libx.so", "ELF", ("x86_64",), ("x_drop", "x_more", "x_request", "x_start", "y"))
    unused = function("x_unused", VOID)
    binding = build(tmp_path, header=Header((START, REQUEST, DROP, unused), ()), exports=exports)
    assert [(note.code, note.text) for note in binding.notes] == [
        ("GB103", "x.h:1 declares x_unused, but libx.so does not export it."),
        (
            "GB104",
            "libx.so exports x_more, which no header declares; it is left out. Add its C declaration to "
            "[entry_points.declarations] to use it, or list it in entry_points.ignore.",
        ),
    ]
    config = '[entry_points.declarations]\nx_more = "void x_more(void);"'
    binding = build(tmp_path, "", config, exports=exports)
    assert [note.text for note in binding.notes] == [
        "libx.so exports x_more, which no header declares; its signature comes from the configuration, "
        "entry_points.declarations.x_more."
    ]
    base = CONFIG.replace('prefix = "x_"', 'prefix = "x_"\nignore = ["x_more"]')
    assert build(tmp_path, base=base, exports=exports).notes == ()


def test_a_function_in_use_that_the_library_lacks(tmp_path: Path) -> None:
    exports = Exports("libx.so", "ELF", ("x86_64",), ("x_drop", "x_start"))
    with pytest.raises(ConfigError) as caught:
        build(tmp_path, header=HEADER, exports=exports)
    assert "entry_points.request.function: libx.so does not export x_request." in str(caught.value)


def test_an_option_that_the_start_lacks(tmp_path: Path) -> None:
    base = CONFIG.replace('function = "x_start"', 'function = "x_start"\ndefaults = { callbac = "null" }')
    with pytest.raises(
        ConfigError,
        match=r"entry_points.initialize.defaults.callbac: x_start has no such parameter; it has none.",
    ):
        points(tmp_path, START, REQUEST, DROP, base=base)
