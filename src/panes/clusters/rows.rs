//! Which clusters are shown and in what order: worked out when something changes, never while drawing.

use crate::domain::{ClusterRef, Phase};
use crate::planning::trouble;
use crate::store::{Cluster, Filter};
use crate::tea::ViewCx;

use super::columns::COLUMNS;

/// What a row is sorted by, in numbers; equal ones go by name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    cluster: ClusterRef,
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
    /// All clusters in their order, shown or not: a filter key sorts nothing.
    order: Vec<Row>,
    /// What is shown, as places in the order.
    shown: Vec<usize>,
    filter: Filter,
    scope: Scope,
    sort: Sort,
    counts: Counts,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            shown: Vec::new(),
            filter: Filter::default(),
            scope: Scope::default(),
            sort: Sort { column: "trouble", is_descending: true },
            counts: Counts::default(),
        }
    }
}

impl Rows {
    /// How many rows are shown.
    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    pub(super) fn get(&self, row: usize) -> Option<&ClusterRef> {
        self.shown.get(row).map(|at| &self.order[*at].cluster)
    }

    /// The clusters of some shown rows, from the top.
    pub(super) fn range(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = &ClusterRef> {
        self.shown[rows].iter().map(|at| &self.order[*at].cluster)
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
        self.shown.iter().position(|at| self.order[*at].cluster == *cluster)
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
        let Some(at) = self.order.iter().position(|row| row.cluster == *cluster) else { return true };
        self.order[at].key != self.key(known, cx) || self.passes(known, cx) != self.shown.contains(&at)
    }

    /// Works everything out anew: the clusters or their order have changed.
    pub(super) fn rebuild(&mut self, cx: &ViewCx<'_>) {
        let mut all: Vec<(i64, &Cluster)> =
            cx.fleet.clusters().map(|cluster| (self.key(cluster, cx), cluster)).collect();
        let Sort { column, is_descending } = self.sort;
        // Equal rows go by name, whichever way the column is sorted; the name's own column can be turned.
        let by_name = |a: &Cluster, b: &Cluster| a.name().cmp(b.name()).then_with(|| a.key.cmp(&b.key));
        all.sort_unstable_by(|(a_key, a), (b_key, b)| {
            let order = match column {
                "name" => by_name(a, b),
                "connection" => a.key.connection.cmp(&b.key.connection),
                _ => a_key.cmp(b_key),
            };
            let order = if is_descending { order.reverse() } else { order };
            order.then_with(|| by_name(a, b))
        });
        self.order = all.into_iter().map(|(key, cluster)| Row { cluster: cluster.key.clone(), key }).collect();
        self.refilter(cx);
    }

    /// Works out anew what is shown of it.
    pub(super) fn refilter(&mut self, cx: &ViewCx<'_>) {
        let passes = |row: &Row| cx.fleet.cluster(&row.cluster).is_some_and(|cluster| self.passes(cluster, cx));
        self.shown = self.order.iter().enumerate().filter(|(_, row)| passes(row)).map(|(at, _)| at).collect();
        self.counts = Counts { shown: self.shown.len(), all: self.order.len() };
    }
}
