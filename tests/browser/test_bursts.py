"""Quick clicks in a slow Chromium: none is lost, repeated or undone on any page.

``make test`` tries three bursts, ``make very-slow`` seventeen more, ``make faults`` five hundred;
``make bench-clicks`` shows how the first version of the project fared with the same ones.
"""

from __future__ import annotations

import pytest
from burst_runs import plan, report, run_bursts
from dashboards import Dashboard
from sweep import TABLE, THOROUGH, sampled

from fmnist_core.dataset import Dataset
from fmnist_core.runs import RunStore

BURSTS = 500 if THOROUGH else 20
PARTS = 6


@pytest.mark.parametrize("part", sampled(range(PARTS), 2))
@pytest.mark.parametrize("training", [False, True], ids=["in peace", "during a training"])
def test_after_quick_clicks_screen_address_and_content_agree_and_the_last_click_has_won(
    learned_dashboard: Dashboard,
    learned_store: RunStore,
    data: Dataset,
    training: bool,
    part: int,
) -> None:
    tasks = plan(BURSTS)[training][part::PARTS]
    outcomes = run_bursts(learned_dashboard.url, learned_store, data, tasks, training)
    wrong = [*report(outcomes)]
    TABLE["bursts of quick clicks", "nothing lost, repeated or undone"] += len(tasks) - len(wrong)
    assert len(outcomes) == len(tasks)
    assert not wrong, f"{len(wrong)} of {len(tasks)} bursts:\n\n" + "\n\n".join(wrong)
    # Else nothing would have been tried.
    assert sum(outcome.acts for outcome in outcomes) > 1.5 * len(tasks)
