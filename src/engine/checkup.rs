//! Tries, once and gently, every kind of look that the program takes over a connection, to say what works.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::domain::{ClusterId, ConnectionSpec, ErrorKind, Grouping, Identity, ProviderError};
use crate::providers::{self, CallCx, Class, ListScope, Provider};

use super::gate::LimitGate;
use super::limits::Limiter;

/// What one connection can do.
#[derive(Debug)]
pub struct Checkup {
    pub spec: ConnectionSpec,
    pub identity: Result<Identity, ProviderError>,
    /// Each look by its plain name; `None` where there was nothing to look at.
    pub looks: Vec<(&'static str, Option<Result<String, ProviderError>>)>,
}

impl Checkup {
    /// What makes the connection useless: a login that does not work, or a listing that fails.
    pub fn fatal(&self) -> Option<&ProviderError> {
        let listing = self.looks.first().and_then(|(_, look)| look.as_ref()?.as_ref().err());
        listing.or_else(|| self.identity.as_ref().err().filter(|error| error.kind.is_auth()))
    }

    /// Whether anything at all failed.
    pub fn has_failure(&self) -> bool {
        self.identity.is_err() || self.looks.iter().any(|(_, look)| matches!(look, Some(Err(_))))
    }
}

/// Looks around over one connection. Changes nothing.
pub async fn checkup(spec: ConnectionSpec) -> Checkup {
    let failed = |spec: ConnectionSpec, error: ProviderError| Checkup {
        spec,
        identity: Err(error.clone()),
        looks: vec![("connect", Some(Err(error)))],
    };
    let Some(row) = providers::row(spec.cloud) else {
        let message = format!("this build was made without {}", spec.cloud);
        let error = ProviderError::new(ErrorKind::Unsupported, "connect", message);
        return failed(spec, error);
    };
    let provider = match (row.connect)(spec.clone()).await {
        Ok(provider) => provider,
        Err(error) => return failed(spec, error),
    };
    let gate = LimitGate::new(Limiter::new(row.quotas, &spec.quotas, spec.share, Instant::now()));
    let cx = CallCx { gate: Arc::new(gate), class: Class::Interactive, timeout: spec.timeout };
    let (identity, looks) = tokio::join!(provider.identity(&cx), look(provider.as_ref(), &cx));
    Checkup { spec, identity, looks }
}

type Looks = Vec<(&'static str, Option<Result<String, ProviderError>>)>;

async fn look(provider: &dyn Provider, cx: &CallCx) -> Looks {
    let listed = first_page(provider, cx).await;
    let sample = listed.as_ref().ok().and_then(|(id, _)| id.clone());
    let mut out: Looks =
        vec![("list clusters", Some(listed.map(|(_, count)| format!("{count} active on the first page"))))];
    let Some(id) = sample else {
        out.extend(["describe", "node groups", "machines", "steps", "policies"].map(|name| (name, None)));
        return out;
    };
    let inspected = provider.inspect(cx, &id).await;
    let grouping = inspected.as_ref().map_or(Grouping::Groups, |seen| seen.detail.grouping);
    let counted = |count: usize| format!("{count} on {id}");
    out.push(("describe", Some(inspected.map(|seen| seen.summary.native_state))));
    out.push(("node groups", Some(provider.groups(cx, &id, grouping).await.map(|groups| counted(groups.len())))));
    out.push(("machines", Some(provider.nodes(cx, &id).await.map(|nodes| counted(nodes.len())))));
    out.push(("steps", Some(provider.jobs(cx, &id, 1).await.map(|page| counted(page.jobs.len())))));
    out.push(("policies", Some(provider.policies(cx, &id).await.map(|_| "readable".to_owned()))));
    out
}

/// The first page of the listing: one cluster of it to look at, and how many there are.
async fn first_page(provider: &dyn Provider, cx: &CallCx) -> Result<(Option<ClusterId>, usize), ProviderError> {
    let (sender, mut pages) = mpsc::channel(1);
    let listing = provider.list(cx, ListScope::Active, sender);
    let first = async {
        let page = pages.recv().await.unwrap_or_default();
        // With nobody to take the next page, the listing ends.
        pages.close();
        page
    };
    let (listed, page) = tokio::join!(listing, first);
    listed?;
    Ok((page.first().map(|summary| summary.id.clone()), page.len()))
}
