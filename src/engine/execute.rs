//! Carries out one confirmed plan: checks again, writes the intent down, sends each call once, and watches until the
//! cloud has converged. Whatever is lost on the way is found out by observing; nothing is ever sent twice.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::error::Delivery;
use crate::domain::{
    Change, ClusterRef, Detail, ErrorKind, Mode, Operation, OperationId, OperationState, Plan, ProviderError,
    StepState, Summary,
};
use crate::planning::{self, Progress, Subject};
use crate::providers::{CallCx, Class, Provider};
use crate::store::{Part, Snapshot};
use crate::tea::Prepared;

use super::clock;
use super::connections::Shared;
use super::journal::{Actor, Event, Journal, JournalError};
use super::mailbox::Mailbox;

/// How long the effect of a call may stay unseen, in times of the connection's timeout: descriptions lag behind.
const UNSEEN: u32 = 9;
/// How long an answer is waited for when the program ends.
pub(super) const LAST_ANSWER: Duration = Duration::from_secs(3);
/// Looks follow each other quickly at first.
const FIRST_LOOKS: [Duration; 4] =
    [Duration::from_millis(700), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(3)];
const LATER_LOOKS: Duration = Duration::from_secs(5);

/// Everything that acting over one connection needs.
#[derive(Debug, Clone)]
pub(super) struct Executor {
    pub(super) shared: Arc<Shared>,
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) journal: Arc<Journal>,
    pub(super) actor: Arc<Actor>,
    pub(super) stop: CancellationToken,
}

/// How an operation ends before its plan is through.
enum Halt {
    State(OperationState, String),
    /// The program ends; the cloud goes on. Says how far it had come.
    Left(&'static str),
}

impl From<JournalError> for Halt {
    fn from(error: JournalError) -> Self {
        Self::State(OperationState::Partial, format!("stopped: {error}"))
    }
}

impl Executor {
    fn cx(&self) -> CallCx {
        CallCx { gate: self.shared.gate(), class: Class::Change, timeout: self.shared.spec.timeout }
    }

    fn provider(&self) -> Result<Arc<dyn Provider>, ProviderError> {
        self.shared
            .provider()
            .ok_or_else(|| ProviderError::new(ErrorKind::Network, "connect", "the connection is not open yet"))
    }

    fn post_part(&self, cluster: &ClusterRef, part: Part) {
        self.shared.post(Snapshot::Part { cluster: cluster.clone(), at: clock::now(), part });
    }

    /// Reads the cluster anew; what is read goes to the screen, too.
    async fn read(&self, cluster: &ClusterRef, wants_work: bool) -> Result<Subject, ProviderError> {
        let provider = self.provider()?;
        let cx = self.cx();
        let seen = provider.inspect(&cx, &cluster.id).await?;
        let (summary, detail): (Summary, Detail) = (seen.summary, seen.detail);
        self.post_part(cluster, Part::Inspection(Ok(Box::new((summary.clone(), detail.clone())))));
        let groups = provider.groups(&cx, &cluster.id, detail.grouping).await?;
        self.post_part(cluster, Part::Groups(Ok(groups.clone())));
        let (jobs, policies) = if wants_work {
            let jobs = provider.jobs(&cx, &cluster.id, 1).await.map_err(Arc::new);
            self.post_part(cluster, Part::Jobs(jobs.clone()));
            let policies = provider.policies(&cx, &cluster.id).await.map_err(Arc::new);
            self.post_part(cluster, Part::Policies(policies.clone()));
            (jobs, policies)
        } else {
            let not_read = || Arc::new(ProviderError::new(ErrorKind::Unsupported, "observe", "not read"));
            (Err(not_read()), Err(not_read()))
        };
        Ok(Subject {
            key: cluster.clone(),
            cloud: self.shared.spec.cloud,
            mode: self.shared.mode(),
            identity: self.shared.identity(),
            region: self.shared.spec.region.clone(),
            summary,
            detail,
            groups,
            jobs,
            policies,
        })
    }

    /// Makes a plan from what is read now, with the calls it will send.
    pub(super) async fn plan(&self, action: &crate::domain::Action) -> Result<Plan, ProviderError> {
        let subject = self.read(action.cluster(), true).await?;
        let provider = self.provider()?;
        let mut plan = planning::plan(action, &subject, clock::now());
        for step in &mut plan.steps {
            step.call = Some(provider.call_text(&action.cluster().id, &step.change));
        }
        Ok(plan)
    }

