//! One cluster that a scenario writes out.

use std::time::Duration;

use jiff::Timestamp;
use toml::Spanned;

use super::{Builder, check_pools, check_type, default_name, group_pool, plan_happening, role, step};
use crate::sim::clock;
use crate::sim::dice::Dice;
use crate::sim::emr::cluster::{BootstrapAction, Cluster, ErrorDetail};
use crate::sim::emr::event::Tick;
use crate::sim::emr::identity;
use crate::sim::emr::job::{Book, Routine};
use crate::sim::emr::pool::{Kind, Patience, Pool, Units};
use crate::sim::emr::restore::{self, End, Past, PastStep};
use crate::sim::emr::scaling::Limits;
use crate::sim::emr::spec::{ClusterSpec, EndWord, FleetSpec, RoutineSpec, ScalingSpec, StateWord};
use crate::sim::emr::words::{Collection, Market, ReasonCode, Role};
use crate::sim::scenario::Problem;

/// How often a step of the past failed when nobody says.
const USUAL_FAILURES: f64 = 0.04;

impl Builder<'_> {
    /// Builds one cluster and takes it in.
    pub(super) fn cluster(&mut self, spec: &Spanned<ClusterSpec>) -> Result<(), Problem> {
        let span = spec.span();
        let spec = spec.get_ref();
        let (site, region) = self.site(spec.account.as_ref(), spec.region.as_ref())?;
        let by_name = self.site_dice(site).of("cluster").of(spec.name.get_ref());
        let (id, dice) = match &spec.id {
            Some(id) => (id.get_ref().clone(), by_name.of(id.get_ref())),
            None => (identity::cluster_id(by_name), by_name),
        };
        if self.emr.by_id.contains_key(&id) {
            let name = spec.name.get_ref();
            let message =
                format!("there are two clusters called `{name}`, or with this id: give one of them another id");
            return Err(Problem::at(spec.name.span(), message));
        }
        let (state, times) = times(spec, self.start)?;
        let mut cluster =
            Cluster::new(id, spec.name.get_ref().clone(), site, region, dice, clock::before(self.start, times.age));
        self.tell_settings(&mut cluster, spec)?;
        cluster.pools = pools(spec, dice, cluster.status.created)?;
        cluster.collection = if spec.fleets.is_empty() { Collection::Groups } else { Collection::Fleets };
        check_pools(&cluster.pools, span)?;
        self.tell_life(&mut cluster, spec);
        let book = spec.book.unwrap_or(Book::Etl);
        let past = Past {
            state,
            created: cluster.status.created,
            end: None,
            book,
            history: spec.history,
            fails: cluster.routine.map_or(USUAL_FAILURES, |routine| routine.fails),
            steps: self.known_steps(spec, state, book, dice)?,
            is_still: self.life().is_none(),
            suspended_at: spec
                .groups
                .iter()
                .map(|group| group.get_ref().suspended_at.as_ref().map(|n| *n.get_ref()))
                .collect(),
        };
        let end = times.ended.map(|ended| clock::before(self.start, ended));
        let end_word = end_word(spec, state);
        let key = self.emr.add(cluster);
        let start = self.start;
        if let Some((cluster, mut tick)) = self.emr.present(key, start) {
            let end = end.map(|at| end_of(cluster, end_word, at));
            restore::restore(cluster, Past { end, ..past }, &mut tick);
            if let Some(scaling) = &spec.managed_scaling {
                scale(cluster, scaling, &mut tick)?;
            }
            for event in &spec.events {
                plan_happening(cluster, event.get_ref().clone(), &mut tick)
                    .map_err(|problem| Problem::at(event.span(), problem))?;
            }
        }
        Ok(())
    }

    fn tell_settings(&self, cluster: &mut Cluster, spec: &ClusterSpec) -> Result<(), Problem> {
        let mut settings = self.settings(cluster.site, cluster.dice, spec.release.as_deref());
        if let Some(applications) = &spec.applications {
            settings.applications = applications
                .iter()
                .map(|text| text.split_once(' ').unwrap_or((text, "")))
                .map(|(name, version)| (name.into(), version.into()))
                .collect();
        }
        settings.tags = spec.tags.clone().into_iter().collect();
        settings.log_uri = spec.log_uri.clone().or(settings.log_uri);
        settings.is_protected = spec.protected;
        settings.auto_terminate = spec.auto_terminate;
        settings.replaces_unhealthy = spec.replaces_unhealthy;
        settings.has_public_addresses = spec.public;
        if let Some(level) = &spec.step_concurrency {
            if !(1..=256).contains(level.get_ref()) {
                return Err(Problem::at(level.span(), "step_concurrency is from 1 to 256"));
            }
            settings.step_concurrency = *level.get_ref();
        }
        settings.bootstrap_actions = spec
            .bootstrap
            .iter()
            .map(|action| BootstrapAction {
                name: action.name.clone(),
                path: action.path.clone(),
                arguments: action.args.clone(),
            })
            .collect();
        cluster.settings = settings;
        cluster.idle.timeout = spec.idle_timeout.map(|timeout| timeout.0);
        Ok(())
    }

    fn tell_life(&self, cluster: &mut Cluster, spec: &ClusterSpec) {
        let common = self.life();
        let own = spec.routine.as_ref();
        // A cluster that ends after its last step is given no more of them.
        let routine = own.or(common.map(|life| &life.routine).filter(|_| !spec.auto_terminate));
        cluster.routine = routine.map(|routine| self::routine(routine, spec.book.unwrap_or(Book::Etl)));
        cluster.spot_losses_per_day =
            spec.spot_losses_per_day.or(common.map(|life| life.spot_losses_per_day)).unwrap_or_default();
    }

    fn known_steps(
        &self,
        spec: &ClusterSpec,
        state: StateWord,
        book: Book,
        dice: Dice,
    ) -> Result<Vec<PastStep>, Problem> {
        let is_still = self.life().is_none();
        spec.steps
            .iter()
            .enumerate()
            .map(|(n, step)| {
                step::check(step, state)?;
                Ok(step::known(step.get_ref(), book, dice.of("known step").at(n as u64), self.start, is_still))
            })
            .collect()
    }
}

