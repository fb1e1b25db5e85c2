//! What a plan is made from: one cluster, just read, and the connection it belongs to.

use std::sync::Arc;

use crate::domain::cluster::phase_with_groups;
use crate::domain::{
    Cloud, ClusterRef, Detail, GroupId, Identity, Job, JobPage, Mode, NodeGroup, Phase, Policies, ProviderError,
    Summary,
};
use crate::domain::{Confirm, plan::Target};

#[derive(Debug, Clone)]
pub struct Subject {
    pub key: ClusterRef,
    pub cloud: Cloud,
    pub mode: Mode,
    pub identity: Option<Identity>,
    pub region: Option<String>,
    pub summary: Summary,
    pub detail: Detail,
    pub groups: Vec<NodeGroup>,
    /// What could not be read is said in the plan as a warning; it does not stand in the way.
    pub jobs: Result<JobPage, Arc<ProviderError>>,
    pub policies: Result<Policies, Arc<ProviderError>>,
}

impl Subject {
    pub fn group(&self, id: &GroupId) -> Option<&NodeGroup> {
        self.groups.iter().find(|group| group.id == *id)
    }

    pub fn phase(&self) -> Phase {
        phase_with_groups(self.summary.phase, &self.groups)
    }

    pub(super) fn running_jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().flat_map(|page| &page.jobs).filter(|job| job.state.is_running())
    }

    pub(super) fn target(&self) -> Target {
        Target {
            cluster: self.key.clone(),
            cloud: self.cloud,
            name: self.summary.name.clone(),
            account: self.identity.as_ref().map(|identity| identity.account.clone()),
            region: self.region.clone(),
            state: self.summary.native_state.clone(),
            created_at: self.summary.created_at,
            running_jobs: self.running_jobs().map(|job| (job.id.to_string(), job.name.clone())).collect(),
        }
    }

    pub(super) fn is_protected(&self) -> bool {
        self.detail.is_protected == Some(true)
    }

    /// A protected cluster is only changed by somebody who types its name.
    pub(super) fn confirm(&self) -> Confirm {
        if self.is_protected() {
            Confirm::TypeName { why: "the cluster is termination protected".into() }
        } else {
            Confirm::Key
        }
    }

    /// Facts that no plan may be carried out against if they differ: it is still this cluster, and still there.
    pub(super) fn identity_facts(&self) -> Vec<(String, String)> {
        let created = self.summary.created_at.map_or_else(|| "–".to_owned(), |at| at.to_string());
        vec![("name".into(), self.summary.name.clone()), ("created".into(), created)]
    }
}
