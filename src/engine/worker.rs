//! One worker for each connection: asks what its agenda says, at the rate that the gate allows, and posts what it hears.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::{
    ClusterRef, ConnectionSpec, Detail, ErrorKind, Identity, JobPage, Lane, LaneStatus, Node, NodeGroup, Policies,
    ProviderError, Summary,
};
use crate::providers::{CallCx, Class, ListScope, Provider, ProviderRow};
use crate::store::{Listing, Part, Snapshot};
use crate::tea::Interest;

use super::agenda::{Agenda, Ask, Due, Looked};
use super::clock;
use super::connections::Shared;

/// Questions under way at once over one connection. What the operator has open never waits for the rest.
const MOST_AT_ONCE: usize = 5;
const MOST_WITH_OPEN: usize = 9;

/// Orders from the operator.
#[derive(Debug)]
pub(super) enum Order {
    Refresh,
}

pub(super) struct Worker {
    pub(super) spec: ConnectionSpec,
    pub(super) row: &'static ProviderRow,
    pub(super) shared: Arc<Shared>,
    pub(super) interest: watch::Receiver<Interest>,
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) stop: CancellationToken,
    pub(super) agenda: Agenda,
    lane: Lane,
    /// Why everything over this connection fails, until the listing works again.
    blocked: bool,
    /// The lane's trouble is one throttled detail: the next good answer clears it.
    is_only_a_detail: bool,
    pages: Option<mpsc::Receiver<Vec<Summary>>>,
    ended_pages: Option<mpsc::Receiver<Vec<Summary>>>,
}

/// What came back.
enum Answer {
    Identity(Identity),
    Listed,
    Inspected(Box<(Summary, Detail)>),
    Groups(Vec<NodeGroup>),
    Jobs(JobPage),
    Nodes(Vec<Node>),
    Policies(Policies),
}

type Heard = (Ask, Result<Answer, ProviderError>);

enum Next {
    Reconnect,
    Stop,
}

impl Worker {
    pub(super) fn new(
        spec: ConnectionSpec,
        row: &'static ProviderRow,
        shared: Arc<Shared>,
        interest: watch::Receiver<Interest>,
        orders: mpsc::Receiver<Order>,
        stop: CancellationToken,
    ) -> Self {
        let mut lane = Lane::new(spec.name.clone(), spec.cloud, spec.region.clone(), shared.mode());
        lane.identity = shared.identity();
        Self {
            agenda: Agenda::new(RandomState::new().hash_one(spec.name.as_str())),
            spec,
            row,
            shared,
            interest,
            orders,
            stop,
            lane,
            blocked: false,
            is_only_a_detail: false,
            pages: None,
            ended_pages: None,
        }
    }

    /// Works until it is stopped.
    pub(super) async fn run(mut self) {
        self.post_lane();
        let stop = self.stop.clone();
        loop {
            let connecting = (self.row.connect)(self.spec.clone());
            let connected = tokio::select! {
                () = stop.cancelled() => return,
                connected = connecting => connected,
            };
            match connected {
                Ok(provider) => {
                    self.shared.set_provider(Some(Arc::clone(&provider)));
                    match self.poll(&provider).await {
                        Next::Reconnect => {}
                        Next::Stop => return,
                    }
                }
                Err(error) => {
                    let retry_at = self.agenda.failed(&Ask::Sweep, &error, Instant::now());
                    self.fail_lane(Arc::new(error), retry_at);
                    if let Some(at) = retry_at {
                        tokio::select! {
                            () = stop.cancelled() => return,
                            () = tokio::time::sleep_until(at) => {}
                        }
                    }
                }
            }
        }
    }

    async fn poll(&mut self, provider: &Arc<dyn Provider>) -> Next {
        let stop = self.stop.clone();
        let mut under_way: JoinSet<Heard> = JoinSet::new();
        loop {
            let wake_at = match self.start_due(provider, &mut under_way) {
                Ok(wake_at) => wake_at,
                Err(Next::Reconnect) => return Next::Reconnect,
                Err(Next::Stop) => return Next::Stop,
            };
            let sleep = async {
                match wake_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = stop.cancelled() => return Next::Stop,
                Some(page) = next_page(&mut self.pages) => self.take_page(page, true),
                Some(page) = next_page(&mut self.ended_pages) => self.take_page(page, false),
                Some(heard) = under_way.join_next(), if !under_way.is_empty() => match heard {
                    Ok((ask, answer)) => {
                        self.drain_pages(&ask);
                        self.take(&ask, answer);
                    }
                    // A question that panicked takes the worker down with it: the supervisor starts it again.
                    Err(broken) if broken.is_panic() => std::panic::resume_unwind(broken.into_panic()),
                    Err(_) => {}
                },
                order = self.orders.recv() => match order {
                    Some(Order::Refresh) => self.agenda.refresh(),
                    None => return Next::Stop,
                },
                changed = self.interest.changed() => if changed.is_err() { return Next::Stop },
                () = sleep => {}
            }
        }
    }