/// Ages, as they follow from what is written.
struct Times {
    age: Duration,
    /// How long ago it ended.
    ended: Option<Duration>,
}

fn times(spec: &ClusterSpec, start: Timestamp) -> Result<(StateWord, Times), Problem> {
    let state = spec.state.as_ref().map_or(StateWord::Waiting, |state| *state.get_ref());
    let usual_age = match state {
        StateWord::Starting => Duration::from_secs(50),
        StateWord::Bootstrapping => Duration::from_mins(3),
        _ => Duration::from_hours(6),
    };
    let age = spec.age.map_or(usual_age, |age| age.0);
    let has_ended = matches!(state, StateWord::Terminated | StateWord::Failed);
    if !has_ended {
        let given = spec.ended.as_ref().map(Spanned::span).or(spec.end.as_ref().map(Spanned::span));
        if let Some(span) = given {
            return Err(Problem::at(span, "only a cluster whose state is terminated or failed has ended"));
        }
    }
    let ended = has_ended.then(|| spec.ended.as_ref().map_or(age / 3, |ended| ended.get_ref().0));
    if let (Some(ended), Some(written)) = (ended, &spec.ended)
        && ended >= age
    {
        return Err(Problem::at(written.span(), "a cluster cannot have ended before it was created: raise its age"));
    }
    let oldest = clock::between(Timestamp::UNIX_EPOCH, start);
    Ok((state, Times { age: age.min(oldest), ended }))
}

fn end_word(spec: &ClusterSpec, state: StateWord) -> EndWord {
    let usual = match state {
        StateWord::Failed => EndWord::StepFailure,
        _ if spec.auto_terminate => EndWord::Steps,
        _ => EndWord::User,
    };
    spec.end.as_ref().map_or(usual, |end| *end.get_ref())
}

/// How a cluster ended, in EMR's words.
fn end_of(cluster: &Cluster, word: EndWord, at: Timestamp) -> End {
    let zone = cluster.settings.zone.clone();
    let kind = cluster.pools.last().and_then(|pool| pool.kinds.first()).map_or("", |kind| &kind.instance_type);
    let error = |code, message: String, data| vec![ErrorDetail { code, message, data }];
    let (code, message, errors) = match word {
        EndWord::User => (ReasonCode::UserRequest, "Terminated by user request".to_owned(), Vec::new()),
        EndWord::Steps => (ReasonCode::AllStepsCompleted, "Steps completed".to_owned(), Vec::new()),
        EndWord::StepFailure => (ReasonCode::StepFailure, "Shut down as step failed".to_owned(), Vec::new()),
        EndWord::Bootstrap => {
            let id = restore::master_ec2_id(cluster);
            let message = format!("On the master instance ({id}), bootstrap action 1 returned a non-zero return code");
            let path = cluster.settings.bootstrap_actions.first().map(|action| action.path.clone()).unwrap_or_default();
            let data = vec![
                ("primary-instance-id", id),
                ("bootstrap-action", "1".to_owned()),
                ("return-code", "1".to_owned()),
                ("amazon-s3-path", path),
            ];
            let errors = error("BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE", message.clone(), data);
            (ReasonCode::BootstrapFailure, message, errors)
        }
        EndWord::Capacity => {
            let message = format!("{zone} does not have enough EC2 capacity for instance type {kind}.");
            let data = vec![("instance-type", kind.to_owned()), ("availability-zone", zone)];
            let errors = error("INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ", message.clone(), data);
            (ReasonCode::InternalError, message, errors)
        }
        EndWord::Internal => {
            let message = "An internal error occurred.".to_owned();
            let errors = error("INTERNAL_ERROR", "An internal error occurred on the primary node.".to_owned(), vec![]);
            (ReasonCode::InternalError, message, errors)
        }
    };
    End { at, code, message, errors }
}

