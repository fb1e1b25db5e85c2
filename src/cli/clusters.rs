//! `sparkdeck clusters` and `sparkdeck cluster REF`.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use jiff::Timestamp;

use crate::config::Flags;
use crate::domain::{ClusterId, ConnectionSpec};
use crate::engine::clock;
use crate::engine::survey::{Progress, Wanted, survey};
use crate::planning;
use crate::store::{Cluster, Filter, Fleet};
use crate::widgets::format;

use super::args::{Clusters, One, Output};
use super::output::{Align, print, print_json, table};
use super::{Exit, report};

pub(super) async fn list(wanted: &Clusters, flags: &Flags) -> Exit {
    let filter = match wanted.filter.as_deref().map(Filter::parse).transpose() {
        Ok(filter) => filter.unwrap_or_default(),
        Err(error) => {
            eprintln!("sparkdeck: --filter: {error}");
            return Exit::BadInput;
        }
    };
    let ended_within = match wanted.ended.as_deref().map(|text| parse_time(text).ok_or(text)).transpose() {
        Ok(within) => within,
        Err(text) => {
            eprintln!("sparkdeck: --ended: `{text}` is no time: for example 24h or 7d");
            return Exit::BadInput;
        }
    };
    let specs = match super::connections(flags).await {
        Ok(specs) => specs,
        Err(exit) => return exit,
    };
    let look = Wanted { ended_within, detail: wanted.detail, only: None };
    let bar = ProgressBar { is_shown: std::io::stderr().is_terminal() };
    let fleet = survey(specs, &look, &|progress| bar.show(progress)).await;
    bar.clear();

    let now = clock::now();
    let mut clusters: Vec<&Cluster> = fleet
        .clusters()
        .filter(|cluster| {
            filter.is_empty() || filter.matches(cluster, planning::trouble::worst(cluster, now).is_some(), now)
        })
        .collect();
    clusters.sort_by(|a, b| (&a.key.connection, a.name(), &a.key.id).cmp(&(&b.key.connection, b.name(), &b.key.id)));
    let printed = match wanted.output {
        Output::Json => print_json(&report::clusters_document(&fleet, &clusters)),
        Output::Csv => print(&csv(&clusters)),
        Output::Table => print(text_table(&clusters, now).as_bytes()),
    };
    if wanted.output != Output::Json {
        complain(&fleet);
    }
    if printed == Exit::Ok { Exit::of_lanes(fleet.lanes()) } else { printed }
}

fn parse_time(text: &str) -> Option<Duration> {
    crate::store::filter::parse_duration(text)
}

/// A failed connection is said beside the data, never in place of it.
fn complain(fleet: &Fleet) {
    for lane in fleet.lanes() {
        if let Some(error) = report::lane_error(lane) {
            eprintln!("sparkdeck: {}/{}: {error}: {}", lane.cloud, lane.name, error.remedy());
        }
    }
}

struct ProgressBar {
    is_shown: bool,
}

impl ProgressBar {
    fn show(&self, Progress { done, of }: Progress) {
        if self.is_shown && of > 0 {
            let filled = done * 20 / of;
            eprint!("\rdetails {done}/{of} [{}{}]", "#".repeat(filled), " ".repeat(20 - filled));
        }
    }

    fn clear(&self) {
        if self.is_shown {
            eprint!("\r\x1b[K");
            // The bar is gone from the screen or it is not: nothing depends on it.
            let _ = std::io::stderr().flush();
        }
    }
}

fn text_table(clusters: &[&Cluster], now: Timestamp) -> String {
    let header = [
        ("CONNECTION", Align::Left),
        ("ID", Align::Left),
        ("NAME", Align::Left),
        ("STATE", Align::Left),
        ("AGE", Align::Right),
        ("NODES", Align::Right),
        ("SPOT", Align::Right),
    ];
    let dash = || "-".to_owned();
    let rows: Vec<Vec<String>> = clusters
        .iter()
        .map(|cluster| {
            let report = report::cluster_report(cluster);
            let nodes = report.nodes;
            let running = nodes.and_then(|nodes| nodes.running);
            vec![
                format!("{}/{}", cluster.cloud, cluster.key.connection),
                report.id,
                report.name,
                report.native_state,
                cluster.age(now).map_or_else(dash, format::age),
                match (running, nodes.and_then(|nodes| nodes.desired)) {
                    (Some(running), Some(desired)) if running != desired => format!("{running}/{desired}"),
                    (Some(running), _) => running.to_string(),
                    _ => dash(),
                },
                nodes.and_then(|nodes| nodes.spot).map_or_else(dash, |spot| spot.to_string()),
            ]
        })
        .collect();
    table(&header, &rows)
}

