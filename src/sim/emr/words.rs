//! The words of EMR's wire protocol for states, roles and markets, each spelled once.

use serde::{Deserialize, Serialize, Serializer};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
        pub(in crate::sim) enum $name {
            $(#[serde(rename = $word)] $variant,)+
        }

        impl $name {
            pub(in crate::sim) const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

words! {
    ClusterState {
        Starting => "STARTING",
        Bootstrapping => "BOOTSTRAPPING",
        Running => "RUNNING",
        Waiting => "WAITING",
        Terminating => "TERMINATING",
        Terminated => "TERMINATED",
        TerminatedWithErrors => "TERMINATED_WITH_ERRORS",
    }
}

words! {
    /// Why a cluster is in its state.
    ReasonCode {
        InternalError => "INTERNAL_ERROR",
        InstanceFailure => "INSTANCE_FAILURE",
        InstanceFleetTimeout => "INSTANCE_FLEET_TIMEOUT",
        BootstrapFailure => "BOOTSTRAP_FAILURE",
        UserRequest => "USER_REQUEST",
        StepFailure => "STEP_FAILURE",
        AllStepsCompleted => "ALL_STEPS_COMPLETED",
        ClusterTerminated => "CLUSTER_TERMINATED",
    }
}

words! {
    /// The state of an instance group or an instance fleet.
    PoolState {
        Provisioning => "PROVISIONING",
        Bootstrapping => "BOOTSTRAPPING",
        Running => "RUNNING",
        Resizing => "RESIZING",
        Suspended => "SUSPENDED",
        Arrested => "ARRESTED",
        Terminating => "TERMINATING",
        Terminated => "TERMINATED",
    }
}

words! {
    InstanceState {
        AwaitingFulfillment => "AWAITING_FULFILLMENT",
        Provisioning => "PROVISIONING",
        Bootstrapping => "BOOTSTRAPPING",
        Running => "RUNNING",
        Terminated => "TERMINATED",
    }
}

words! {
    StepState {
        Pending => "PENDING",
        CancelPending => "CANCEL_PENDING",
        Running => "RUNNING",
        Completed => "COMPLETED",
        Cancelled => "CANCELLED",
        Failed => "FAILED",
        Interrupted => "INTERRUPTED",
    }
}

words! {
    Role {
        Master => "MASTER",
        Core => "CORE",
        Task => "TASK",
    }
}

words! {
    Market {
        OnDemand => "ON_DEMAND",
        Spot => "SPOT",
    }
}

words! {
    /// How the machines of a cluster are organised.
    Collection {
        Groups => "INSTANCE_GROUP",
        Fleets => "INSTANCE_FLEET",
    }
}

words! {
    /// What becomes of the cluster when a step fails.
    ActionOnFailure {
        TerminateJobFlow => "TERMINATE_JOB_FLOW",
        TerminateCluster => "TERMINATE_CLUSTER",
        CancelAndWait => "CANCEL_AND_WAIT",
        Continue => "CONTINUE",
    }
}

words! {
    /// What the limits of managed scaling count.
    ScalingUnit {
        FleetUnits => "InstanceFleetUnits",
        Instances => "Instances",
        Vcpu => "VCPU",
    }
}

impl ClusterState {
    /// Past its end, or on its way there.
    pub(in crate::sim) const fn is_ending(self) -> bool {
        matches!(self, Self::Terminating | Self::Terminated | Self::TerminatedWithErrors)
    }

    pub(in crate::sim) const fn is_ended(self) -> bool {
        matches!(self, Self::Terminated | Self::TerminatedWithErrors)
    }

    /// Up: steps run and sizes can be changed.
    pub(in crate::sim) const fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Waiting)
    }
}

impl StepState {
    /// Waits, runs or is about to be cancelled.
    pub(in crate::sim) const fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::CancelPending | Self::Running)
    }
}

impl ActionOnFailure {
    pub(in crate::sim) const fn ends_the_cluster(self) -> bool {
        matches!(self, Self::TerminateCluster | Self::TerminateJobFlow)
    }
}