fn pools(spec: &ClusterSpec, dice: Dice, created: Timestamp) -> Result<Vec<Pool>, Problem> {
    match (spec.groups.first(), spec.fleets.first()) {
        (Some(_), Some(fleet)) => Err(Problem::at(fleet.span(), "a cluster has groups or fleets, not both")),
        (Some(_), None) => spec.groups.iter().map(|group| group_pool(group, dice, created)).collect(),
        (None, Some(_)) => spec.fleets.iter().map(|fleet| fleet_pool(fleet, dice, created)).collect(),
        (None, None) => Ok(usual_pools(dice, created)),
    }
}

/// What a cluster is made of when nobody says.
fn usual_pools(dice: Dice, created: Timestamp) -> Vec<Pool> {
    [(Role::Master, 1), (Role::Core, 2)]
        .map(|(role, count)| {
            let id = identity::group_id(dice.of("pool").of(role.word()));
            let mut pool = Pool::new(id, default_name(role).to_owned(), role, Collection::Groups, created);
            pool.kinds = vec![Kind::plain("m5.xlarge")];
            pool.requested = Units::only(Market::OnDemand, count);
            pool
        })
        .into()
}

fn fleet_pool(spec: &Spanned<FleetSpec>, dice: Dice, created: Timestamp) -> Result<Pool, Problem> {
    let spec = spec.get_ref();
    let role = role(spec.role);
    let name = spec.name.clone().unwrap_or_else(|| default_name(role).to_owned());
    let id = identity::fleet_id(dice.of("pool").of(role.word()).of(&name));
    let mut pool = Pool::new(id, name, role, Collection::Fleets, created);
    pool.requested = Units { on_demand: spec.on_demand, spot: spec.spot };
    pool.market = if spec.spot > 0 { Market::Spot } else { Market::OnDemand };
    pool.available = spec.available;
    for kind in &spec.types {
        check_type(&kind.instance_type)?;
        let weight = kind.weight.as_ref().map_or(1, |weight| *weight.get_ref());
        if let (0, Some(written)) = (weight, &kind.weight) {
            return Err(Problem::at(written.span(), "a machine has a weight of at least 1"));
        }
        pool.kinds.push(Kind {
            weight,
            bid_percent: kind.bid_percent,
            priority: kind.priority,
            ..Kind::plain(kind.instance_type.get_ref())
        });
    }
    if let Some(timeout) = spec.resize_timeout {
        pool.patience = Patience { on_demand: timeout.0, spot: timeout.0, ..pool.patience };
        let minutes = timeout.0.as_secs() / 60;
        pool.resize_specifications = Some(serde_json::json!({
            "OnDemandResizeSpecification": { "TimeoutDurationMinutes": minutes },
            "SpotResizeSpecification": { "TimeoutDurationMinutes": minutes },
        }));
    }
    Ok(pool)
}

pub(in crate::sim::emr) fn routine(spec: &RoutineSpec, book: Book) -> Routine {
    Routine { book, every: spec.every.0, lasts: spec.lasts.map(|(low, high)| (low.0, high.0)), fails: spec.fails }
}

fn scale(cluster: &mut Cluster, spec: &Spanned<ScalingSpec>, tick: &mut Tick<'_>) -> Result<(), Problem> {
    let at = spec.span();
    let spec = spec.get_ref();
    if spec.min > spec.max {
        return Err(Problem::at(at, format!("min {} is more than max {}", spec.min, spec.max)));
    }
    let limits = Limits {
        unit: spec.unit.into(),
        min: spec.min,
        max: spec.max,
        max_on_demand: spec.max_on_demand,
        max_core: spec.max_core,
        strategy: None,
        performance_index: None,
    };
    cluster.set_scaling(limits, spec.lively, tick);
    Ok(())
}