fn csv(clusters: &[&Cluster]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = [
        "provider",
        "connection",
        "id",
        "name",
        "state",
        "native_state",
        "created_at",
        "ready_at",
        "ended_at",
        "nodes_desired",
        "nodes_running",
        "nodes_spot",
        "release",
        "protected",
        "cost_per_hour",
        "observed_at",
    ];
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let mut write = |row: &[String]| writer.write_record(row);
    let mut result = write(&header.map(str::to_owned));
    for cluster in clusters {
        let one = report::cluster_report(cluster);
        let nodes = one.nodes;
        result = result.and(write(&[
            one.provider.to_string(),
            one.connection,
            one.id,
            one.name,
            one.state.word().to_owned(),
            one.native_state,
            time(one.created_at),
            time(one.ready_at),
            time(one.ended_at),
            number(nodes.and_then(|nodes| nodes.desired)),
            number(nodes.and_then(|nodes| nodes.running)),
            number(nodes.and_then(|nodes| nodes.spot)),
            one.release.unwrap_or_default(),
            one.protected.map(|on| on.to_string()).unwrap_or_default(),
            String::new(),
            one.observed_at.to_string(),
        ]));
    }
    // Writing to memory does not fail.
    debug_assert!(result.is_ok());
    writer.into_inner().unwrap_or_default()
}

pub(super) async fn one(wanted: &One, flags: &Flags) -> Exit {
    let specs = match super::connections(flags).await {
        Ok(specs) => specs,
        Err(exit) => return exit,
    };
    let (specs, reference) = narrow(specs, &wanted.reference);
    let fleet = match find(specs, reference).await {
        Ok(fleet) => fleet,
        Err(exit) => return exit,
    };
    let Some(cluster) = fleet.clusters().next() else {
        complain(&fleet);
        let exit = Exit::of_lanes(fleet.lanes());
        if exit == Exit::Ok {
            eprintln!("sparkdeck: no cluster `{reference}` on {} connections", fleet.lanes().len());
            return Exit::NotFound;
        }
        return exit;
    };
    let printed = match wanted.output {
        Output::Json => print_json(&report::cluster_document(&fleet, cluster)),
        Output::Csv => print(&csv(&[cluster])),
        Output::Table => print(describe(cluster, clock::now()).as_bytes()),
    };
    for error in report::cluster_report(cluster).errors {
        eprintln!("sparkdeck: not read: {error}");
    }
    printed
}

/// `connection/id` names the connection, too.
fn narrow(specs: Vec<ConnectionSpec>, reference: &str) -> (Vec<ConnectionSpec>, &str) {
    if let Some((connection, id)) = reference.rsplit_once('/') {
        let connection = connection.rsplit('/').next().unwrap_or(connection);
        if specs.iter().any(|spec| spec.name.as_str() == connection) {
            return (specs.into_iter().filter(|spec| spec.name.as_str() == connection).collect(), id);
        }
    }
    (specs, reference)
}

