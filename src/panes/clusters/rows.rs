//! Which clusters are shown and in what order: worked out when something changes, never while drawing.

use crate::domain::{ClusterRef, Phase};
use crate::planning::trouble;
use crate::store::{Cluster, Filter};
use crate::tea::ViewCx;

use super::columns::COLUMNS;

/// What a row is sorted by, in numbers; equal ones go by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) cluster: ClusterRef,
    key: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    /// A column's id.
    pub(super) column: &'static str,
    pub(super) is_descending: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) shown: usize,
    pub(super) all: usize,
}

/// What is shown without a filter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Scope {
    /// All but what ended well: that rarely matters on call.
    #[default]
    Current,
    All,
    Faults,
}

#[derive(Debug)]
pub(super) struct Rows {
    list: Vec<Row>,
    filter: Filter,
    scope: Scope,
    sort: Sort,
    counts: Counts,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            filter: Filter::default(),
            scope: Scope::default(),
            sort: Sort { column: "trouble", is_descending: true },
            counts: Counts::default(),
        }
    }
}

impl Rows {
    pub(super) fn list(&self) -> &[Row] {
        &self.list
    }

    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }

    pub(super) fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn scope_word(&self) -> Option<&'static str> {
        match self.scope {
            Scope::Current => None,
            Scope::All => Some("all"),
            Scope::Faults => Some("faults"),
        }
    }

    pub(super) fn toggle_all(&mut self) {
        self.scope = if self.scope == Scope::All { Scope::Current } else { Scope::All };
    }

    pub(super) fn toggle_faults(&mut self) {
        self.scope = if self.scope == Scope::Faults { Scope::Current } else { Scope::Faults };
    }

    pub(super) fn show_everything(&mut self) {
        self.scope = Scope::All;
    }

    pub(super) fn position(&self, cluster: &ClusterRef) -> Option<usize> {
        self.list.iter().position(|row| row.cluster == *cluster)
    }

    /// Sorts by a column; by the same one again the other way round.
    pub(super) fn sort_by(&mut self, column: &'static str) {
        let is_descending = if self.sort.column == column {
            !self.sort.is_descending
        } else {
            COLUMNS.iter().any(|known| known.id == column && known.starts_descending)
        };
        self.sort = Sort { column, is_descending };
    }

    fn passes(&self, cluster: &Cluster, cx: &ViewCx<'_>) -> bool {
        let has_trouble = trouble::worst(cluster, cx.shown).is_some();
        let in_scope = match self.scope {
            Scope::Current => cluster.phase() != Phase::Terminated || self.filter.names_state(),
            Scope::All => true,
            Scope::Faults => has_trouble,
        };
        in_scope && self.filter.matches(cluster, has_trouble, cx.shown)
    }

    fn key(&self, cluster: &Cluster, cx: &ViewCx<'_>) -> i64 {
        COLUMNS.iter().find(|column| column.id == self.sort.column).map_or(0, |column| (column.key)(cluster, cx))
    }

    /// Whether what became known of a cluster shows it, hides it, or puts it elsewhere.
    pub(super) fn is_moved(&self, cluster: &ClusterRef, cx: &ViewCx<'_>) -> bool {
        let Some(known) = cx.fleet.cluster(cluster) else { return true };
        match self.list.iter().find(|row| row.cluster == *cluster) {
            Some(row) => !self.passes(known, cx) || row.key != self.key(known, cx),
            None => self.passes(known, cx),
        }
    }

    /// Works everything out anew.
    pub(super) fn rebuild(&mut self, cx: &ViewCx<'_>) {
        let mut chosen: Vec<(i64, &Cluster)> = cx
            .fleet
            .clusters()
            .filter(|cluster| self.passes(cluster, cx))
            .map(|cluster| (self.key(cluster, cx), cluster))
            .collect();
        let by_connection = self.sort.column == "connection";
        chosen.sort_unstable_by(|(a_key, a), (b_key, b)| {
            let mut order = a_key.cmp(b_key);
            if by_connection {
                order = order.then_with(|| a.key.connection.cmp(&b.key.connection));
            }
            // Equal rows go by name, whichever way the column is sorted; a name column itself can be turned.
            let by_name = || a.name().cmp(b.name()).then_with(|| a.key.cmp(&b.key));
            match (self.sort.is_descending, self.sort.column) {
                (true, "name") => by_name().reverse(),
                (true, _) => order.reverse().then_with(by_name),
                (false, _) => order.then_with(by_name),
            }
        });
        self.counts = Counts { shown: chosen.len(), all: cx.fleet.len() };
        self.list = chosen.into_iter().map(|(key, cluster)| Row { cluster: cluster.key.clone(), key }).collect();
    }
}
