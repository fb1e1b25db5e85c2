//! Parts of requests that several operations take, and what they become.

mod step;

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

pub(super) use step::StepInput;

use crate::sim::aws::ApiError;
use crate::sim::dice::Dice;
use crate::sim::emr::catalogue;
use crate::sim::emr::identity;
use crate::sim::emr::pool::{Kind, Patience, Pool, Units};
use crate::sim::emr::scaling::Limits;
use crate::sim::emr::words::{Collection, Market, Role, ScalingUnit};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PairInput {
    pub(super) key: Option<String>,
    pub(super) value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupInput {
    name: Option<String>,
    market: Option<Market>,
    pub(super) instance_role: Role,
    bid_price: Option<String>,
    instance_type: String,
    instance_count: u32,
    configurations: Option<Value>,
    ebs_configuration: Option<Value>,
    auto_scaling_policy: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FleetInput {
    name: Option<String>,
    pub(super) instance_fleet_type: Role,
    target_on_demand_capacity: Option<u32>,
    target_spot_capacity: Option<u32>,
    instance_type_configs: Option<Vec<KindInput>>,
    launch_specifications: Option<Value>,
    resize_specifications: Option<Value>,
    context: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KindInput {
    instance_type: String,
    weighted_capacity: Option<u32>,
    bid_price: Option<String>,
    bid_price_as_percentage_of_on_demand_price: Option<f64>,
    ebs_configuration: Option<Value>,
    configurations: Option<Value>,
    priority: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScalingInput {
    compute_limits: Option<LimitsInput>,
    scaling_strategy: Option<String>,
    utilization_performance_index: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LimitsInput {
    unit_type: ScalingUnit,
    minimum_capacity_units: u32,
    maximum_capacity_units: u32,
    maximum_on_demand_capacity_units: Option<u32>,
    maximum_core_capacity_units: Option<u32>,
}

impl GroupInput {
    pub(super) fn pool(self, dice: Dice, now: jiff::Timestamp) -> Result<Pool, ApiError> {
        check_type(&self.instance_type)?;
        check_size(self.instance_count)?;
        if self.instance_role != Role::Task && self.instance_count == 0 {
            return Err(ApiError::validation("An instance group must have at least one instance"));
        }
        let market = self.market.unwrap_or(Market::OnDemand);
        let mut pool = Pool::new(
            identity::group_id(dice),
            self.name.unwrap_or_default(),
            self.instance_role,
            Collection::Groups,
            now,
        );
        pool.market = market;
        pool.requested = Units::only(market, self.instance_count);
        pool.kinds =
            vec![Kind { bid: self.bid_price, ebs: self.ebs_configuration, ..Kind::plain(&self.instance_type) }];
        pool.configurations = self.configurations;
        pool.auto_scaling = self.auto_scaling_policy;
        Ok(pool)
    }
}

impl FleetInput {
    pub(super) fn pool(self, dice: Dice, now: jiff::Timestamp) -> Result<Pool, ApiError> {
        let requested = Units {
            on_demand: self.target_on_demand_capacity.unwrap_or(0),
            spot: self.target_spot_capacity.unwrap_or(0),
        };
        let role = self.instance_fleet_type;
        if role == Role::Master && requested.total() != 1 {
            return Err(ApiError::invalid(
                "InvalidInstanceFleet",
                "The master instance fleet must have a target capacity of 1, either On-Demand or Spot.",
            ));
        }
        if requested.total() == 0 {
            return Err(ApiError::invalid(
                "InvalidInstanceFleet",
                "At least one of TargetOnDemandCapacity and TargetSpotCapacity must be greater than 0.",
            ));
        }
        let kinds = kinds(self.instance_type_configs.unwrap_or_default())?;
        if kinds.is_empty() {
            return Err(ApiError::invalid("InvalidInstanceFleet", "An instance fleet must have an instance type."));
        }
        let name = self.name.unwrap_or_default();
        let mut pool = Pool::new(identity::fleet_id(dice), name, role, Collection::Fleets, now);
        pool.requested = requested;
        pool.market = if requested.spot > 0 { Market::Spot } else { Market::OnDemand };
        pool.kinds = kinds;
        pool.patience = patience(self.launch_specifications.as_ref(), self.resize_specifications.as_ref())?;
        pool.launch_specifications = self.launch_specifications;
        pool.resize_specifications = self.resize_specifications;
        pool.context = self.context;
        Ok(pool)
    }
}

pub(super) fn kinds(inputs: Vec<KindInput>) -> Result<Vec<Kind>, ApiError> {
    inputs
        .into_iter()
        .map(|input| {
            check_type(&input.instance_type)?;
            let weight = input.weighted_capacity.unwrap_or(1);
            if weight == 0 {
                return Err(ApiError::invalid("InvalidInstanceFleet", "WeightedCapacity must be greater than 0."));
            }
            Ok(Kind {
                weight,
                bid: input.bid_price,
                bid_percent: input.bid_price_as_percentage_of_on_demand_price,
                priority: input.priority,
                ebs: input.ebs_configuration,
                configurations: input.configurations,
                ..Kind::plain(&input.instance_type)
            })
        })
        .collect()
}

/// How long a fleet tries, as its specifications say.
pub(super) fn patience(launch: Option<&Value>, resize: Option<&Value>) -> Result<Patience, ApiError> {
    let usual = Patience::of(Collection::Fleets);
    let spot_launch = launch.and_then(|launch| launch.get("SpotSpecification"));
    let of_resize = |name: &str| resize.and_then(|resize| resize.get(name));
    Ok(Patience {
        launch: timeout(spot_launch)?.unwrap_or(usual.launch),
        on_demand: timeout(of_resize("OnDemandResizeSpecification"))?.unwrap_or(usual.on_demand),
        spot: timeout(of_resize("SpotResizeSpecification"))?.unwrap_or(usual.spot),
        switches_to_on_demand: spot_launch.is_some_and(|spot| spot["TimeoutAction"] == "SWITCH_TO_ON_DEMAND"),
    })
}

fn timeout(specification: Option<&Value>) -> Result<Option<Duration>, ApiError> {
    let Some(minutes) = specification.and_then(|part| part.get("TimeoutDurationMinutes")) else { return Ok(None) };
    match minutes.as_u64() {
        Some(minutes @ 5..=10_080) => Ok(Some(Duration::from_mins(minutes))),
        _ => Err(ApiError::invalid(
            "InvalidInstanceFleet",
            "TimeoutDurationMinutes must be between 5 and 10080 minutes.",
        )),
    }
}

impl ScalingInput {
    pub(super) fn limits(self, collection: Collection) -> Result<Limits, ApiError> {
        let Some(limits) = self.compute_limits else {
            return Err(ApiError::validation("ComputeLimits must be specified in a managed scaling policy."));
        };
        if limits.minimum_capacity_units > limits.maximum_capacity_units || limits.minimum_capacity_units == 0 {
            return Err(ApiError::validation(
                "MinimumCapacityUnits must be greater than 0 and not greater than MaximumCapacityUnits.",
            ));
        }
        let of_fleets = limits.unit_type == ScalingUnit::FleetUnits;
        if of_fleets != (collection == Collection::Fleets) {
            return Err(ApiError::validation(format!(
                "UnitType {} is not valid for a cluster that uses {}.",
                limits.unit_type.word(),
                if of_fleets { "instance groups" } else { "instance fleets" }
            )));
        }
        Ok(Limits {
            unit: limits.unit_type,
            min: limits.minimum_capacity_units,
            max: limits.maximum_capacity_units,
            max_on_demand: limits.maximum_on_demand_capacity_units,
            max_core: limits.maximum_core_capacity_units,
            strategy: self.scaling_strategy,
            performance_index: self.utilization_performance_index,
        })
    }
}

pub(super) fn check_type(name: &str) -> Result<(), ApiError> {
    match catalogue::vcpus(name) {
        Some(_) => Ok(()),
        None => Err(ApiError::validation(format!("Instance type '{name}' is not supported."))),
    }
}

/// A group has at most 2,000 machines.
pub(super) fn check_size(count: u32) -> Result<(), ApiError> {
    if count > 2_000 {
        return Err(ApiError::validation("The number of instances in an instance group cannot exceed 2000."));
    }
    Ok(())
}

/// `IdleTimeout`, checked.
pub(super) fn idle_timeout(seconds: u64) -> Result<Duration, ApiError> {
    match seconds {
        60..=604_800 => Ok(Duration::from_secs(seconds)),
        _ => Err(ApiError::validation("IdleTimeout must be between 60 and 604800 seconds.")),
    }
}
