use rstest::rstest;

use emr::InstanceStateChangeReasonCode::{ClusterTerminated, InstanceFailure};

use super::*;

fn described(state: &str) -> emr::Cluster {
    emr::Cluster::builder()
        .id("j-1")
        .name("etl\u{1b}[31m")
        .status(emr::ClusterStatus::builder().state(emr::ClusterState::from(state)).build())
        .instance_collection_type(emr::InstanceCollectionType::InstanceFleet)
        .applications(emr::Application::builder().name("Hadoop").version("3.4").build())
        .applications(emr::Application::builder().name("Spark").version("3.5.5").build())
        .build()
}

#[rstest]
#[case("STARTING", Phase::Provisioning, false, true)]
#[case("BOOTSTRAPPING", Phase::Starting, false, true)]
#[case("RUNNING", Phase::Running, true, true)]
#[case("WAITING", Phase::Idle, true, true)]
#[case("TERMINATING", Phase::Terminating, false, false)]
#[case("TERMINATED", Phase::Terminated, false, false)]
#[case("TERMINATED_WITH_ERRORS", Phase::Failed, false, false)]
#[case("HIBERNATING", Phase::Unknown, false, true)]
fn states_keep_their_own_word(
    #[case] native: &str,
    #[case] phase: Phase,
    #[case] can_scale: bool,
    #[case] can_terminate: bool,
) {
    let summary = inspection(described(native)).unwrap().summary;
    assert_eq!((summary.native_state.as_str(), summary.phase), (native, phase));
    assert_eq!(summary.capabilities.scale.is_yes(), can_scale);
    assert_eq!(summary.capabilities.terminate.is_yes(), can_terminate);
}

#[test]
fn a_described_cluster_has_spark_first_and_a_clean_name() {
    let seen = inspection(described("RUNNING")).unwrap();
    assert_eq!(seen.detail.software[0], ("Spark".to_owned(), "3.5.5".to_owned()));
    assert_eq!(seen.detail.grouping, Grouping::Fleets);
    assert_eq!(seen.summary.name, "etl\u{fffd}[31m");
}

#[test]
fn a_cluster_without_an_id_is_no_cluster() {
    assert_eq!(summary(emr::ClusterSummary::builder().name("x").build()), None);
}

#[test]
fn fleets_count_weighted_units_of_both_markets() {
    let fleet = emr::InstanceFleet::builder()
        .id("if-1")
        .instance_fleet_type(emr::InstanceFleetType::Core)
        .target_on_demand_capacity(4)
        .provisioned_on_demand_capacity(4)
        .target_spot_capacity(12)
        .provisioned_spot_capacity(9)
        .build();
    let group = super::fleet(fleet).unwrap();
    assert_eq!((group.unit, group.desired, group.running), (Unit::Weighted, 16, 13));
    assert_eq!((group.market.clone(), group.spot_running()), (Market::Mixed, Some(9)));
}

#[test]
fn unknown_words_are_shown_as_they_came() {
    let group = super::group(
        emr::InstanceGroup::builder()
            .id("ig-1")
            .market(emr::MarketType::from("RESERVED_BLOCK"))
            .status(emr::InstanceGroupStatus::builder().state(emr::InstanceGroupState::from("DREAMING")).build())
            .build(),
    )
    .unwrap();
    assert_eq!(group.market, Market::Unknown("RESERVED_BLOCK".into()));
    assert_eq!((group.state, group.native_state.as_str()), (GroupState::Unknown, "DREAMING"));
    assert!(!group.resize.is_yes());
}

#[test]
fn only_a_failed_spot_machine_is_a_probable_spot_loss() {
    let machine = |market: emr::MarketType, code: emr::InstanceStateChangeReasonCode| {
        let reason = emr::InstanceStateChangeReason::builder().code(code).build();
        let status =
            emr::InstanceStatus::builder().state(emr::InstanceState::Terminated).state_change_reason(reason).build();
        super::node(emr::Instance::builder().id("ci-1").ec2_instance_id("i-1").market(market).status(status).build())
            .unwrap()
    };
    assert!(machine(emr::MarketType::Spot, InstanceFailure).is_probable_spot_loss);
    assert!(!machine(emr::MarketType::Spot, ClusterTerminated).is_probable_spot_loss);
    assert!(!machine(emr::MarketType::OnDemand, InstanceFailure).is_probable_spot_loss);
}

#[test]
fn a_failed_step_says_why() {
    let failure = emr::FailureDetails::builder().reason("Unknown Error").message("exit 137").build();
    let status = emr::StepStatus::builder().state(emr::StepState::Failed).failure_details(failure).build();
    let config = emr::HadoopStepConfig::builder().jar("command-runner.jar").args("spark-submit").args("a.py").build();
    let job = super::job(emr::StepSummary::builder().id("s-1").status(status).config(config).build()).unwrap();
    assert_eq!(job.failure.as_deref(), Some("Unknown Error: exit 137"));
    assert_eq!(job.command, "spark-submit a.py");
    assert_eq!(job.state, JobState::Failed);
}
