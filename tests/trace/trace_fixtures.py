"""Libraries with a recorder of each, and clients that run under it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gen_bindings.config import load_config
from gen_bindings.model.binding import Binding
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import read_inputs
from gen_bindings.render.views.recorder import emit_recorder
from gen_bindings.sources.exports import read_exports
from gen_bindings.trace.build import build_recorder
from gen_bindings.trace.contract import Contract, contract_of
from gen_bindings.trace.trace import Trace, read_trace

CLIENTS = Path(__file__).with_name("clients.py")


@dataclass(frozen=True)
class Recorded:
    """A library that can be recorded.

    Attributes:
        recorder: built with the machine's compiler.
    """

    config: Path
    binding: Binding
    contract: Contract
    files: dict[str, str]
    real: Path
    recorder: Path

    def environment(self, log: Path, **more: str) -> dict[str, str]:
        """Variables with which the recorder finds the real library and its log."""
        return {
            "GEN_BINDINGS_RECORD_LIBRARY": str(self.real),
            "GEN_BINDINGS_RECORD_LOG": str(log),
            **{f"GEN_BINDINGS_RECORD_{name.upper()}": value for name, value in more.items()},
        }

    def read(self, folder: Path) -> Trace:
        """The recording in a folder."""
        return read_trace(self.contract, sorted(folder.glob("*.gblog")))


def recorded(config: Path, real: Path) -> Recorded:
    """The recorder of a configuration's library, built."""
    loaded = load_config(config)
    inputs = read_inputs(loaded)
    binding = build_binding(loaded, inputs.schema, inputs.header, inputs.exports)
    files = emit_recorder(binding, read_exports(real).names)
    return Recorded(config, binding, contract_of(binding), files, real, build_recorder(files, real.name))
