"""gen-bindings: C# bindings that cannot lose a native handle."""

__version__ = "0.1.0"
