"""Decides how a session is closed, and with which reason its end is told."""

from __future__ import annotations

from collections.abc import Mapping

from gen_bindings.model.binding import Session
from gen_bindings.model.classes import SessionPlan
from gen_bindings.model.events import Event
from gen_bindings.model.expressions import Expression, Member, Name
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.shape_methods import shape_close
from gen_bindings.passes.surface.type_parameters import CANCELLATION


def shape_session(scope: Scope, session: Session, events: Mapping[str, Event]) -> SessionPlan:
    """The end of a session."""
    close = shape_close(scope, scope.binding.operation(session.close))
    announced = scope.binding.delivery(session.announced) if session.announced else None
    reason_type = ""
    if announced is not None and announced.reason is not None:
        reason_type = scope.value_type(scope.last_field(announced.reason))
    kind_type = scope.kinds[session.kind].type_name
    return SessionPlan(
        type=kind_type + "Session",
        kind_type=kind_type,
        close=close,
        parameters=tuple(p for p in close.parameters if p != CANCELLATION),
        reason_type=reason_type,
        client_reason=_reason(scope, session, session.client_reason, reason_type),
        unknown_reason=_reason(scope, session, session.unknown_reason, reason_type),
        ended=events.get(announced.name) if announced is not None else None,
        drain_ms=session.drain_ms,
    )


def _reason(scope: Scope, session: Session, reason: str, reason_type: str) -> Expression:
    if not reason:
        return Name(reason_type.join(("default(", ")")))
    if session.reason_enum is None or scope.layer is None:
        return Name(reason)
    return Member(Name(scope.written[session.reason_enum]), reason)
