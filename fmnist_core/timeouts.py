"""All time-outs of the product, in seconds, and the orders that they have to keep.

Each has its sentence above it; ``docs/architecture.md`` shows them as a table. They are read where
they act as ``timeouts.NAME``, so that a test that shortens one shortens it for all.
"""

from __future__ import annotations

# A training and its process.

# between two signs of life of a training
HEARTBEAT_SECONDS = 1.0
# without a sign of life: shown as interrupted
INTERRUPTED_SECONDS = 8.0
# without a sign of life: the worker ends the process; till then a slow disk may have held it up
KILL_SECONDS = 30.0
# without progress: no more signs of life
STALL_SECONDS = 120.0
# without a first sign of life: the worker ends the process
BEGIN_SECONDS = 600.0
# between two polls of its process by the worker
PROCESS_POLL_SECONDS = 0.1
# between two predictions of the probe images, at least; longer, where they would cost more than a
# hundredth of the training
PROBE_SECONDS = 0.2
# so long after its start a training shows its first layer between epochs, too
FIRST_LAYER_SOON_SECONDS = 10.0
# between two of these
FIRST_LAYER_SECONDS = 1.0
# between two looks of a training at `control.json`
CONTROL_SECONDS = 0.1
# between two batch events
BATCH_EVENT_SECONDS = 0.25
# between two polls for a Stop that the training itself does not see
STOP_POLL_SECONDS = 0.1
# then the process ends itself
STOP_PATIENCE_SECONDS = 0.3
# one call of the compiled training function, as planned: Stop and the curve wait for its end, and
# on a busy machine it takes up to 0.25 s
CALL_SECONDS = 0.1
# a round of measuring how a network trains fastest; of many some fall into quiet moments
AUTOTUNE_ROUND_SECONDS = 0.03
# after which no further round begins
AUTOTUNE_SECONDS = 2.0
# idle, before presets are measured and compiled in advance
WARM_START_IDLE_SECONDS = 5.0
# after which another process may measure them
WARM_START_TURN_SECONDS = 600.0

# Training processes, kept warm by the worker "train".

# for TensorFlow to load
LOAD_SECONDS = 300.0
# after a run has begun, before the next process is warmed
NEXT_PROCESS_SECONDS = 5.0
# before another process tries to load TensorFlow
LOAD_RETRY_SECONDS = 2.0
# the same at most; it doubles each time
LONGEST_LOAD_RETRY_SECONDS = 60.0
# between two polls for a process that is ready
READY_POLL_SECONDS = 0.1

# The dashboard's connection to the engine.

# between two polls of the engine by the dashboard, in quiet times
ENGINE_POLL_SECONDS = 2.0
# the same while a run could begin
ENGINE_SOON_SECONDS = 0.5
# the same while a page waits for an answer
ENGINE_TASK_POLL_SECONDS = 0.2
# to reach a scheduler
CONNECT_SECONDS = 3.0
# the same where its process lives: it is only busy
BUSY_CONNECT_SECONDS = 15.0
# the same where it was just started
START_CONNECT_SECONDS = 30.0
# to let go of a scheduler that is gone
CLOSE_SECONDS = 1.0
# between two tasks that tell the engine that it is needed
CONTACT_SECONDS = 600.0

# The engine on this machine.

# without a task: the engine ends itself
ENGINE_IDLE_SECONDS = 45 * 60
# until a scheduler has said where it listens
SCHEDULER_START_SECONDS = 30.0
# between two looks for what it says
SCHEDULER_START_POLL_SECONDS = 0.05
# until a worker that lives is known to its scheduler; else it is replaced
REGISTER_SECONDS = 90.0
# without its scheduler: a worker ends itself
WORKER_DEATH_SECONDS = 60
# for a process of the engine to end when told to; then it is killed
PROCESS_END_SECONDS = 5.0
# two start times this near are those of one process
SAME_START_SECONDS = 1.0

# What is handed to the engine: runs and tasks.

# a slot is free and no worker takes the run: it is submitted anew
OVERDUE_SECONDS = 4.0
# the same at most; it doubles each time
LONGEST_OVERDUE_SECONDS = 300.0
# until the scheduler must know of a hand-over
ARRIVAL_SECONDS = 2.0
# for the scheduler to say what it knows
RESPONSE_SECONDS = 5.0
# so long a page says why a hand-over came back
REFUSED_SECONDS = 10.0
# so long a task that failed is not started again
TASK_RETRY_SECONDS = 10.0
# without a run or a request: the engine computes ahead what will probably be requested
AHEAD_QUIET_SECONDS = 30.0
# between two reports of how far an answer is
TASK_REPORT_SECONDS = 0.25

# Claims and locks.

# between two signs of life of a claim or lock
LOCK_BEAT_SECONDS = 0.5
# without one: its maker is dead; some network disks tell of a touch only after three seconds
LOCK_DEAD_SECONDS = 5.0
# then a lock that is not let go of is an error: longer than an honest start of the engine takes
LOCK_PATIENCE_SECONDS = 120.0
# between two tries to get a lock
LOCK_POLL_SECONDS = 0.05

