"""``bindings.toml`` as typed data: what no schema shows.

Every entry below is a table of the file; the attribute docs are the configuration reference
(``docs/configuration.md`` is checked against them). Names of messages may be short
(``ConnectCallback``) or full (``acme.v1.ConnectCallback``); paths are ``Message.field.field``.
An entry that names something the schema lacks is an error, unless its ``where`` names something that the
schema lacks as well: then the entry is for another version of the library. So is a name in a list of kinds,
operations, events or fields, in ``state`` and in ``handshake`` that ends in ``?`` and that the schema lacks.
Which versions there are is said in ``[[input.versions]]``; one of them must have it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from gen_bindings.config.table import Table
from gen_bindings.config.unity import UnityTable
from gen_bindings.config.validate import ValidateTable


class BindingTable(Table, frozen=True, kw_only=True):
    """``[binding]``: what the output is called.

    Attributes:
        name: prefix of the client's class: ``Acme`` gives ``AcmeClient``.
        namespace: C# namespace of everything that is emitted.
    """

    name: str
    namespace: str


class InputTable(Table, frozen=True, kw_only=True):
    """``[input]``: what to read.

    Paths are relative to the configuration file; ``python:pkg/file`` is a file of an installed package.

    Attributes:
        proto: ``.proto`` files.
        include: folders in which their imports are looked up.
        descriptor_set: a serialized FileDescriptorSet instead.
        module: an importable Python module with descriptors instead (``acme.ffi_pb2``).
        module_path: folders searched before the installed packages, for ``module`` and ``python:`` files.
        headers: C headers of the entry points.
        library: the compiled library, for its export table; may be left out.
        import_name: name for ``[DllImport]``, without prefix and suffix of the platform.
        versions: further versions of the library that the configuration is for.
    """

    proto: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    descriptor_set: str | None = None
    module: str | None = None
    module_path: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    library: str | None = None
    import_name: str
    versions: tuple[VersionTable, ...] = ()


class VersionTable(Table, frozen=True, kw_only=True):
    """``[[input.versions]]``: a version of the library; what an entry leaves out is as in ``[input]``.

    ``--version NAME`` reads it in place of ``[input]``. A ``where``, or a name with a ``?``, that neither
    ``[input]`` nor any version has is an error.

    Attributes:
        name: what it is called (``1.4.2``).
        proto: see ``[input]``; an entry that names one of ``proto``, ``descriptor_set`` and ``module`` has no
            other.
        include: folders in which their imports are looked up.
        descriptor_set: a serialized FileDescriptorSet.
        module: an importable Python module with descriptors.
        module_path: folders searched before the installed packages.
        headers: C headers of the entry points.
        library: the compiled library.
    """

    name: str
    proto: tuple[str, ...] | None = None
    include: tuple[str, ...] | None = None
    descriptor_set: str | None = None
    module: str | None = None
    module_path: tuple[str, ...] | None = None
    headers: tuple[str, ...] | None = None
    library: str | None = None


POINTER_SUFFIXES = ("_ptr", "_pointer", "_address")


class ProtocolTable(Table, frozen=True, kw_only=True):
    """``[protocol]``: the conventions of the messages.

    Attributes:
        request: envelope message of requests; its oneof's cases are the operations.
        response: envelope message of the immediate answers.
        event: envelope message of what the native side sends by itself.
        owned_handle: message type that holds an owned handle, ``id_field`` its field.
        owned_prefix: stripped from the name of a message with an owned handle to name the kind.
        request_suffix: with ``response_suffix`` and ``callback_suffix`` pairs ``XRequest``, ``XResponse``,
            ``XCallback``.
        borrowed_suffixes: integer fields that end so name a handle that stays the owner's.
        async_id: integer field that names an asynchronous operation in its response and callback.
        request_async_id: request field for an id that the client chooses, where a request has one.
        error_fields: fields of an answer that mean "failed" when set.
        pointer_suffixes: integer fields that end so hold an address; what is there is called without it.
        facts_suffix: end of the names of messages with an object's facts (``TrackInfo``); what a caller fills
            for one is called without it, and a field called only so is named after its object.
    """

    request: str
    response: str
    event: str
    owned_handle: str
    id_field: str = "id"
    owned_prefix: str = "Owned"
    request_suffix: str = "Request"
    response_suffix: str = "Response"
    callback_suffix: str = "Callback"
    borrowed_suffixes: tuple[str, ...] = ("_handle",)
    async_id: str = "async_id"
    request_async_id: str = "request_async_id"
    error_fields: tuple[str, ...] = ("error",)
    pointer_suffixes: tuple[str, ...] = POINTER_SUFFIXES
    facts_suffix: str = "Info"


class InitializeTable(Table, frozen=True, kw_only=True):
    """``[entry_points.initialize]``: the function that starts the library.

    Attributes:
        function: its name.
        fails: its result is a status, 0 means success.
        defaults: C# defaults of its parameters other than the callback (``capture_logs = "false"``).
    """

    function: str
    fails: bool = False
    defaults: dict[str, str] = {}


class RequestTable(Table, frozen=True, kw_only=True):
    """``[entry_points.request]``: the function that takes a request.

    Attributes:
        function: its name.
        result: ``handle``: it returns the response buffer's handle, 0 is failure; ``status``: 0 is success.
        release: gives the response buffer back; with ``handle`` it takes the result, with ``status`` the
            pointer.
    """

    function: str
    result: Literal["handle", "status"] = "handle"
    release: str


class EntryPointsTable(Table, frozen=True, kw_only=True):
    """``[entry_points]``: the C functions and their roles.

    Attributes:
        prefix: entry points start so; others in header or library are not ours.
        release: function that releases a handle of any kind that names no other.
        release_answers: its result says whether the handle was known.
        dispose: function that shuts the library down.
        error_text: function that returns the text of the last error.
        declarations: C declarations of entry points that the library exports and the header lacks, by name.
        ignore: entry points that are not part of the contract.
    """

    prefix: str
    initialize: InitializeTable | None = None
    request: RequestTable | None = None
    release: str
    release_answers: bool = True
    dispose: str | None = None
    error_text: str | None = None
    declarations: dict[str, str] = {}
    ignore: tuple[str, ...] = ()


class RoleTable(Table, frozen=True, kw_only=True):
    """``[kinds.KIND.roles.NAME]``: a way of being of a kind with a class of its own.

    Attributes:
        acquired: paths of the handles that are of this role.
        borrowed: request fields, handles or keys, that only take this role.
        operations: operations that only this role has.
        deliveries: events that only concern this role.
    """

    acquired: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    deliveries: tuple[str, ...] = ()


class KindTable(Table, frozen=True, kw_only=True):
    """``[kinds.KIND]``: what the schema does not show of a kind of handle.

    Attributes:
        name: C# class, where the kind's name is not good.
        parents: kinds under which its objects stand, best first. None: the receiver of the operation that
            brings it, or the client.
        lifetime: ``tree`` (default), ``claimed`` (released when the dispatch ends unless kept) or ``frame``.
        key: field of the info message that names an object of the kind in events and operations.
        references: string fields that hold such a key: a field name, a pattern with ``*``, or
            ``Message.field``.
        borrowed: integer fields that name a handle of this kind: a field name or ``Message.field``.
        release: function that releases it, where it is not the common one.
        self_released: the library may release it by itself.
        close: operation to be sent before the release.
        column: column of the diagnostics line.
        state: properties outside the info message: name → ``delivery.field``
            (``room_event.quality_changed.quality``).
        roles: see ``RoleTable``.
        where: only for schemas that have this message or field.
    """

    name: str | None = None
    parents: tuple[str, ...] = ()
    lifetime: Literal["tree", "claimed", "frame"] = "tree"
    key: str | None = None
    references: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    release: str | None = None
    self_released: bool = False
    close: str | None = None
    column: str = "other"
    state: dict[str, str] = {}
    roles: dict[str, RoleTable] = {}
    where: str | None = None


class SessionTable(Table, frozen=True, kw_only=True):
    """``[sessions.KIND]``: a kind with a beginning and an end.

    Attributes:
        open: operation whose callback brings it.
        handshake: operation that starts its events.
        close: operation that ends it.
        markers: deliveries, or operations whose callback is meant, after which no more events come.
        announced: delivery that announces the end; ``reason`` is its field with the reason.
        client_reason: value of the reason's enum for an end that the client asked for.
        unknown_reason: value for an end whose reason never came.
        drain_ms: how long to wait for the markers after the close operation, in milliseconds.
    """

    open: str
    handshake: str | None = None
    close: str
    markers: tuple[str, ...] = ()
    announced: str | None = None
    reason: str | None = None
    client_reason: str = ""
    unknown_reason: str = ""
    drain_ms: int = 5000


class PreconditionTable(Table, frozen=True, kw_only=True):
    """One entry of ``[operations.NAME].preconditions``: the library would abort on other values.

    Arithmetic is written with numbers, ``+ - * /``, parentheses and paths in the request
    (``buffer.components[0].stride``).

    Attributes:
        field: dotted path in the request; ``[0]`` names one element of a repeated field.
        minimum: smallest value (a number or arithmetic), of a repeated message field the smallest number of
            elements, of a pointer to memory the smallest number of bytes there; ``maximum`` the largest.
        multiple_of: the value must be a multiple of this number, or of this arithmetic.
        equals: the value must equal this arithmetic.
        prefix: the string (each string) must start so.
        none_of: the enum's values that are refused.
        when: path of an enum field; the condition applies only when its value is ``among`` these.
        among: see ``when``.
        reason: why, for the exception's text.
        where: only for schemas that have this message or field.
    """

    field: str
    minimum: int | str | None = None
    maximum: int | None = None
    multiple_of: int | str | None = None
    equals: str | None = None
    prefix: str | None = None
    none_of: tuple[str, ...] = ()
    when: str | None = None
    among: tuple[str, ...] = ()
    reason: str
    where: str | None = None


class OperationTable(Table, frozen=True, kw_only=True):
    """``[operations.NAME]`` (NAME is the request's case): what the schema does not show of an operation.

    Attributes:
        name: C# method name without ``Async``.
        response: response message, where the name does not show it.
        callback: callback message, where the name does not show it; ``none``: it has no callback.
        on: kind or role whose method it is; ``client``: the client's.
        consumes: request fields whose handle the operation takes.
        late: request fields whose handle is looked up after the response.
        adopts: request field whose object becomes a child of the result.
        defaults: C# defaults of parameters by request field (``type = "AudioSourceType.Native"``).
        values: request fields that the caller does not give, as expressions over the receiver's creation
            parameters (``@sample_rate``), the length of a span (``length(buffer.data_ptr)``) and other fields
            of the request (``num_channels``); or any C# expression that names none of them.
        strings: key fields that stay strings in the method.
        preconditions: see ``PreconditionTable``.
        failure: field of the answer that means "failed", where it is none of ``error_fields``.
        hidden: not a public method.
        where: only for schemas that have this message or field.
    """

    name: str | None = None
    response: str | None = None
    callback: str | None = None
    on: str | None = None
    consumes: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    adopts: str | None = None
    defaults: dict[str, str] = {}
    values: dict[str, str] = {}
    strings: tuple[str, ...] = ()
    preconditions: tuple[PreconditionTable, ...] = ()
    failure: str | None = None
    hidden: bool = False
    where: str | None = None


class DeliveryTable(Table, frozen=True, kw_only=True):
    """``[deliveries.NAME]`` (NAME is ``case`` or ``case.arm``): what the schema does not show of an event.

    Attributes:
        name: C# event name.
        detaches: kind of the object that it removes from the tree.
        updates: kind whose info takes the fields of the same name (found without it where the names show it);
            ``none``: no kind's.
        set: info fields that it sets to a constant (``muted = "true"``), with ``of`` the kind.
        of: kind for ``set`` and ``fields``.
        fields: info field → field of the delivery.
        thread: ``dispatch`` (default) or ``inline``.
        ends: ``panic`` when every session ends with it, ``stream`` when its target sends nothing more.
        target: kind that it concerns, where the correlation does not show it.
        correlation: integer field that names the object that it concerns.
        hidden: no public event.
        where: only for schemas that have this message or field.
    """

    name: str | None = None
    detaches: str | None = None
    updates: str | None = None
    set: dict[str, str] = {}
    of: tuple[str, ...] = ()
    fields: dict[str, str] = {}
    thread: Literal["dispatch", "inline"] = "dispatch"
    ends: Literal["", "panic", "stream"] = ""
    target: str | None = None
    correlation: str | None = None
    hidden: bool = False
    where: str | None = None


class PlaceTable(Table, frozen=True, kw_only=True):
    """One entry of ``[[place]]``: where an arriving handle goes, where names do not show it.

    Attributes:
        acquired: path of the handle (``TrackSubscribed.track``).
        under: kind of the parent.
        key: path in the same message whose string is the parent's key (``track.info.sid``).
        where: only for schemas that have this message or field.
    """

    acquired: str
    under: str
    key: str | None = None
    where: str | None = None


class TransferTable(Table, frozen=True, kw_only=True):
    """One entry of ``[[transfer]]``: a plain integer that hands over ownership.

    Attributes:
        field: ``Message.field``.
        kind: kind of the handle.
        replaces: path of the key of the object whose handle it replaces.
        info: field of the same message with the object's new facts.
        where: only for schemas that have this message or field.
    """

    field: str
    kind: str
    replaces: str | None = None
    info: str | None = None
    where: str | None = None


class MemoryTable(Table, frozen=True, kw_only=True):
    """One entry of ``[[memory]]``: a pointer in a message.

    Attributes:
        pointer: ``Message.field`` that holds the address.
        element: C# element type.
        direction: ``in``, ``out``, or ``inout`` for a request whose memory the library changes; without it
            ``in`` in requests and ``out`` in everything else.
        count: number of elements as arithmetic over fields of the message.
        size: field with the number of bytes instead; ``size_in_elements``: of elements.
        owner: for memory that comes out: ``handle`` or ``receiver``.
        where: only for schemas that have this message or field.
    """

    pointer: str
    element: str = "byte"
    direction: Literal["in", "out", "inout"] | None = None
    count: str = ""
    size: str | None = None
    size_in_elements: bool = False
    owner: Literal["handle", "receiver"] = "handle"
    where: str | None = None


class DiagnosticsTable(Table, frozen=True, kw_only=True):
    """``[diagnostics]``: the line that tells what is alive.

    Attributes:
        columns: columns in order, without ``total``; ``other`` takes the rest.
        reply: column of the response buffer.
    """

    columns: tuple[str, ...] = ("other",)
    reply: str = "other"


class Config(Table, frozen=True, kw_only=True):
    """The whole file.

    Attributes:
        not_handles: integer fields that a borrowed suffix would take for a handle (a name, a pattern or
            ``Message.field``).
        not_keys: string fields that are called like a key and are none (a name, a pattern or
            ``Message.field``).
    """

    binding: BindingTable
    input: InputTable
    protocol: ProtocolTable | None = None
    entry_points: EntryPointsTable
    kinds: dict[str, KindTable] = {}
    sessions: dict[str, SessionTable] = {}
    operations: dict[str, OperationTable] = {}
    deliveries: dict[str, DeliveryTable] = {}
    place: tuple[PlaceTable, ...] = ()
    transfer: tuple[TransferTable, ...] = ()
    memory: tuple[MemoryTable, ...] = ()
    not_handles: tuple[str, ...] = ()
    not_keys: tuple[str, ...] = ()
    diagnostics: DiagnosticsTable = DiagnosticsTable()
    validate: ValidateTable = ValidateTable()
    unity: UnityTable | None = None


class LoadedConfig(msgspec.Struct, frozen=True):
    """A configuration with the file it came from, for messages and relative paths."""

    file: Path
    config: Config
