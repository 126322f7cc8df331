"""The terms that a contract may consist of, told apart by the word at `term`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gainsim.offer.credits import ServiceCredits
from gainsim.offer.differences import DifferencePayment
from gainsim.offer.dispute import Dispute
from gainsim.offer.exit import Termination
from gainsim.offer.fees import Fee
from gainsim.offer.liability import LiabilityLimit
from gainsim.offer.milestones import DelayDamages, Milestone
from gainsim.offer.over import Clawback, CommonLimit, Retention
from gainsim.offer.parties import AllianceSplit, Insurance, Subcontract
from gainsim.offer.payments import Payment
from gainsim.offer.revenue import FeeAtRisk, FeeCredit, MinimumRevenue
from gainsim.offer.service_levels import ServiceLevels, ServicePoints
from gainsim.offer.sharing import Sharing
from gainsim.offer.step_in import StepIn
from gainsim.offer.subscription import Subscription
from gainsim.offer.target_cost import TargetCost
from gainsim.offer.volumes import TakeOrPay, VolumeCharge

#: what is settled by its own facts
_Single = Fee | Payment | Sharing | TargetCost | ServiceCredits | ServiceLevels | ServicePoints | Subscription
#: what is paid upon fees
_UponFees = FeeAtRisk | MinimumRevenue | FeeCredit
#: what is paid on a volume
_OnVolume = DifferencePayment | VolumeCharge | TakeOrPay
#: what follows from time, or from what other terms pay
_Above = LiabilityLimit | Milestone | DelayDamages | CommonLimit | Retention | Clawback | Termination | StepIn | Dispute
#: what is agreed with further parties
_WithParties = Subcontract | Insurance | AllianceSplit

Term = Annotated[_Single | _UponFees | _OnVolume | _Above | _WithParties, Field(discriminator="term")]