    /// Carries a plan out, to the end.
    pub(super) async fn run(self, ticket: u64, plan: Plan, id: OperationId) {
        let fresh = match self.plan(&plan.action).await {
            Ok(fresh) => fresh,
            Err(error) => {
                self.mailbox.post_prepared(Prepared { ticket, plan: Err(Arc::new(error)), differences: Vec::new() });
                return;
            }
        };
        let mut reasons = plan.based_on.differences(&fresh.based_on);
        reasons.extend(fresh.refusals.clone());
        if self.shared.mode() == Mode::ReadOnly && reasons.is_empty() {
            reasons.push("the connection is read-only".into());
        }
        if !reasons.is_empty() {
            let event = Event::Withheld { actor: &self.actor, plan: &plan, reasons: reasons.clone() };
            if let Err(error) = self.journal.append(clock::now(), &id, event) {
                tracing::warn!(%error, "a withheld plan could not be written down");
            }
            self.mailbox.post_prepared(Prepared { ticket, plan: Ok(Box::new(fresh)), differences: reasons });
            return;
        }
        Run { operation: Operation::new(id, plan, clock::now()), executor: self }.go().await;
    }
}

/// One operation under way.
struct Run {
    executor: Executor,
    operation: Operation,
}

impl Run {
    fn post(&self) {
        self.executor.shared.post(Snapshot::Operation(Box::new(self.operation.clone())));
    }

    fn write(&self, event: Event<'_>) -> Result<(), JournalError> {
        self.executor.journal.append(clock::now(), &self.operation.id, event)
    }

    fn show(&mut self, step: usize, state: StepState, progress: impl Into<String>) {
        let progress = progress.into();
        if self.operation.steps[step] != state || self.operation.progress != progress {
            self.operation.steps[step] = state;
            self.operation.progress = progress;
            self.post();
        }
    }

    async fn go(mut self) {
        let identity = self.executor.shared.identity();
        let intent = Event::Intent {
            actor: &self.executor.actor,
            identity: identity.as_ref().map(Into::into),
            connection: self.executor.shared.spec.name.as_str(),
            plan: &self.operation.plan,
        };
        if let Err(error) = self.write(intent) {
            self.end(OperationState::Refused, format!("nothing was sent: {error}"));
            return;
        }
        self.operation.state = OperationState::Running;
        self.post();
        let mut halt = None;
        for step in 0..self.operation.plan.steps.len() {
            if let Err(why) = self.step(step).await {
                halt = Some(why);
                break;
            }
        }
        match halt {
            None => {
                let seen = self.operation.progress.clone();
                self.end(OperationState::Succeeded, seen);
            }
            Some(Halt::State(state, seen)) => self.end(state, seen),
            Some(Halt::Left(why)) => {
                let (state, seen) = (self.operation.state, &self.operation.progress);
                let left = self.write(Event::Left { why, state, seen });
                if let Err(error) = left {
                    tracing::error!(%error, operation = %self.operation.id, "left without a record");
                }
            }
        }
    }

    fn end(&mut self, state: OperationState, seen: String) {
        let is_recorded = self.write(Event::Outcome { state, seen: &seen });
        self.operation.state = state;
        self.operation.progress = match is_recorded {
            Ok(()) => seen,
            Err(error) => format!("{seen}; and {error}"),
        };
        self.operation.ended_at = Some(clock::now());
        self.post();
    }

    /// Sends one call and waits for its observed effect.
    async fn step(&mut self, step: usize) -> Result<(), Halt> {
        if self.executor.stop.is_cancelled() {
            return Err(Halt::Left("the program ended before this was sent"));
        }
        let planned = self.operation.plan.steps[step].clone();
        let cluster = self.operation.plan.target.cluster.clone();
        // What was changed already makes a failure a partial one.
        let failed = if step == 0 { OperationState::Failed } else { OperationState::Partial };
        let provider = self.executor.provider().map_err(|error| Halt::State(failed, error.to_string()))?;
        let call = planned.call.as_ref();
        self.write(Event::Call {
            step,
            operation: call.map_or("", |call| &call.operation),
            arguments: call.map_or("", |call| &call.arguments),
        })
        .map_err(|error| Halt::State(failed, format!("nothing more was sent: {error}")))?;
        self.show(step, StepState::Calling, planned.title.clone());

        let cx = self.executor.cx();
        let ending = self.executor.stop.clone();
        let answer = tokio::select! {
            answer = provider.send(&cx, &cluster.id, &planned.change) => answer,
            // Once the call is on its way it gets a moment: its answer belongs in the journal.
            () = async { ending.cancelled().await; tokio::time::sleep(LAST_ANSWER).await } => {
                return Err(Halt::Left("the program ended before the answer to the call came"));
            }
        };
        self.executor.shared.note("change", answer.as_ref().err(), clock::now());
        self.executor.shared.repost_lane();
        match answer {
            Ok(receipt) => {
                self.write(Event::Accepted { step, request_id: receipt.request_id.as_deref() })?;
                self.show(step, StepState::Observing, "accepted");
            }
            Err(error) if error.delivery == Delivery::Unknown => {
                self.write(Event::AnswerLost { step, kind: error.kind.word(), message: &error.message })?;
                self.show(step, StepState::Reconciling, format!("{}: observing what came of it", error.kind.word()));
            }
            Err(error) => {
                self.write(Event::Refused {
                    step,
                    kind: error.kind.word(),
                    message: &error.message,
                    request_id: error.context.request_id.as_deref(),
                })?;
                self.show(step, StepState::Failed, error.to_string());
                return Err(Halt::State(failed, format!("{error}; {}", error.remedy())));
            }
        }
        self.observe(step, &cluster, &planned.change, planned.gives_up_after).await
    }