    /// Starts whatever is due. Returns when to look again.
    fn start_due(
        &mut self,
        provider: &Arc<dyn Provider>,
        under_way: &mut JoinSet<Heard>,
    ) -> Result<Option<Instant>, Next> {
        loop {
            let now = Instant::now();
            let looked = self.looked();
            match self.agenda.next(&looked, self.blocked, now) {
                Err(later) => return Ok(later),
                Ok(Due { class, .. }) if under_way.len() >= most_at_once(class) => return Ok(None),
                Ok(Due { ask, class }) => {
                    if ask == Ask::Sweep && self.is_login_broken() && under_way.is_empty() {
                        // Somebody may have logged in again meanwhile: read the files anew.
                        self.lane.status = LaneStatus::Connecting;
                        return Err(Next::Reconnect);
                    }
                    self.agenda.started(&ask, now);
                    self.start(provider, ask, class, under_way);
                }
            }
        }
    }

    fn is_login_broken(&self) -> bool {
        matches!(&self.lane.status, LaneStatus::Failing { error, .. } if error.kind.is_auth())
    }

    fn looked(&self) -> Looked {
        let interest = self.interest.borrow();
        let ours = |cluster: &ClusterRef| cluster.connection == self.spec.name;
        Looked {
            visible: interest
                .visible
                .iter()
                .filter(|cluster| ours(cluster))
                .map(|cluster| cluster.id.clone())
                .collect(),
            open: interest
                .open
                .as_ref()
                .filter(|open| ours(&open.cluster))
                .map(|open| (open.cluster.id.clone(), open.tabs.clone(), open.job_pages)),
        }
    }

    fn start(&mut self, provider: &Arc<dyn Provider>, ask: Ask, class: Class, under_way: &mut JoinSet<Heard>) {
        let cx = CallCx { gate: self.shared.gate(), class, timeout: self.spec.timeout };
        let sink = match ask {
            Ask::Sweep | Ask::Ended => {
                let (sender, receiver) = mpsc::channel(4);
                *(if ask == Ask::Sweep { &mut self.pages } else { &mut self.ended_pages }) = Some(receiver);
                Some(sender)
            }
            _ => None,
        };
        let provider = Arc::clone(provider);
        let history = self.spec.history;
        under_way.spawn(async move {
            let answer = match (&ask, sink) {
                (Ask::Identity, _) => provider.identity(&cx).await.map(Answer::Identity),
                (Ask::Sweep, Some(sink)) => provider.list(&cx, ListScope::Active, sink).await.map(|()| Answer::Listed),
                (Ask::Ended, Some(sink)) => {
                    let since = clock::now() - history;
                    provider.list(&cx, ListScope::EndedSince(since), sink).await.map(|()| Answer::Listed)
                }
                (Ask::Sweep | Ask::Ended, None) => Ok(Answer::Listed),
                (Ask::Inspect(id), _) => {
                    provider.inspect(&cx, id).await.map(|seen| Answer::Inspected(Box::new((seen.summary, seen.detail))))
                }
                (Ask::Groups(id, grouping), _) => {
                    provider.groups(&cx, id, (*grouping).into()).await.map(Answer::Groups)
                }
                (Ask::Jobs(id, pages), _) => provider.jobs(&cx, id, *pages).await.map(Answer::Jobs),
                (Ask::Nodes(id), _) => provider.nodes(&cx, id).await.map(Answer::Nodes),
                (Ask::Policies(id), _) => provider.policies(&cx, id).await.map(Answer::Policies),
            };
            (ask, answer)
        });
    }

    /// A listing's last pages must be taken before its end is.
    fn drain_pages(&mut self, ask: &Ask) {
        let (receiver, is_sweep) = match ask {
            Ask::Sweep => (self.pages.take(), true),
            Ask::Ended => (self.ended_pages.take(), false),
            _ => return,
        };
        let Some(mut receiver) = receiver else { return };
        while let Ok(page) = receiver.try_recv() {
            self.take_page(page, is_sweep);
        }
    }

    fn take_page(&mut self, page: Vec<Summary>, is_sweep: bool) {
        self.agenda.listed(&page, is_sweep);
        if is_sweep {
            self.blocked = false;
            if self.lane.listed_at.is_none() {
                self.lane.pages_read = Some(self.lane.pages_read.unwrap_or(0) + 1);
            }
            self.mark_live();
        }
        self.post_listing(page, is_sweep, false);
    }

    fn post_listing(&self, clusters: Vec<Summary>, is_sweep: bool, ends_sweep: bool) {
        self.shared.post(Snapshot::Listing(Listing {
            connection: self.spec.name.clone(),
            cloud: self.spec.cloud,
            at: clock::now(),
            sweep: if is_sweep { self.agenda.sweep_number() } else { 0 },
            clusters,
            ends_sweep,
        }));
    }

