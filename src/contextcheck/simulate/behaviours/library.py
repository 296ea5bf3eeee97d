"""Every behaviour by the name under which examples and cases ask for it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from contextcheck.simulate.behaviours.checkout import CheckoutFault, DuplicateSubmits, PaymentOutage
from contextcheck.simulate.behaviours.claims import BulkReturners, OwnDisputes, RefundClaims, ReturnRing, Wardrobing
from contextcheck.simulate.behaviours.door import DoorRefusals, OrdersHold, PaymentSwitch, PickupNoShows
from contextcheck.simulate.behaviours.feeds import ClockShift, FieldLost, LateData, UnitSlip
from contextcheck.simulate.behaviours.festive import GiftRush, NightShift, PaydayShift, QuietDays
from contextcheck.simulate.behaviours.fitting import (
    FaultyBatch,
    InvoicePause,
    KeepOneOfSeveral,
    ReturnWindow,
    WearAndReturn,
)
from contextcheck.simulate.behaviours.lapses import LimitRetries, PaymentLapses
from contextcheck.simulate.behaviours.line_moves import RaisedLine
from contextcheck.simulate.behaviours.linked import LinkedAccounts
from contextcheck.simulate.behaviours.machines import Bots, CardTesting, StockHolding, TrialCycling
from contextcheck.simulate.behaviours.measurement import BulkCustomer, DoubleLoading, StatusRenamed
from contextcheck.simulate.behaviours.mix import MixShift
from contextcheck.simulate.behaviours.operations import LostParcels, ShopCancels, WarehouseClosure
from contextcheck.simulate.behaviours.padding import Padding
from contextcheck.simulate.behaviours.paying import ExpiryWave, RefusalWave
from contextcheck.simulate.behaviours.promotions import CancelAndRebuy, PromoFarm, VolumeSurge
from contextcheck.simulate.behaviours.returns import ReturnWave, SerialReturners
from contextcheck.simulate.behaviours.rings import Ring
from contextcheck.simulate.behaviours.sale_days import DiscountBan, OrderSplitting, SaleSurge, ShopOutage
from contextcheck.simulate.behaviours.second_thoughts import (
    DeliveryDeadline,
    EarlyCancels,
    EventRefunds,
    HeldBookings,
    PriceMatch,
    TrialExits,
)
from contextcheck.simulate.behaviours.supply import CarrierOutage, PriceError, StockOut
from contextcheck.simulate.behaviours.traders import (
    Brushing,
    CashOrderPrank,
    InvoiceNeverPaid,
    Resellers,
    SenderSplitting,
    ThresholdGaming,
    Triangulation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contextcheck.simulate.behaviours.interface import Behaviour

BEHAVIOURS: Mapping[str, Callable[..., Behaviour]] = {
    "padding": Padding,
    "ring": Ring,
    "promo-farm": PromoFarm,
    "serial-returners": SerialReturners,
    "checkout-fault": CheckoutFault,
    "duplicate-submits": DuplicateSubmits,
    "payment-outage": PaymentOutage,
    "expiry-wave": ExpiryWave,
    "refusal-wave": RefusalWave,
    "return-wave": ReturnWave,
    "stock-out": StockOut,
    "price-error": PriceError,
    "carrier-outage": CarrierOutage,
    "volume-surge": VolumeSurge,
    "cancel-and-rebuy": CancelAndRebuy,
    "mix-shift": MixShift,
    "bulk-customer": BulkCustomer,
    "double-loading": DoubleLoading,
    "status-renamed": StatusRenamed,
    "late-data": LateData,
    "clock-shift": ClockShift,
    "unit-slip": UnitSlip,
    "field-lost": FieldLost,
    "shop-cancels": ShopCancels,
    "warehouse-closure": WarehouseClosure,
    "lost-parcels": LostParcels,
    "card-testing": CardTesting,
    "stock-holding": StockHolding,
    "trial-cycling": TrialCycling,
    "bots": Bots,
    "refund-claims": RefundClaims,
    "return-ring": ReturnRing,
    "wardrobing": Wardrobing,
    "bulk-returners": BulkReturners,
    "own-disputes": OwnDisputes,
    "brushing": Brushing,
    "resellers": Resellers,
    "triangulation": Triangulation,
    "sender-splitting": SenderSplitting,
    "cash-order-prank": CashOrderPrank,
    "invoice-never-paid": InvoiceNeverPaid,
    "threshold-gaming": ThresholdGaming,
    "keep-one-of-several": KeepOneOfSeveral,
    "wear-and-return": WearAndReturn,
    "return-window": ReturnWindow,
    "faulty-batch": FaultyBatch,
    "invoice-pause": InvoicePause,
    "gift-rush": GiftRush,
    "quiet-days": QuietDays,
    "night-shift": NightShift,
    "payday-shift": PaydayShift,
    "sale-surge": SaleSurge,
    "discount-ban": DiscountBan,
    "order-splitting": OrderSplitting,
    "shop-outage": ShopOutage,
    "early-cancels": EarlyCancels,
    "price-match": PriceMatch,
    "trial-exits": TrialExits,
    "delivery-deadline": DeliveryDeadline,
    "event-refunds": EventRefunds,
    "door-refusals": DoorRefusals,
    "pickup-no-shows": PickupNoShows,
    "payment-switch": PaymentSwitch,
    "orders-hold": OrdersHold,
    "held-bookings": HeldBookings,
    "raised-line": RaisedLine,
    "payment-lapses": PaymentLapses,
    "limit-retries": LimitRetries,
    "linked-accounts": LinkedAccounts,
}


def parameters_of(name: str) -> tuple[str, ...]:
    """Names of the parameters that a behaviour takes.

    Raises:
        KeyError: No behaviour has that name.
    """
    return tuple(field.name for field in fields(BEHAVIOURS[name]))  # type: ignore[arg-type]
