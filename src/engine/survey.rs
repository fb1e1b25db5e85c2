//! One look at everything, without a screen: lists all connections at once and, if asked, details at the polite rate.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::domain::{
    ClusterId, ClusterRef, ConnectionSpec, ErrorKind, Grouping, Identity, Lane, LaneStatus, ProviderError,
};
use crate::providers::{self, CallCx, Class, Inspection, ListScope, Provider};
use crate::store::{Fleet, Listing, Part, Snapshot};

use super::clock;
use super::gate::LimitGate;
use super::limits::Limiter;

/// How long the answer to "who am I" may hold up a finished listing.
const IDENTITY_GRACE: Duration = Duration::from_millis(1500);
/// Clusters looked at at once over one connection.
const AT_ONCE: usize = 4;

/// What to look at.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Ended clusters created so long ago at most.
    pub ended_within: Option<Duration>,
    /// Describe every cluster and its node groups, too.
    pub detail: bool,
    /// Only this cluster: with groups, jobs, policies. No listing is made.
    pub only: Option<ClusterId>,
}

/// How far the details have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub of: usize,
}

/// Looks once over all connections. A connection that fails says why in its lane; the others do not notice.
pub async fn survey(specs: Vec<ConnectionSpec>, wanted: &Wanted, progress: &(dyn Fn(Progress) + Sync)) -> Fleet {
    let count = Mutex::new(Progress::default());
    let advance = |done: usize, more: usize| {
        let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
        count.done += done;
        count.of += more;
        progress(*count);
    };
    let looks = specs.into_iter().map(|spec| look(spec, wanted, &advance));
    let mut fleet = Fleet::default();
    for snapshots in futures_util::future::join_all(looks).await {
        fleet.apply(snapshots);
    }
    fleet
}

type Advance<'a> = &'a (dyn Fn(usize, usize) + Sync);

async fn look(spec: ConnectionSpec, wanted: &Wanted, advance: Advance<'_>) -> Vec<Snapshot> {
    let mut lane = Lane::new(spec.name.clone(), spec.cloud, spec.region.clone(), spec.mode);
    let mut snapshots = Vec::new();
    let Some(row) = providers::row(spec.cloud) else {
        return vec![Snapshot::Lane(super::not_built(&spec))];
    };
    let gate = LimitGate::new(Limiter::new(row.quotas, &spec.quotas, spec.share, Instant::now()));
    let cx = CallCx { gate: Arc::new(gate), class: Class::Interactive, timeout: spec.timeout };
    let failed = |error| LaneStatus::Failing { error: Arc::new(error), retry_at: None };
    match (row.connect)(spec.clone()).await {
        Err(error) => lane.status = failed(error),
        Ok(provider) => {
            let looking = Look { spec: &spec, provider: provider.as_ref(), cx: &cx, advance };
            let (seen, identity) = looking.all_and_identity(wanted, &mut snapshots).await;
            lane.identity = identity;
            lane.status = match seen {
                Ok(()) => LaneStatus::Live,
                Err(error) => failed(error),
            };
            if matches!(lane.status, LaneStatus::Live) {
                lane.listed_at = Some(clock::now());
            } else {
                // Half a list would look like a whole one.
                snapshots.clear();
            }
        }
    }
    snapshots.push(Snapshot::Lane(lane));
    snapshots
}

struct Look<'a> {
    spec: &'a ConnectionSpec,
    provider: &'a dyn Provider,
    cx: &'a CallCx,
    advance: Advance<'a>,
}

