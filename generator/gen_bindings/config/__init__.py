"""``bindings.toml``: its tables, and how they are read."""

from gen_bindings.config.keys import (
    key_path,
    nearest,
)
from gen_bindings.config.read import (
    load_config,
    parse_config,
)
from gen_bindings.config.tables import (
    BindingTable,
    Config,
    DeliveryTable,
    DiagnosticsTable,
    EntryPointsTable,
    InitializeTable,
    InputTable,
    KindTable,
    LoadedConfig,
    MemoryTable,
    OperationTable,
    PlaceTable,
    PreconditionTable,
    ProtocolTable,
    RequestTable,
    RoleTable,
    SessionTable,
    TransferTable,
    VersionTable,
)
from gen_bindings.config.unity import (
    UnityLogsTable,
    UnityTable,
)
from gen_bindings.config.validate import (
    SuppressTable,
    ValidateTable,
)

__all__ = [
    "BindingTable",
    "Config",
    "DeliveryTable",
    "DiagnosticsTable",
    "EntryPointsTable",
    "InitializeTable",
    "InputTable",
    "KindTable",
    "LoadedConfig",
    "MemoryTable",
    "OperationTable",
    "PlaceTable",
    "PreconditionTable",
    "ProtocolTable",
    "RequestTable",
    "RoleTable",
    "SessionTable",
    "SuppressTable",
    "TransferTable",
    "UnityLogsTable",
    "UnityTable",
    "ValidateTable",
    "VersionTable",
    "key_path",
    "load_config",
    "nearest",
    "parse_config",
]