/// Takes the reference for an id first, and then for a name.
async fn find(specs: Vec<ConnectionSpec>, reference: &str) -> Result<Fleet, Exit> {
    let by_id = |id: ClusterId| Wanted { only: Some(id), ..Wanted::default() };
    let quiet = |_: Progress| {};
    if reference.starts_with("j-") {
        return Ok(survey(specs, &by_id(reference.into()), &quiet).await);
    }
    let fleet = survey(specs.clone(), &Wanted::default(), &quiet).await;
    let matches: Vec<&Cluster> = fleet
        .clusters()
        .filter(|cluster| cluster.name() == reference || cluster.key.id.as_str() == reference)
        .collect();
    match matches.as_slice() {
        [] => {
            let known: Vec<&str> = fleet.clusters().map(Cluster::name).collect();
            if let Some(meant) = crate::config::diagnostics::nearest(reference, known) {
                eprintln!("sparkdeck: did you mean `{meant}`?");
            }
            let mut none = Fleet::default();
            none.apply(fleet.lanes().iter().cloned().map(crate::store::Snapshot::Lane).collect());
            Ok(none)
        }
        [only] => {
            let connection = only.key.connection.clone();
            let specs = specs.into_iter().filter(|spec| spec.name == connection).collect();
            Ok(survey(specs, &by_id(only.key.id.clone()), &quiet).await)
        }
        several => {
            eprintln!("sparkdeck: {} clusters are called `{reference}`; name one by its id:", several.len());
            for cluster in several {
                eprintln!("  {}  {}", cluster.key, cluster.summary.native_state);
            }
            Err(Exit::BadInput)
        }
    }
}

fn describe(cluster: &Cluster, now: Timestamp) -> String {
    let mut out = String::new();
    let mut line = |label: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("{label:<18}{value}\n"));
        }
    };
    let optional = |value: Option<String>| value.unwrap_or_default();
    line("name", cluster.name().to_owned());
    line("id", cluster.key.to_string());
    line("state", cluster.summary.native_state.clone());
    line("because", optional(cluster.summary.reason.clone()));
    line("created", optional(cluster.summary.created_at.map(|at| at.to_string())));
    line("age", optional(cluster.age(now).map(format::age)));
    if let Some(detail) = cluster.detail.value() {
        line("release", optional(detail.release.clone()));
        let software: Vec<String> = detail.software.iter().map(|(name, version)| format!("{name} {version}")).collect();
        line("software", software.join(", "));
        let tags: Vec<String> = detail.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        line("tags", tags.join(" "));
        line("protected", optional(detail.is_protected.map(|on| if on { "yes" } else { "no" }.to_owned())));
        line("logs", optional(detail.log_uri.clone()));
        for (label, value) in &detail.facts {
            line(label, value.clone());
        }
        for error in &detail.errors {
            line("error", error.clone());
        }
    }
    for trouble in planning::troubles(cluster, now) {
        line("trouble", trouble.text);
    }
    if let Some(groups) = cluster.groups.value() {
        let header = [
            ("GROUP", Align::Left),
            ("ROLE", Align::Left),
            ("TYPE", Align::Left),
            ("MARKET", Align::Left),
            ("DESIRED", Align::Right),
            ("RUNNING", Align::Right),
            ("UNIT", Align::Left),
            ("STATE", Align::Left),
        ];
        let rows: Vec<Vec<String>> = groups
            .iter()
            .map(|group| {
                vec![
                    group.id.to_string(),
                    group.role.word().to_owned(),
                    group.instance_types.join(","),
                    group.market.word().to_owned(),
                    group.desired.to_string(),
                    group.running.to_string(),
                    group.unit.word(0).to_owned(),
                    group.native_state.clone(),
                ]
            })
            .collect();
        out.push('\n');
        out.push_str(&table(&header, &rows));
    }
    if let Some(page) = cluster.jobs.value().filter(|page| !page.jobs.is_empty()) {
        let header = [
            ("STEP", Align::Left),
            ("NAME", Align::Left),
            ("STATE", Align::Left),
            ("TOOK", Align::Right),
            ("FAILURE", Align::Left),
        ];
        let rows: Vec<Vec<String>> = page
            .jobs
            .iter()
            .map(|job| {
                let took = job.started_at.map(|start| {
                    let end = job.ended_at.unwrap_or(now);
                    format::age(Duration::try_from(end.duration_since(start)).unwrap_or_default())
                });
                vec![
                    job.id.to_string(),
                    job.name.clone(),
                    job.native_state.clone(),
                    optional(took),
                    optional(job.failure.clone()),
                ]
            })
            .collect();
        out.push('\n');
        out.push_str(&table(&header, &rows));
        if page.has_more {
            out.push_str("and older ones\n");
        }
    }
    out
}
