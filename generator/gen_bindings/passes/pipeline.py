"""Wires the passes: the only place that knows their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gen_bindings.config import Config, LoadedConfig
from gen_bindings.errors import AuditError, ConfigError
from gen_bindings.model.abi import Exports, Header
from gen_bindings.model.binding import Binding, FieldPath
from gen_bindings.model.schema import Schema
from gen_bindings.passes.aim_calls import aim_calls
from gen_bindings.passes.aim_deliveries import aim_deliveries
from gen_bindings.passes.apply_where import apply_where
from gen_bindings.passes.assign_roles import assign_roles
from gen_bindings.passes.audit import audit
from gen_bindings.passes.check_entry_points import check_entry_points
from gen_bindings.passes.check_preconditions import check_preconditions
from gen_bindings.passes.find_acquisitions import attach_acquisitions, find_acquisitions
from gen_bindings.passes.find_envelope import find_envelope
from gen_bindings.passes.find_kinds import find_kinds
from gen_bindings.passes.find_memory import find_memory
from gen_bindings.passes.index import SchemaIndex
from gen_bindings.passes.name_methods import name_methods
from gen_bindings.passes.order_release import order_release
from gen_bindings.passes.pair_calls import pair_calls
from gen_bindings.passes.place_handles import Rule, place_handles
from gen_bindings.passes.plan_sessions import plan_sessions
from gen_bindings.passes.plan_updates import plan_states, plan_updates
from gen_bindings.passes.resolve_keys import KeyTypes, resolve_keys
from gen_bindings.passes.resolve_names import Names
from gen_bindings.passes.route_deliveries import route_deliveries
from gen_bindings.passes.shape_answers import shape_answers
from gen_bindings.passes.shape_requests import shape_requests
from gen_bindings.passes.type_borrowed import HandleTypes, check_delivered_integers, type_borrowed


def build_binding(loaded: LoadedConfig, schema: Schema, header: Header, exports: Exports | None) -> Binding:
    """The complete model of a library.

    Raises:
        ConfigError: the configuration names something that does not exist or does not fit.
        AuditError: the model is incomplete; it lists everything that is missing at once.
    """
    table = loaded.config.protocol
    if table is None:
        raise ConfigError(
            f"{loaded.file}: protocol is missing. Expected a table with request, response, event and "
            "owned_handle, the "
            "messages that all others travel in."
        )
    index = SchemaIndex(schema)
    names = Names(loaded.file, index)
    config, _ = apply_where(loaded.config, table, names)
    loaded = LoadedConfig(file=loaded.file, config=config)
    problems: list[str] = []

    entry_points, notes = check_entry_points(loaded, header, exports)
    protocol = find_envelope(table, names)
    kinds = find_kinds(config, protocol, names)
    operations = pair_calls(config, protocol, names, problems)
    deliveries = route_deliveries(config, protocol, operations, names, problems)
    acquisitions = find_acquisitions(config, kinds, operations, deliveries, names, problems)
    acquisitions = assign_roles(config, kinds, acquisitions, names, problems)
    operations, deliveries = attach_acquisitions(acquisitions, operations, deliveries)
    handles = HandleTypes(config, protocol, kinds, names)
    operations = type_borrowed(config, handles, operations, names, problems)
    operations = aim_calls(config, kinds, operations, names)
    operations, deliveries = resolve_keys(
        KeyTypes(config, kinds, names), operations, deliveries, names, problems
    )
    deliveries = aim_deliveries(config, handles, kinds, deliveries, names, problems)
    check_delivered_integers(handles, protocol, operations, deliveries, acquisitions, names, problems)
    memories = find_memory(config, operations, deliveries, names, problems)
    operations, kinds = shape_requests(
        config, handles, kinds, operations, acquisitions, memories, names, problems
    )
    operations = shape_answers(config, protocol, operations, acquisitions, memories, names)
    operations = check_preconditions(config, operations, names)
    kinds = plan_states(config, kinds, deliveries, names)
    deliveries = plan_updates(config, kinds, acquisitions, deliveries, names, problems)
    sessions, operations, deliveries = plan_sessions(config, kinds, operations, deliveries, names)
    binding = Binding(
        name=config.binding.name,
        namespace=config.binding.namespace,
        schema=schema,
        header=header,
        exports=exports,
        entry_points=entry_points,
        envelope=protocol.envelope,
        kinds=kinds,
        acquisitions=acquisitions,
        operations=operations,
        deliveries=deliveries,
        sessions=sessions,
        memories=memories,
        columns=config.diagnostics.columns,
        notes=notes,
        reply_column=config.diagnostics.reply,
    )
    methods = {name: table.name for name, table in config.operations.items()}
    return _finish(binding, _rules(config, names, binding), methods, index, problems)


def finish_binding(binding: Binding) -> Binding:
    """A model that was made by hand, placed, ordered, named and audited; it may be without messages.

    Raises:
        AuditError: the model is incomplete.
    """
    index = SchemaIndex(binding.schema) if binding.schema else None
    return _finish(binding, (), {}, index, [])


def _finish(
    binding: Binding,
    rules: tuple[Rule, ...],
    methods: Mapping[str, str | None],
    index: SchemaIndex | None,
    problems: list[str],
) -> Binding:
    binding = place_handles(binding, rules, problems)
    binding = order_release(binding, problems)
    binding = replace(binding, operations=name_methods(binding.operations, methods))
    problems += audit(binding, index)
    if problems:
        raise AuditError(tuple(dict.fromkeys(problems)))
    return binding


def _rules(config: Config, names: Names, binding: Binding) -> tuple[Rule, ...]:
    """The entries of ``[[place]]``."""
    arriving = {(a.path.root, a.path.plain) for a in binding.acquisitions if a.path}
    kinds = {kind.name for kind in binding.kinds}
    rules: list[Rule] = []
    for position, entry in enumerate(config.place):
        key = f"place[{position}]"
        path = names.path(entry.acquired, f"{key}.acquired")
        if (path.root, path.plain) not in arriving:
            raise names.error(f"{key}.acquired", f'no owned handle arrives at "{entry.acquired}".')
        if entry.under not in kinds:
            raise names.error(f"{key}.under", f'there is no kind "{entry.under}".')
        by: FieldPath | None = names.within(path.root, entry.key, f"{key}.key") if entry.key else None
        rules.append(Rule(path, entry.under, by))
    return tuple(rules)
