"""The tables of a Unity package."""

from __future__ import annotations

from gen_bindings.config.table import Table


class UnityLogsTable(Table, frozen=True, kw_only=True):
    """``[unity.logs]``: the event with the library's log records, which go to Unity's console.

    Attributes:
        event: event of the client that brings them (``logs``).
        records: its field with the records; left out where the event itself is one record.
        level: enum field of a record; ``errors`` are the values that count as errors, ``warnings`` those that
            count as warnings, ``hidden`` those that are not shown at all.
        message: string field of a record: the text.
        target: string field of a record that says where it comes from.
    """

    event: str
    records: str | None = None
    level: str | None = None
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    message: str = "message"
    target: str | None = None


class UnityTable(Table, frozen=True, kw_only=True):
    """``[unity]``: the package that ``generate --layout upm`` writes.

    Attributes:
        package: its name, lower case with dots (``com.acme.ffi``). GUIDs derive from it: a project that
            references assets of the package loses them when the name changes.
        display_name: name in the package manager; the client's name when left out.
        version: semantic version of the package.
        description: one or two sentences for the package manager.
        author: name of the author or the company.
        license: SPDX expression (``Apache-2.0``).
        initialize: C# arguments for the library's start, by its parameters, where Unity needs others than
            ``entry_points.initialize.defaults`` (``capture_logs = "true"``).
        ios_frameworks: Apple's frameworks that the static library needs (``VideoToolbox``).
        logs: the library's log records.
    """

    package: str
    display_name: str = ""
    version: str = "0.1.0"
    description: str = ""
    author: str = ""
    license: str = ""
    initialize: dict[str, str] = {}
    ios_frameworks: tuple[str, ...] = ()
    logs: UnityLogsTable | None = None
