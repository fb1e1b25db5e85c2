//! Names of things. A cluster is identified by its connection and the cloud's own id, everywhere:
//! selection, plans, the journal. Never by a row number and never by its name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A platform that runs Spark clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    Emr,
    Dataproc,
    Databricks,
    Kubernetes,
}

impl Cloud {
    /// The word used in configuration, JSON and on wide screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Emr => "emr",
            Self::Dataproc => "dataproc",
            Self::Databricks => "databricks",
            Self::Kubernetes => "kubernetes",
        }
    }

    /// Three letters for narrow screens.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Emr => "emr",
            Self::Dataproc => "gdp",
            Self::Databricks => "dbx",
            Self::Kubernetes => "k8s",
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Cloud {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "emr" => Ok(Self::Emr),
            "dataproc" | "gdp" => Ok(Self::Dataproc),
            "databricks" | "dbx" => Ok(Self::Databricks),
            "kubernetes" | "k8s" => Ok(Self::Kubernetes),
            other => Err(format!("unknown cloud `{other}`: one of emr, dataproc, databricks, kubernetes")),
        }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(Arc<str>);

        impl $type {
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
        impl From<&str> for $type {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
    };
}

name!(
    /// What the operator calls a connection: unique in one run.
    ConnectionName
);
name!(
    /// The cloud's own identifier of a cluster (`j-2AXXXX`).
    ClusterId
);
name!(
    /// The cloud's own identifier of a node group.
    GroupId
);
name!(
    /// The cloud's own identifier of a job, step, run or application.
    JobId
);
name!(
    /// The cloud's own identifier of a machine.
    NodeId
);

/// The identity of a cluster in the whole program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClusterRef {
    pub connection: ConnectionName,
    pub id: ClusterId,
}

impl ClusterRef {
    pub fn new(connection: ConnectionName, id: ClusterId) -> Self {
        Self { connection, id }
    }
}

impl fmt::Display for ClusterRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connection, self.id)
    }
}
