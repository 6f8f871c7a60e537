"""What the fixture gives that runs the checks on C#."""

from __future__ import annotations

from collections.abc import Callable

from gen_bindings.findings.finding import Finding

Run = Callable[..., list[Finding]]
