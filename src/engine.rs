//! Runs effects: one worker for each connection, limits, plans carried out, the journal. Knows no screen.

mod agenda;
pub mod checkup;
pub mod clock;
mod connections;
mod execute;
mod gate;
mod journal;
mod limits;
mod mailbox;
pub mod survey;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::{Action, ConnectionName, ConnectionSpec, ErrorKind, Lane, LaneStatus, Mode, Plan, ProviderError};
use crate::providers;
use crate::store::Snapshot;
use crate::tea::{Interest, Prepared};

use connections::{Accounts, Shared};
use execute::Executor;
use gate::LimitGate;
use limits::Limiter;
use worker::{Order, Worker};

pub use journal::{Actor, Journal};
pub use mailbox::Mailbox;

/// Operations must have written their last line by then.
const LAST_WORD: Duration = Duration::from_secs(execute::LAST_ANSWER.as_secs() + 2);
const RESTART: Duration = Duration::from_secs(5);

/// What the engine is started with.
#[derive(Debug)]
pub struct Options {
    pub connections: Vec<ConnectionSpec>,
    /// Nothing may be changed, whatever the connections say.
    pub read_only: bool,
    pub journal: Journal,
    pub actor: Actor,
}

struct Connection {
    shared: Arc<Shared>,
    orders: mpsc::Sender<Order>,
}

/// The running engine. Dropping it stops the workers at their next step; [`Engine::shut_down`] does it properly.
pub struct Engine {
    mailbox: Arc<Mailbox>,
    interest: watch::Sender<Interest>,
    connections: HashMap<ConnectionName, Connection>,
    journal: Arc<Journal>,
    actor: Arc<Actor>,
    tracker: TaskTracker,
    stop: CancellationToken,
    operations: TaskTracker,
    count: AtomicU64,
}

impl Engine {
    /// Starts a worker for each connection. Must be called inside a tokio runtime.
    pub fn start(options: Options) -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let accounts = Arc::new(Accounts::default());
        let (interest, watched) = watch::channel(Interest::default());
        let tracker = TaskTracker::new();
        let stop = CancellationToken::new();
        let mut connections = HashMap::new();
        for spec in options.connections {
            let Some(row) = providers::row(spec.cloud) else {
                mailbox.post(Snapshot::Lane(not_built(&spec)));
                continue;
            };
            // Lanes stand in the order of the configuration, whoever answers first.
            let mode = if options.read_only { Mode::ReadOnly } else { spec.mode };
            mailbox.post(Snapshot::Lane(Lane::new(spec.name.clone(), spec.cloud, spec.region.clone(), mode)));
            let limiter = Limiter::new(row.quotas, &spec.quotas, spec.share, Instant::now());
            let may_operate = spec.mode == Mode::Operate && !options.read_only;
            let shared = Arc::new(Shared::new(
                spec.clone(),
                may_operate,
                LimitGate::new(limiter),
                Arc::clone(&accounts),
                Arc::clone(&mailbox),
            ));
            let (orders, taken) = mpsc::channel(8);
            let work = supervise(spec.clone(), row, Arc::clone(&shared), watched.clone(), taken, stop.clone());
            tracker.spawn(work);
            connections.insert(spec.name.clone(), Connection { shared, orders });
        }
        Self {
            mailbox,
            interest,
            connections,
            journal: Arc::new(options.journal),
            actor: Arc::new(options.actor),
            tracker,
            stop,
            operations: TaskTracker::new(),
            count: AtomicU64::new(1),
        }
    }

    /// Where the findings are.
    pub fn mailbox(&self) -> Arc<Mailbox> {
        Arc::clone(&self.mailbox)
    }

    pub fn watch(&self, interest: Interest) {
        self.interest.send_if_modified(|known| {
            let is_new = *known != interest;
            if is_new {
                *known = interest;
            }
            is_new
        });
    }

    /// Asks everything anew. A worker that is too busy to hear it is asking already.
    pub fn refresh(&self) {
        for connection in self.connections.values() {
            if connection.orders.try_send(Order::Refresh).is_err() {
                tracing::debug!(connection = %connection.shared.spec.name, "refresh asked for already");
            }
        }
    }

    fn executor(&self, action: &Action) -> Result<Executor, ProviderError> {
        let name = &action.cluster().connection;
        let connection = self.connections.get(name).ok_or_else(|| {
            ProviderError::new(ErrorKind::NotFound, "connect", format!("no connection is called {name}"))
        })?;
        Ok(Executor {
            shared: Arc::clone(&connection.shared),
            mailbox: Arc::clone(&self.mailbox),
            journal: Arc::clone(&self.journal),
            actor: Arc::clone(&self.actor),
            stop: self.stop.clone(),
        })
    }

    /// Reads the cluster and makes a plan; it comes through the mailbox with the ticket.
    pub fn prepare(&self, ticket: u64, action: Action) {
        let mailbox = Arc::clone(&self.mailbox);
        match self.executor(&action) {
            Ok(executor) => {
                let stop = self.stop.clone();
                self.tracker.spawn(async move {
                    let plan = tokio::select! {
                        () = stop.cancelled() => return,
                        plan = executor.plan(&action) => plan.map(Box::new).map_err(Arc::new),
                    };
                    mailbox.post_prepared(Prepared { ticket, plan, differences: Vec::new() });
                });
            }
            Err(error) => {
                mailbox.post_prepared(Prepared { ticket, plan: Err(Arc::new(error)), differences: Vec::new() });
            }
        }
    }

    /// Carries out a confirmed plan, or hands a new one back if the world has changed.
    pub fn execute(&self, ticket: u64, plan: Plan) {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = execute::new_id(clock::now(), self.actor.pid, count);
        match self.executor(&plan.action) {
            Ok(executor) => {
                self.operations.spawn(executor.run(ticket, plan, id));
            }
            Err(error) => {
                let plan = Err(Arc::new(error));
                self.mailbox.post_prepared(Prepared { ticket, plan, differences: Vec::new() });
            }
        }
    }

    /// Stops the workers, and ends operations with a line in the journal. A call that is on its way gets
    /// a moment to be answered.
    pub async fn shut_down(self) {
        self.stop.cancel();
        self.operations.close();
        if tokio::time::timeout(LAST_WORD, self.operations.wait()).await.is_err() {
            tracing::error!("an operation did not end in time; its call stands in the journal without an answer");
        }
    }
}