    fn take(&mut self, ask: &Ask, answer: Result<Answer, ProviderError>) {
        let at = clock::now();
        match answer {
            Ok(answer) => {
                self.agenda.succeeded(ask, Instant::now());
                self.shared.note(ask.kind(), None, at);
                if self.is_only_a_detail {
                    self.mark_live();
                }
                self.take_answer(ask, answer, at);
            }
            Err(error) => self.take_error(ask, error, at),
        }
        self.post_lane();
    }

    fn take_answer(&mut self, ask: &Ask, answer: Answer, at: Timestamp) {
        match (ask, answer) {
            (Ask::Identity, Answer::Identity(identity)) => {
                self.shared.set_identity(identity.clone());
                self.lane.identity = Some(identity);
            }
            (Ask::Sweep, _) => {
                self.blocked = false;
                self.lane.listed_at = Some(at);
                self.lane.pages_read = None;
                self.lane.period = self.agenda.period();
                self.mark_live();
                self.post_listing(Vec::new(), true, true);
            }
            (Ask::Inspect(id), Answer::Inspected(seen)) => {
                self.agenda.inspected(&seen.0, seen.1.grouping);
                self.post_part(id, at, Part::Inspection(Ok(seen)));
            }
            (Ask::Groups(id, _), Answer::Groups(groups)) => self.post_part(id, at, Part::Groups(Ok(groups))),
            (Ask::Jobs(id, _), Answer::Jobs(jobs)) => self.post_part(id, at, Part::Jobs(Ok(jobs))),
            (Ask::Nodes(id), Answer::Nodes(nodes)) => self.post_part(id, at, Part::Nodes(Ok(nodes))),
            (Ask::Policies(id), Answer::Policies(policies)) => self.post_part(id, at, Part::Policies(Ok(policies))),
            _ => {}
        }
    }

    fn take_error(&mut self, ask: &Ask, error: ProviderError, at: Timestamp) {
        tracing::warn!(connection = %self.spec.name, ?ask, error = &error as &dyn std::error::Error, "call failed");
        let error = Arc::new(error);
        let retry_at = self.agenda.failed(ask, &error, Instant::now());
        // The listing's own failure is the lane's status.
        if *ask != Ask::Sweep {
            self.shared.note(ask.kind(), Some(&error), at);
        }
        match ask {
            Ask::Sweep => {
                self.is_only_a_detail = false;
                self.blocked = !matches!(error.kind, ErrorKind::Throttled { .. });
                self.fail_lane(Arc::clone(&error), retry_at);
            }
            // A login that ends breaks everything: say so now, not at the next listing.
            _ if error.kind.is_auth() && *ask != Ask::Identity => {
                self.blocked = true;
                self.agenda.postpone_sweep(&error, Instant::now());
                self.fail_lane(Arc::clone(&error), retry_at);
            }
            _ if matches!(error.kind, ErrorKind::Throttled { .. }) => {
                self.is_only_a_detail = true;
                self.fail_lane(Arc::clone(&error), retry_at);
            }
            _ => {}
        }
        match ask {
            Ask::Inspect(id) => self.post_part(id, at, Part::Inspection(Err(error))),
            Ask::Groups(id, _) => self.post_part(id, at, Part::Groups(Err(error))),
            Ask::Jobs(id, _) => self.post_part(id, at, Part::Jobs(Err(error))),
            Ask::Nodes(id) => self.post_part(id, at, Part::Nodes(Err(error))),
            Ask::Policies(id) => self.post_part(id, at, Part::Policies(Err(error))),
            Ask::Identity | Ask::Sweep | Ask::Ended => {}
        }
    }

    fn post_part(&self, id: &crate::domain::ClusterId, at: Timestamp, part: Part) {
        let cluster = ClusterRef::new(self.spec.name.clone(), id.clone());
        self.shared.post(Snapshot::Part { cluster, at, part });
    }

    fn mark_live(&mut self) {
        self.is_only_a_detail = false;
        self.lane.status = LaneStatus::Live;
        self.post_lane();
    }

    fn fail_lane(&mut self, error: Arc<ProviderError>, retry_at: Option<Instant>) {
        let retry_at = retry_at.map(|at| clock::now() + at.saturating_duration_since(Instant::now()));
        self.lane.status = LaneStatus::Failing { error, retry_at };
        self.post_lane();
    }

    /// Posts the lane if anything in it is different.
    fn post_lane(&self) {
        self.shared.post_lane(self.lane.clone());
    }
}

const fn most_at_once(class: Class) -> usize {
    match class {
        Class::Change | Class::Interactive => MOST_WITH_OPEN,
        Class::Visible | Class::Background => MOST_AT_ONCE,
    }
}

async fn next_page(receiver: &mut Option<mpsc::Receiver<Vec<Summary>>>) -> Option<Vec<Summary>> {
    match receiver {
        Some(pages) => {
            let page = pages.recv().await;
            if page.is_none() {
                *receiver = None;
            }
            page
        }
        None => std::future::pending().await,
    }
}
