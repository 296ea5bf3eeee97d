"""The promise a sign test keeps, and the table of sign tests by name."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from contextcheck.explain.slices import Slice
    from contextcheck.knowledge.signs import Sign
    from contextcheck.records import Evidence


@dataclass(frozen=True, slots=True)
class SignOutcome:
    """The evidence of one sign, and which orders fit it.

    Attributes:
        evidence: For the report.
        members: Orders of the slice (of both periods) that behave as the sign says; None when the sign is about the
            whole and singles out no orders.
    """

    evidence: Evidence
    members: NDArray[np.bool_] | None = None


class SignTest(Protocol):
    """One prediction of an explanation, tested on a slice; keeps no state and changes nothing."""

    def test(self, slice_: Slice, sign: Sign) -> SignOutcome:
        """Test the sign on the orders in focus; missing columns and too few events are `not_testable`, never errors."""
        ...


SIGN_TESTS: dict[str, str] = {
    "bunching": "contextcheck.explain.signs.bunching:Bunching",
    "kept_share": "contextcheck.explain.signs.kept_share:KeptShare",
    "delay": "contextcheck.explain.signs.delay:Delay",
    "spread": "contextcheck.explain.signs.spread:Spread",
    "concentration": "contextcheck.explain.signs.concentration:Concentration",
    "calendar": "contextcheck.explain.signs.calendar:Calendar",
    "mix": "contextcheck.explain.signs.mix:Mix",
    "peers": "contextcheck.explain.signs.peers:Peers",
    "rebuy": "contextcheck.explain.signs.rebuy:Rebuy",
    "duplicates": "contextcheck.explain.signs.duplicates:Duplicates",
    "new_accounts": "contextcheck.explain.signs.new_accounts:NewAccounts",
    "discount_use": "contextcheck.explain.signs.discount_use:DiscountUse",
    "product_concentration": "contextcheck.explain.signs.product_concentration:ProductConcentration",
    "exposed_only": "contextcheck.explain.signs.exposed_only:ExposedOnly",
    "composition": "contextcheck.explain.signs.composition:Composition",
    "value_kept": "contextcheck.explain.signs.value_kept:ValueKept",
    "recurrence": "contextcheck.explain.signs.recurrence:Recurrence",
    "unit_jump": "contextcheck.explain.signs.unit_jump:UnitJump",
    "volume": "contextcheck.explain.signs.volume:Volume",
    "shared_keys": "contextcheck.explain.signs.shared_keys:SharedKeys",
    "voice": "contextcheck.explain.signs.voice:Voice",
    "repeats": "contextcheck.explain.signs.repeats:Repeats",
}
"""Name in YAML to the class that tests it, imported when asked for."""


def load_sign_test(name: str) -> SignTest:
    """Give the test of a sign by its name in YAML."""
    module, _, member = SIGN_TESTS[name].partition(":")
    return cast("SignTest", getattr(import_module(module), member)())
