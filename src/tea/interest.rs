//! What the operator looks at: details are fetched for that and for nothing else.

use crate::domain::ClusterRef;

/// The parts of a cluster's detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Overview,
    Nodes,
    Steps,
}

impl Tab {
    pub const ALL: [Self; 3] = [Self::Overview, Self::Nodes, Self::Steps];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Nodes => "nodes",
            Self::Steps => "steps",
        }
    }
}

/// The cluster whose detail is on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub cluster: ClusterRef,
    /// The parts that are drawn.
    pub tabs: Vec<Tab>,
    /// How many pages of jobs are wanted.
    pub job_pages: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    /// Rows on the screen, top first.
    pub visible: Vec<ClusterRef>,
    pub open: Option<Open>,
}
