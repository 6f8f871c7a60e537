"""Breaks clean C# one thing at a time, at every place where an operator applies.

An operator is a pattern, what it becomes, and the checks of which one must report the result. Operators
work on text, so that a mutant is what a person could have written; each place gives one mutant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gen_bindings.validate.collect import Source


@dataclass(frozen=True)
class Operator:
    """What is broken, and which ids may report it."""

    name: str
    pattern: str
    becomes: str
    expected: frozenset[str]
    files: str = ""


@dataclass(frozen=True)
class Mutant:
    """All sources, one of them with one break."""

    operator: Operator
    place: str
    sources: tuple[Source, ...]


def _ids(*ids: str) -> frozenset[str]:
    return frozenset(ids)


_LOST = _ids("GB201", "GB202", "GB204", "GB205", "GB206", "GB212", "GB213", "GB301", "GB302", "GB606")

_EVENT = (
    r"case RoomEvent\.MessageOneofCase\.(?:ParticipantConnected|TrackPublished|TrackSubscribed"
    r"|DataPacketReceived|ByteStreamOpened|TextStreamOpened|DataTrackPublished|LocalTrackRepublished)"
    r"[^:\n]*:(?:(?!case RoomEvent)[\s\S])*?break;(?:\s*\})?(?=\s*case RoomEvent)"
)

OWNERSHIP = (
    Operator("remove a Dispose", r"^[ \t]*(?!base|NativeMethods)[\w.]+\??\.Dispose\(\);[ \t]*$", ";", _LOST),
    Operator("remove a Dispose written as an expression", r"=> (_?[hH]andle)\.Dispose\(\);", "{ }", _LOST),
    Operator("remove a wrap", r"(?<=[=(] )?FfiHandle\.FromOwned\(([\w.]+)\)(?=;)", "null", _LOST),
    Operator(
        "drop the wrapper of a temporary",
        r"using \((FfiHandle\.FromOwned\([^)]*\))\)",
        r"if (\1 != null)",
        _LOST,
    ),
    Operator("remove a using", r"using \(var (\w+) = ([^\n]*)\)$", r"var \1 = \2;", _LOST),
    Operator("remove an unsubscription", r"^[ \t]*FfiClient\.Instance\.\w+ -= [^\n]*$", "", _ids("GB402")),
    Operator("remove an override's base call", r"^[ \t]*base\.Dispose\([^\n]*$", "", _ids("GB306", "GB301")),
    Operator("remove the cascade's call", r"^[ \t]*Cleanup\(\);[ \t]*$", "", _LOST),
    Operator(
        "ignore an event",
        _EVENT,
        "",
        _LOST,
    ),
    Operator("ignore the panic", r"case FfiEvent\.MessageOneofCase\.Panic:[\s\S]*?break;", "", _ids("GB406")),
    Operator(
        "ignore the server's ending",
        r"case RoomEvent\.MessageOneofCase\.Disconnected:[\s\S]*?break;",
        "",
        _ids("GB302"),
    ),
    Operator("forget that a handle was taken", r"^[ \t]*_handle\.MarkTaken\(\);[ \t]*$", "", _ids("GB213")),
    Operator(
        "release the parent first",
        r"(LocalParticipant\?\.Dispose\(\);)(\s*)(_handle\?\.Dispose\(\);)",
        r"\3\2\1",
        _ids("GB303"),
    ),
    Operator(
        "use a local delegate",
        r"Initialize\(s_callback,",
        "Initialize(new EventCallback(OnNativeEvent),",
        _ids("GB401"),
    ),
    Operator(
        "let exceptions out", r"catch \(Exception error\)", "catch (ArgumentException error)", _ids("GB405")
    ),
    Operator("remove MonoPInvokeCallback", r"\[MonoPInvokeCallback\([^\n]*\]", "", _ids("GB601")),
    Operator(
        "remove the reload hook",
        r"^[ \t]*AssemblyReloadEvents\.beforeAssemblyReload \+= [^\n]*$",
        "",
        _ids("GB602"),
    ),
    Operator("remove the quit hook", r"^[ \t]*Application\.quitting \+= [^\n]*$", "", _ids("GB603")),
    Operator("never end the library", r"^[ \t]*NativeMethods\.Dispose\(\);[ \t]*$", "", _ids("GB404")),
    Operator("remove the play mode reset", r"\[RuntimeInitializeOnLoadMethod\([^\n]*\]", "", _ids("GB607")),
    Operator(
        "wrap what is borrowed",
        r"message\.StreamHandle != _handle\.Id",
        "new FfiHandle(message.StreamHandle).IsInvalid",
        _ids("GB207", "GB204"),
    ),
)

RAW_IDS = (
    Operator("remove a release", r"^[ \t]*Lib\.Free(?:Now)?\([^\n]*\);[ \t]*$", ";", _LOST),
    Operator("keep no id", r"^[ \t]*_(?:room|me) = [^\n]*$", "", _LOST),
    Operator("keep no message", r"^[ \t]*_tracks\.Enqueue[^\n]*$", "", _LOST),
    Operator(
        "lose the loop", r"^[ \t]*Lib\.FreeNow\(_tracks\.Dequeue\(\)[^\n]*$", "_tracks.Dequeue();", _LOST
    ),
    Operator("ignore an event", _EVENT, "", _LOST),
    Operator(
        "ignore the server's ending",
        r"case RoomEvent\.MessageOneofCase\.Eos:[\s\S]*?break;",
        "",
        _ids("GB302"),
    ),
    Operator("release again and again", r"^[ \t]*id = 0;[ \t]*$", "", _ids("GB305")),
)

GENERATED = (
    Operator("release no answer", r"^[ \t]*reply\.Release\(\);[ \t]*$", "", _ids("GB201", "GB211")),
    Operator("release no answer at once", r"\)\.Release\(\);", ");", _ids("GB201", "GB211")),
    Operator("give no reference back", r"^[ \t]*[\w.]+\.DangerousRelease\(\);[ \t]*$", "", _ids("GB210")),
    Operator("take no reference", r"^[ \t]*[\w.]+\.DangerousAddRef\([^\n]*$", "", _ids("GB210")),
    Operator(
        "remove a Dispose",
        r"^[ \t]*[A-Za-z_.]+\??\.Dispose\(\);[ \t]*$",
        "",
        _LOST | _ids("GB407"),
    ),
    Operator("remove a using", r"using \((HandleBag \w+ = new [^\n]*)\)$", r"\1;", _LOST),
    Operator("make no object of a handle", r"= new \w+\(client, handle, message\);", "= null;", _LOST),
    Operator("attach to nothing", r"^[ \t]*\w+\.AttachTo\([^\n]*$", "", _LOST),
    Operator(
        "release without the library",
        r"(?<=\{\n            return )NativeMethods\.\w+\(id\)(?: != 0)?;",
        "true;",
        _LOST,
        "Handles/",
    ),
    Operator(
        "no wrapper for a kind", r"^ *case HandleKind\.\w+:\s*return new \w+\(id\);$", "", _LOST, "Handles/"
    ),
    Operator("forget that a handle was taken", r"^[ \t]*[\w.]*MarkTaken\(\);[ \t]*$", "", _ids("GB213")),
    Operator("wrap nothing", r"= NativeHandles\.Create\(kind, id\);", "= null;", _LOST),
    Operator(
        "drop no answer", r"^[ \t]*NativeMethods\.\w+_drop_handle\(buffer\);[ \t]*$", "", _LOST, "Client/"
    ),
    Operator("ignore the end", r"^[ \t]*[\w.]+\.(?:NoMoreEvents|End)\(\);[ \t]*$", "", _LOST),
    Operator(
        "release nothing where closing fails",
        r"(?<=\}\n\n            return )NativeMethods\.\w+\(id\)(?: != 0)?;",
        "true;",
        _LOST,
        "Handles/",
    ),
    Operator("discard nothing", r"^[ \t]*(?:\w+\.)?Discard\(\);[ \t]*$", "", _LOST),
    Operator("remove an override's base call", r"^[ \t]*base\.Dispose\([^\n]*$", "", _ids("GB306", "GB301")),
    Operator("remove MonoPInvokeCallback", r"\[AOT\.MonoPInvokeCallback\([^\n]*\]", "", _ids("GB601")),
)

ABI = (
    Operator(
        "another width: ulong to uint",
        r"\bulong(?= (?:handle|handleId|Request|livekit_ffi_request)\b)",
        "uint",
        _ids("GB112"),
    ),
    Operator(
        "another width: size_t as int",
        r"\bUIntPtr(?= (?:length|len)\b)",
        "int",
        _ids("GB112", "GB113", "GB125"),
        "NativeMethods",
    ),
    Operator(
        "another width: out size_t",
        r"(?:out UIntPtr|UIntPtr\*)(?= (?:replyLength|resLen)\b)",
        "out uint",
        _ids("GB112", "GB113"),
    ),
    Operator("bool of four bytes (result)", r"\[return: MarshalAs\(UnmanagedType\.U1\)\]", "", _ids("GB116")),
    Operator(
        "bool of four bytes (parameter)", r"\[MarshalAs\(UnmanagedType\.U1\)\] (?=bool)", "", _ids("GB116")
    ),
    Operator("byte to bool", r"\bbyte(?= (?:captureLogs|livekit_ffi_drop_handle)\b)", "bool", _ids("GB116")),
    Operator("string without encoding", r"\[MarshalAs\(UnmanagedType\.LPUTF8Str\)\] ", "", _ids("GB117")),
    Operator("missing entry point", r'"livekit_ffi_(\w+)"', r'"livekit_ffi_\1_v2"', _ids("GB101", "GB102")),
    Operator("one parameter less", r"byte\* data, UIntPtr (?:length|len), ", "byte* data, ", _ids("GB110")),
    Operator("one parameter more", r"\(ulong (handle|handleId)\)", r"(ulong \1, int extra)", _ids("GB110")),
    Operator(
        "void result", r"extern (?:unsafe )?(?:ulong|bool|byte)(?= )", "extern unsafe void", _ids("GB111")
    ),
    Operator("result where there is none", r"extern void", "extern int", _ids("GB111")),
    Operator("StdCall", r"CallingConvention\.Cdecl(?=,)", "CallingConvention.StdCall", _ids("GB120")),
    Operator("bare delegate", r"\[UnmanagedFunctionPointer\([^\n]*\]", "", _ids("GB125")),
    Operator(
        "callback with less parameters",
        r"\(IntPtr data, UIntPtr length\)(?=;)",
        "(IntPtr data)",
        _ids("GB125"),
    ),
    Operator("static library by name on iOS", r'"__Internal"', '"livekit_ffi"', _ids("GB604")),
    Operator("another library name", r'"livekit_ffi"(?=;)', '"livekit_ffi_v1"', _ids("GB126")),
    Operator("pointer by value", r"byte\*(?= data)", "long", _ids("GB113", "GB115"), "NativeMethods"),
    Operator("out to by value", r"out byte\*(?= reply)", "byte*", _ids("GB119")),
    Operator("callback as number", r"\bEventCallback(?= callback)", "int", _ids("GB125")),
)


def mutants(sources: tuple[Source, ...], operators: tuple[Operator, ...]) -> Iterator[Mutant]:
    """Every mutant of every operator, in a stable order."""
    for operator in operators:
        for position, source in enumerate(sources):
            if operator.files not in source.path:
                continue
            text = source.text.decode()
            for match in re.finditer(operator.pattern, text, re.MULTILINE):
                line = text.count("\n", 0, match.start()) + 1
                broken = text[: match.start()] + match.expand(operator.becomes) + text[match.end() :]
                changed = (
                    *sources[:position],
                    Source(source.path, broken.encode()),
                    *sources[position + 1 :],
                )
                name = source.path.rpartition("/")[2]
                yield Mutant(operator, f"{name}:{line}", changed)
