//! The work that clusters do: books of believable Spark jobs, and routines that bring one job after the other.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde::Deserialize;

use super::failure::Failure;
use super::pace::Range;
use super::step::{Fate, Work};
use crate::sim::dice::Dice;

/// A kind of work, with a handful of jobs that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum Book {
    Etl,
    Sessions,
    Features,
    Reports,
    Streaming,
    AdHoc,
}

/// One job of a book.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) name: &'static str,
    pub(super) work: Arc<Work>,
    /// How long it usually runs.
    pub(super) minutes: u32,
}

/// Work that keeps coming by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Routine {
    pub(super) book: Book,
    /// The mean time between two jobs.
    pub(super) every: Duration,
    /// How long a job runs; as the book says when it is not given.
    pub(super) lasts: Option<Range>,
    /// How likely a job fails.
    pub(super) fails: f64,
}

impl Book {
    #[cfg(test)]
    pub(super) const ALL: [Self; 6] =
        [Self::Etl, Self::Sessions, Self::Features, Self::Reports, Self::Streaming, Self::AdHoc];

    pub(super) fn jobs(self) -> &'static [Job] {
        let [etl, sessions, features, reports, streaming, ad_hoc] = &*BOOKS;
        match self {
            Self::Etl => etl,
            Self::Sessions => sessions,
            Self::Features => features,
            Self::Reports => reports,
            Self::Streaming => streaming,
            Self::AdHoc => ad_hoc,
        }
    }

    /// The job that this dice takes from the book.
    pub(super) fn pick(self, dice: Dice) -> &'static Job {
        let jobs = self.jobs();
        &jobs[dice.of("job").below(jobs.len())]
    }
}

impl Job {
    /// How long one run of it takes: most are near the usual time, some much longer.
    pub(super) fn duration(&self, dice: Dice) -> Duration {
        let usual = Duration::from_mins(u64::from(self.minutes));
        let dice = dice.of("duration");
        let range = if dice.at(0).chance(0.1) { (usual, usual * 3) } else { (usual / 2, usual * 3 / 2) };
        dice.at(1).within(range)
    }
}

impl Routine {
    /// The next job and what becomes of it.
    pub(super) fn next(&self, dice: Dice) -> (&'static Job, Fate) {
        let job = self.book.pick(dice);
        let lasts = self.lasts.map_or_else(|| job.duration(dice), |range| dice.of("duration").within(range));
        let fails = dice.of("fails").chance(self.fails).then(|| any_failure(dice)).flatten();
        // A step that fails does so somewhere on the way.
        let lasts = if fails.is_some() { lasts.mul_f64(0.1 + 0.8 * dice.of("when").fraction()) } else { lasts };
        (job, Fate { lasts: Some(lasts), fails })
    }
}

/// A cause of failure, drawn.
pub(super) fn any_failure(dice: Dice) -> Option<Failure> {
    dice.of("failure").pick(&Failure::ALL).copied()
}

