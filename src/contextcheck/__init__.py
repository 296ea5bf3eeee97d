"""contextcheck: anomaly investigation with cultural and regional context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextcheck.detect.daily import detect_frame

__version__ = "0.1.0"
__all__ = ["__version__", "detect_frame"]


def __getattr__(name: str) -> Any:
    """Functions for callers in Python load what they need when they are asked for; the command line stays light."""
    if name == "detect_frame":
        from contextcheck.detect.daily import detect_frame

        return detect_frame
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
