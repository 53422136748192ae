"""The numbers of the learning-rate schedules, shared by the models and the scripts."""

from __future__ import annotations

# Of one cycle: the share of the steps that it rises over, and where it rises from.
WARM_UP_SHARE = 0.3
START_DIVISOR = 25.0
# What fades keeps this share of its peak, so that a run that is trained longer still learns.
LAST_SHARE = 0.01
