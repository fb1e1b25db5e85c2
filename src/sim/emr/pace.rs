//! How long things take on EMR, as ranges in simulated time.

use std::time::Duration;

/// From the shortest to the longest time something takes.
pub(super) type Range = (Duration, Duration);

const fn seconds(low: u64, high: u64) -> Range {
    (Duration::from_secs(low), Duration::from_secs(high))
}

const fn milliseconds(low: u64, high: u64) -> Range {
    (Duration::from_millis(low), Duration::from_millis(high))
}

/// From the request for a machine until EC2 gives one.
pub(super) const FULFILMENT: Range = seconds(3, 25);
/// From then until the machine runs.
pub(super) const PROVISIONING: Range = seconds(45, 110);
/// From then until software is installed and bootstrap actions have run.
pub(super) const BOOTSTRAPPING: Range = seconds(40, 130);

/// From the answer to a resize call until the requested size is seen to change.
pub(super) const RESIZE_LAG: Range = milliseconds(700, 3_500);
/// From a change of a cluster's state until `ListClusters` tells it.
pub(super) const LISTING_LAG: Range = milliseconds(1_000, 5_000);

/// Until an idle node is gone after a shrink.
pub(super) const IDLE_NODE_LEAVES: Range = seconds(10, 45);
/// Until the containers of a busy node end, if they are let.
pub(super) const BUSY_NODE_LEAVES: Range = seconds(150, 1_500);
/// How long busy nodes may finish their work when nobody says.
pub(super) const DECOMMISSION_TIMEOUT: Duration = Duration::from_hours(1);

/// How long an instance group tries to get machines before it gives up.
pub(super) const GROUP_GIVES_UP: Duration = Duration::from_mins(10);
/// How long an instance fleet tries when its specification does not say.
pub(super) const FLEET_GIVES_UP: Duration = Duration::from_hours(1);
/// From the loss of a machine until another one is asked for.
pub(super) const REPLACEMENT: Range = seconds(20, 75);

/// From a free slot until the next step runs.
pub(super) const DISPATCH: Range = milliseconds(1_000, 6_000);
/// How long a step of unknown work runs.
pub(super) const STEP: Range = seconds(60, 480);
/// From a request to cancel a step until it is cancelled.
pub(super) const CANCELLING: Range = seconds(5, 25);

/// Between two looks of managed scaling.
pub(super) const SCALER_LOOKS: Range = seconds(25, 55);
/// For how long the scaler's idea of the load stays the same.
pub(super) const LOAD_EPOCH: Duration = Duration::from_mins(20);

/// From `TERMINATING` until everything is gone.
pub(super) const TERMINATING: Range = seconds(45, 150);
/// How long ended clusters are remembered.
pub(super) const REMEMBERED: Duration = Duration::from_hours(60 * 24);
/// How long ended instances are listed.
pub(super) const INSTANCES_LISTED: Duration = Duration::from_hours(30 * 24);