/// A connection to a cloud that this build was made without.
fn not_built(spec: &ConnectionSpec) -> Lane {
    let mut lane = Lane::new(spec.name.clone(), spec.cloud, spec.region.clone(), spec.mode);
    let message = format!("this build was made without {}", spec.cloud);
    let error = Arc::new(ProviderError::new(ErrorKind::Unsupported, "connect", message));
    lane.status = LaneStatus::Failing { error, retry_at: None };
    lane
}

/// Runs a worker, and starts it again when it breaks. The other connections do not notice.
async fn supervise(
    spec: ConnectionSpec,
    row: &'static providers::ProviderRow,
    shared: Arc<Shared>,
    interest: watch::Receiver<Interest>,
    mut orders: mpsc::Receiver<Order>,
    stop: CancellationToken,
) {
    let mut restarts = 0_u32;
    loop {
        // Each life of the worker gets its own queue; the supervisor passes orders on.
        let (forward, taken) = mpsc::channel(8);
        let worker = Worker::new(spec.clone(), row, Arc::clone(&shared), interest.clone(), taken, stop.clone());
        let mut life = tokio::task::JoinSet::new();
        life.spawn(worker.run());
        let broke = loop {
            tokio::select! {
                ended = life.join_next() => break matches!(ended, Some(Err(_))),
                order = orders.recv() => match order {
                    Some(order) => {
                        if forward.send(order).await.is_err() {
                            tracing::debug!("an order came as the worker ended");
                        }
                    }
                    None => return,
                },
            }
        };
        if !broke || stop.is_cancelled() {
            return;
        }
        restarts += 1;
        let pause = RESTART * restarts.min(12);
        tracing::error!(connection = %spec.name, ?pause, "worker broke, starting it again");
        let mut lane = Lane::new(spec.name.clone(), spec.cloud, spec.region.clone(), shared.mode());
        lane.status = LaneStatus::Crashed { restart_at: clock::now() + pause };
        shared.post_lane(lane);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