    /// Looks until the change has come about, is stuck, or takes too long.
    async fn observe(
        &mut self,
        step: usize,
        cluster: &ClusterRef,
        change: &Change,
        gives_up_after: Duration,
    ) -> Result<(), Halt> {
        let began = Instant::now();
        let unseen = self.executor.shared.spec.timeout * UNSEEN;
        let was_lost = self.operation.steps[step] == StepState::Reconciling;
        let mut was_taken = false;
        let mut looks = FIRST_LOOKS.iter().copied().chain(std::iter::repeat(LATER_LOOKS));
        loop {
            let pause = looks.next().unwrap_or(LATER_LOOKS);
            tokio::select! {
                () = self.executor.stop.cancelled() => return Err(Halt::Left("the program ended while this was observed")),
                () = tokio::time::sleep(pause) => {}
            }
            let seen = tokio::select! {
                () = self.executor.stop.cancelled() => return Err(Halt::Left("the program ended while this was observed")),
                seen = self.executor.read(cluster, false) => seen,
            };
            let is_late = began.elapsed() > gives_up_after;
            match seen.map(|subject| planning::progress(change, &subject)) {
                Ok(Progress::Reached(text)) => {
                    self.write(Event::Observed { step, seen: &text })?;
                    self.show(step, StepState::Done, text);
                    return Ok(());
                }
                Ok(Progress::Stuck(text)) => {
                    self.show(step, StepState::Failed, text.clone());
                    return Err(Halt::State(OperationState::Partial, text));
                }
                Ok(Progress::Moving(text)) => {
                    if !was_taken {
                        was_taken = true;
                        self.write(Event::Observed { step, seen: &text })?;
                    }
                    if is_late {
                        let text =
                            format!("not there after {} min: {text}; the cloud goes on", minutes(gives_up_after));
                        return Err(Halt::State(OperationState::Partial, text));
                    }
                    self.show(step, StepState::Observing, text);
                }
                Ok(Progress::NotTaken(text)) if was_taken => {
                    self.show(step, StepState::Failed, text.clone());
                    return Err(Halt::State(
                        OperationState::Partial,
                        format!("begun, then undone by somebody else: {text}"),
                    ));
                }
                Ok(Progress::NotTaken(text)) => {
                    if began.elapsed() > unseen {
                        self.show(step, StepState::Unknown, text.clone());
                        let text = if was_lost {
                            format!("the answer was lost and no effect is seen: {text}; it was not sent again")
                        } else {
                            format!("accepted, and no effect is seen: {text}")
                        };
                        return Err(Halt::State(OperationState::Unknown, text));
                    }
                    let state = self.operation.steps[step].clone();
                    self.show(step, state, text);
                }
                Err(error) if is_late || (!was_taken && began.elapsed() > unseen * 4) => {
                    self.show(step, StepState::Unknown, error.to_string());
                    return Err(Halt::State(OperationState::Unknown, format!("sent, and cannot be observed: {error}")));
                }
                Err(error) => {
                    let state = self.operation.steps[step].clone();
                    self.show(step, state, format!("cannot look: {}", error.kind.word()));
                }
            }
        }
    }
}

fn minutes(time: Duration) -> u64 {
    time.as_secs().div_ceil(60)
}

/// A name that no other program and no other operation has.
pub(super) fn new_id(at: Timestamp, pid: u32, count: u64) -> OperationId {
    OperationId(format!("{}-{pid:x}-{count}", at.strftime("%Y%m%dT%H%M%SZ")))
}