/// Name, class or script, what it reads, and the minutes it usually runs.
type Row = (&'static str, &'static str, &'static str, u32);

const ETL: &[Row] = &[
    ("orders-to-parquet", "com.acme.etl.OrdersToParquet", "s3://acme-raw/orders/", 22),
    ("dedupe-customers", "com.acme.etl.DedupeCustomers", "s3://acme-lake/customers/", 14),
    ("inventory-snapshot", "com.acme.etl.InventorySnapshot", "s3://acme-raw/inventory/", 9),
    ("join-shipments", "com.acme.etl.JoinShipments", "s3://acme-lake/shipments/", 31),
    ("compact-small-files", "com.acme.lake.CompactFiles", "s3://acme-lake/events/", 18),
    ("load-warehouse", "com.acme.etl.LoadWarehouse", "s3://acme-lake/marts/", 12),
];
const SESSIONS: &[Row] = &[
    ("sessionize-clicks", "com.acme.clicks.Sessionize", "s3://acme-raw/clicks/", 17),
    ("bot-filter", "com.acme.clicks.BotFilter", "s3://acme-raw/clicks/", 8),
    ("attribution-window", "com.acme.clicks.Attribution", "s3://acme-lake/sessions/", 26),
    ("funnel-hourly", "com.acme.clicks.Funnel", "s3://acme-lake/sessions/", 6),
];
const FEATURES: &[Row] = &[
    ("user-features-daily", "jobs/user_features.py", "s3://acme-lake/users/", 28),
    ("embeddings-refresh", "jobs/embeddings.py", "s3://acme-ml/items/", 47),
    ("train-churn-model", "jobs/train_churn.py", "s3://acme-ml/features/", 55),
    ("score-customers", "jobs/score.py", "s3://acme-ml/features/", 19),
];
const REPORTS: &[Row] = &[
    ("revenue-by-region", "com.acme.bi.Revenue", "s3://acme-lake/marts/", 7),
    ("finance-close-checks", "com.acme.bi.CloseChecks", "s3://acme-lake/ledger/", 11),
    ("retention-cohorts", "com.acme.bi.Cohorts", "s3://acme-lake/sessions/", 16),
];
const STREAMING: &[Row] = &[
    ("events-ingest", "com.acme.stream.Ingest", "s3://acme-raw/events/", 240),
    ("fraud-scoring", "com.acme.stream.Fraud", "s3://acme-ml/fraud/", 300),
];
const AD_HOC: &[Row] = &[
    ("notebook-query", "jobs/notebook.py", "s3://acme-lake/scratch/", 4),
    ("backfill", "com.acme.lake.Backfill", "s3://acme-raw/archive/", 38),
    ("data-quality-probe", "com.acme.quality.Probe", "s3://acme-lake/marts/", 3),
    ("what-if-pricing", "jobs/pricing.py", "s3://acme-lake/prices/", 13),
];

static BOOKS: LazyLock<[Vec<Job>; 6]> =
    LazyLock::new(|| [ETL, SESSIONS, FEATURES, REPORTS, STREAMING, AD_HOC].map(|rows| rows.iter().map(job).collect()));

fn job(&(name, program, input, minutes): &Row) -> Job {
    let mut arguments: Vec<String> =
        ["spark-submit", "--deploy-mode", "cluster", "--name", name].map(String::from).into();
    let memory = if minutes > 20 { "12g" } else { "6g" };
    arguments.extend(["--conf".to_owned(), format!("spark.executor.memory={memory}")]);
    if program.contains('/') {
        arguments.push(format!("s3://acme-artifacts/{program}"));
    } else {
        arguments.extend([
            "--class".to_owned(),
            program.to_owned(),
            "s3://acme-artifacts/jars/jobs-4.12.jar".to_owned(),
        ]);
    }
    arguments.extend(["--input".to_owned(), input.to_owned()]);
    Job { name, work: Arc::new(Work::command(arguments)), minutes }
}

impl Work {
    /// A command on the master node, as nearly every step is one.
    pub(super) fn command(arguments: Vec<String>) -> Self {
        Self { jar: "command-runner.jar".to_owned(), main_class: None, arguments, properties: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_book_has_jobs_that_look_like_spark() {
        for book in Book::ALL {
            assert!(book.jobs().len() >= 2, "{book:?}");
            for job in book.jobs() {
                assert_eq!(job.work.arguments[0], "spark-submit");
                assert!(job.work.arguments.iter().any(|argument| argument.starts_with("s3://")));
            }
        }
    }

    #[test]
    fn a_routine_fails_as_often_as_it_says() {
        let routine = Routine { book: Book::Etl, every: Duration::from_mins(5), lasts: None, fails: 0.25 };
        let failed = (0..1000).filter(|n| routine.next(Dice::new(1).at(*n)).1.fails.is_some()).count();
        assert!((200..300).contains(&failed), "{failed}");
    }
}