# Visitors and what they delete.

# in which a visitor's acts are counted
WINDOW_SECONDS = 3_600.0
# so long a deleted run can be brought back: to notice a mistake, not to fill a disk
TRASH_SECONDS = 15 * 60

# The pictures.

# then what a killed process left half written is removed
ABANDONED_SECONDS = 3_600.0
# to reach an address that has the pictures
DOWNLOAD_CONNECT_SECONDS = 4.0
# until its first file is there
FIRST_RESPONSE_SECONDS = 8.0
# between two parts of a download
DOWNLOAD_READ_SECONDS = 10.0
# to fetch Debian's package
PACKAGE_SECONDS = 120.0

# The pages.

# so long the engine waits for the first page
FIRST_PAGE_SECONDS = 3.0
# for a browser to paint that page
PAINT_SECONDS = 0.5
# between two polls of a run whose live view is open, for all who watch it
FOLLOW_SECONDS = 0.06
# between two looks at what that view says besides the run's events
FOLLOW_PARTS_SECONDS = 0.5
# until a poll that failed is tried again
FOLLOW_AGAIN_SECONDS = 2.0
# between two signs of life of a stream that has nothing to tell
STREAM_BEAT_SECONDS = 10.0
# for a client that did not read to get what is left; after twice as long it is cut off
UNREAD_SECONDS = 5.0
# after it was told to end, the dashboard cuts off who is still connected
LEAVE_SECONDS = 0.5
# for each live view that is open: within so long all of them ask for their page again
SPREAD_SECONDS = 0.05
# the same at most
LONGEST_SPREAD_SECONDS = 5.0
# between two looks at what the line in the header says
TRAINING_BAR_SECONDS = 0.5
# what a start of the engine is said to take
ENGINE_START_SECONDS = 20
# between two looks at the ladder
LADDER_SECONDS = 1.0
# between two looks at a cross-validation that trains
CROSS_VALIDATION_SECONDS = 2.0
# between two looks at a run that trains again with other seeds
REPLICATES_SECONDS = 2.0
# between two looks for an answer of the engine
TASK_POLL_SECONDS = 0.4
# until a drawing that the engine has not computed yet no longer counts as waiting
OCCLUSION_FORGET_SECONDS = 30.0
# until the console says that nobody else has come
FIRST_REMINDER_SECONDS = 60.0
# until it says so again
NEXT_REMINDER_SECONDS = 300.0


def _assert_rises(*seconds: float) -> None:
    """Asserted when this is loaded: no process shall ever run with an order that loses runs."""
    assert list(seconds) == sorted(set(seconds)), seconds


# Shown as interrupted only without several signs of life; ended only once that was shown, since a
# run that is shown as interrupted can still go on by itself; a stalled training falls silent last,
# and TensorFlow may take longer to begin than any step of a training.
_assert_rises(HEARTBEAT_SECONDS, INTERRUPTED_SECONDS, KILL_SECONDS, STALL_SECONDS, BEGIN_SECONDS)
# The training looks for a Stop at least once before its process is ended over its head.
_assert_rises(CONTROL_SECONDS, STOP_PATIENCE_SECONDS)
_assert_rises(LOAD_RETRY_SECONDS, LONGEST_LOAD_RETRY_SECONDS)
_assert_rises(ENGINE_TASK_POLL_SECONDS, ENGINE_SOON_SECONDS, ENGINE_POLL_SECONDS)
# What is computed ahead must not delay what is measured to make the first run soon.
_assert_rises(WARM_START_IDLE_SECONDS, AHEAD_QUIET_SECONDS)
_assert_rises(CONNECT_SECONDS, BUSY_CONNECT_SECONDS, START_CONNECT_SECONDS)
# An engine that is contacted does not find itself idle, also when one contact is lost.
_assert_rises(2 * CONTACT_SECONDS, ENGINE_IDLE_SECONDS)
# A worker that cannot reach its scheduler has ended before another is started in its place.
_assert_rises(WORKER_DEATH_SECONDS, REGISTER_SECONDS)
# A hand-over that is on its way is neither lost nor overdue.
_assert_rises(ARRIVAL_SECONDS, OVERDUE_SECONDS, LONGEST_OVERDUE_SECONDS)
# Whoever starts the engine holds its lock meanwhile, and shall not be taken for dead or stuck.
_assert_rises(LOCK_POLL_SECONDS, LOCK_BEAT_SECONDS, LOCK_DEAD_SECONDS, LOCK_PATIENCE_SECONDS)
_assert_rises(SCHEDULER_START_SECONDS + START_CONNECT_SECONDS, LOCK_PATIENCE_SECONDS)
_assert_rises(DOWNLOAD_CONNECT_SECONDS, FIRST_RESPONSE_SECONDS)
_assert_rises(PAINT_SECONDS, FIRST_PAGE_SECONDS)
_assert_rises(FIRST_REMINDER_SECONDS, NEXT_REMINDER_SECONDS)
