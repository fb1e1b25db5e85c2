//! Reading steps.

use crate::domain::{ClusterId, JobPage, ProviderError};
use crate::providers::CallCx;

use super::{Emr, map};

/// EMR allows 256 steps that have not ended, at 50 a page.
const MOST_PAGES_FOR_LIVING_STEPS: usize = 6;

impl Emr {
    /// Newest first, which EMR promises only when no filter is given. Goes on past `pages` while a page still
    /// holds a step that has not ended.
    pub(super) async fn list_steps(
        &self,
        cx: &CallCx,
        cluster: &ClusterId,
        pages: usize,
    ) -> Result<JobPage, ProviderError> {
        let mut jobs = Vec::new();
        let mut marker: Option<String> = None;
        let mut read = 0;
        loop {
            let request = self.client.list_steps().cluster_id(cluster.as_str()).set_marker(marker.take());
            let answer = self.call(cx, "ListSteps", request.send()).await?;
            let first_of_page = jobs.len();
            jobs.extend(answer.steps.unwrap_or_default().into_iter().filter_map(map::job));
            read += 1;
            let is_living = jobs[first_of_page..].iter().any(|job| !job.state.is_ended());
            let wanted = read < pages || (is_living && read < MOST_PAGES_FOR_LIVING_STEPS);
            match answer.marker.filter(|marker| !marker.is_empty()) {
                Some(next) if wanted => marker = Some(next),
                rest => return Ok(JobPage { jobs, has_more: rest.is_some() }),
            }
        }
    }
}
