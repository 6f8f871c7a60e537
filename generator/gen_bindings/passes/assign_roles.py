"""Decides the role of each arriving handle, of each operation's object and of each event's target."""

from __future__ import annotations

from dataclasses import replace

from gen_bindings.config import Config, RoleTable, nearest
from gen_bindings.model.binding import Acquisition, Kind
from gen_bindings.passes.resolve_names import Names


def assign_roles(
    config: Config,
    kinds: tuple[Kind, ...],
    acquisitions: tuple[Acquisition, ...],
    names: Names,
    problems: list[str],
) -> tuple[Acquisition, ...]:
    """Acquisitions with the roles that ``[kinds.KIND.roles]`` gives them.

    Raises:
        ConfigError: ``acquired`` names a path by which no handle of the kind arrives.
    """
    roles: dict[tuple[str, str, str], str] = {}
    for kind in kinds:
        arriving = {(a.path.root, a.path.plain): a for a in acquisitions if a.path and a.kind == kind.name}
        for role in kind.roles:
            key = f"kinds.{kind.name}.roles.{role.name}.acquired"
            for position, name in enumerate(_table(config, kind, role.name).acquired):
                path = names.path(name, f"{key}[{position}]")
                if (path.root, path.plain) not in arriving:
                    ids = [a.id for a in arriving.values()]
                    raise names.error(
                        f"{key}[{position}]",
                        f'no {kind.name} arrives at "{name}"; they arrive at '
                        f"{', '.join(ids)}.{nearest(name, ids)}",
                    )
                roles[kind.name, path.root, path.plain] = role.name
    with_roles = {kind.name for kind in kinds if kind.roles}
    assigned: list[Acquisition] = []
    for acquisition in acquisitions:
        path_ = acquisition.path
        role_ = roles.get((acquisition.kind, path_.root, path_.plain)) if path_ else None
        if role_ is None and acquisition.kind in with_roles:
            problems.append(
                f"{acquisition.id}: a {acquisition.kind} arrives without a role: add the path to acquired "
                "of one of "
                f"[kinds.{acquisition.kind}.roles]."
            )
        assigned.append(replace(acquisition, role=role_))
    return tuple(assigned)


def role_of(config: Config, kind: Kind, name: str, option: str) -> str | None:
    """The role of ``kind`` whose table lists ``name`` under ``option`` (``operations`` or ``deliveries``)."""
    return next(
        (role.name for role in kind.roles if name in getattr(_table(config, kind, role.name), option)), None
    )


def check_role_lists(
    config: Config, kinds: tuple[Kind, ...], option: str, belonging: dict[str, str | None], names: Names
) -> None:
    """Every entry of ``option`` in a role's table exists and belongs to the role's kind.

    Args:
        belonging: kind of the object of every operation or event that exists.

    Raises:
        ConfigError: one does not.
    """
    for kind in kinds:
        for role in kind.roles:
            for position, name in enumerate(getattr(_table(config, kind, role.name), option)):
                key = f"kinds.{kind.name}.roles.{role.name}.{option}[{position}]"
                if name not in belonging:
                    hint = nearest(name, belonging)
                    raise names.error(key, f'there is nothing called "{name}" among the {option}.{hint}')
                if belonging[name] != kind.name:
                    owner = belonging[name] or "the client"
                    raise names.error(key, f'"{name}" belongs to {owner}, not to {kind.name}.')


def _table(config: Config, kind: Kind, role: str) -> RoleTable:
    return config.kinds[kind.name].roles[role]
