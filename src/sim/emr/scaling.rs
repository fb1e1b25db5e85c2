//! Managed scaling: limits that somebody set, and a scaler that moves sizes within them.

use super::pool::Units;
use super::words::ScalingUnit;

/// The limits, as `PutManagedScalingPolicy` sets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) unit: ScalingUnit,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) max_on_demand: Option<u32>,
    pub(super) max_core: Option<u32>,
    /// `ScalingStrategy` as it was given.
    pub(super) strategy: Option<String>,
    /// `UtilizationPerformanceIndex` as it was given.
    pub(super) performance_index: Option<u32>,
}

/// A scaler at work.
#[derive(Debug, Clone)]
pub(super) struct Scaler {
    pub(super) limits: Limits,
    /// What it last decided for each pool: a size that somebody else sets is put back to this.
    pub(super) decided: Vec<Units>,
    /// The size that fits a load that does not change, in the unit of the limits.
    pub(super) comfortable: u32,
    /// Whether the load changes from time to time.
    pub(super) is_lively: bool,
}