impl Look<'_> {
    /// The identity is asked beside everything else and waited for only a little.
    async fn all_and_identity(
        &self,
        wanted: &Wanted,
        out: &mut Vec<Snapshot>,
    ) -> (Result<(), ProviderError>, Option<Identity>) {
        let identity = self.provider.identity(self.cx);
        let main = self.all(wanted, out);
        tokio::pin!(identity, main);
        let mut known = None;
        let seen = loop {
            tokio::select! {
                seen = &mut main => break seen,
                answer = &mut identity, if known.is_none() => known = Some(answer),
            }
        };
        if known.is_none() {
            known = tokio::time::timeout(IDENTITY_GRACE, identity).await.ok();
        }
        (seen, known.and_then(Result::ok))
    }

    async fn all(&self, wanted: &Wanted, out: &mut Vec<Snapshot>) -> Result<(), ProviderError> {
        if let Some(id) = &wanted.only {
            return self.one(id, out).await;
        }
        let mut ids = self.list(ListScope::Active, out).await?;
        if let Some(within) = wanted.ended_within {
            ids.extend(self.list(ListScope::EndedSince(clock::now() - within), out).await?);
        }
        if wanted.detail {
            (self.advance)(0, ids.len());
            let mut waiting = ids.into_iter();
            let mut looks: FuturesUnordered<_> = waiting.by_ref().take(AT_ONCE).map(|id| self.detail(id)).collect();
            while let Some(parts) = looks.next().await {
                (self.advance)(1, 0);
                out.extend(parts);
                looks.extend(waiting.next().map(|id| self.detail(id)));
            }
        }
        Ok(())
    }

    async fn list(&self, scope: ListScope, out: &mut Vec<Snapshot>) -> Result<Vec<ClusterId>, ProviderError> {
        let (sender, mut pages) = mpsc::channel(4);
        let listing = self.provider.list(self.cx, scope, sender);
        let taking = async {
            let mut clusters = Vec::new();
            while let Some(page) = pages.recv().await {
                clusters.extend(page);
            }
            clusters
        };
        let (listed, clusters) = tokio::join!(listing, taking);
        listed?;
        // A cluster that moves between pages may be listed twice.
        let clusters: BTreeMap<_, _> = clusters.into_iter().map(|summary| (summary.id.clone(), summary)).collect();
        let ids = clusters.keys().cloned().collect();
        out.push(Snapshot::Listing(Listing {
            connection: self.spec.name.clone(),
            cloud: self.spec.cloud,
            at: clock::now(),
            sweep: 0,
            clusters: clusters.into_values().collect(),
            ends_sweep: false,
        }));
        Ok(ids)
    }

    fn part(&self, id: &ClusterId, at: Timestamp, part: Part) -> Snapshot {
        Snapshot::Part { cluster: ClusterRef::new(self.spec.name.clone(), id.clone()), at, part }
    }

    /// A cluster's facts and groups; what cannot be read stands in its place as an error.
    async fn detail(&self, id: ClusterId) -> Vec<Snapshot> {
        match self.provider.inspect(self.cx, &id).await {
            Ok(seen) => self.parts(seen).await,
            Err(error) => vec![self.part(&id, clock::now(), Part::Inspection(Err(Arc::new(error))))],
        }
    }

    async fn parts(&self, seen: Inspection) -> Vec<Snapshot> {
        let id = seen.summary.id.clone();
        let grouping = seen.detail.grouping;
        let mut out = vec![self.part(&id, clock::now(), Part::Inspection(Ok(Box::new((seen.summary, seen.detail)))))];
        let groups = self.provider.groups(self.cx, &id, grouping).await.map_err(Arc::new);
        out.push(self.part(&id, clock::now(), Part::Groups(groups)));
        if grouping == Grouping::Fleets {
            // Weighted units say nothing of how many machines there are.
            let nodes = self.provider.nodes(self.cx, &id).await.map_err(Arc::new);
            out.push(self.part(&id, clock::now(), Part::Nodes(nodes)));
        }
        out
    }

    async fn one(&self, id: &ClusterId, out: &mut Vec<Snapshot>) -> Result<(), ProviderError> {
        let seen = match self.provider.inspect(self.cx, id).await {
            Ok(seen) => seen,
            // It belongs to another connection.
            Err(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Invalid) => return Ok(()),
            Err(error) => return Err(error),
        };
        out.push(Snapshot::Listing(Listing {
            connection: self.spec.name.clone(),
            cloud: self.spec.cloud,
            at: clock::now(),
            sweep: 0,
            clusters: vec![seen.summary.clone()],
            ends_sweep: false,
        }));
        out.extend(self.parts(seen).await);
        let jobs = self.provider.jobs(self.cx, id, 1).await.map_err(Arc::new);
        out.push(self.part(id, clock::now(), Part::Jobs(jobs)));
        let policies = self.provider.policies(self.cx, id).await.map_err(Arc::new);
        out.push(self.part(id, clock::now(), Part::Policies(policies)));
        Ok(())
    }
}
