//! A step that a caller hands in.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::PairInput;
use crate::sim::aws::ApiError;
use crate::sim::dice::Dice;
use crate::sim::emr::failure::Failure;
use crate::sim::emr::pace;
use crate::sim::emr::physics::NewStep;
use crate::sim::emr::step::{Extras, Fate, Work};
use crate::sim::emr::words::ActionOnFailure;
use crate::sim::period::Period;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr::api) struct StepInput {
    name: String,
    action_on_failure: Option<ActionOnFailure>,
    hadoop_jar_step: JarInput,
    step_monitoring_configuration: Option<MonitoringInput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JarInput {
    jar: String,
    main_class: Option<String>,
    args: Option<Vec<String>>,
    properties: Option<Vec<PairInput>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MonitoringInput {
    #[serde(rename = "S3MonitoringConfiguration")]
    s3: Option<S3Input>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3Input {
    log_uri: Option<String>,
    encryption_key_arn: Option<String>,
}

impl StepInput {
    /// The step, and what will become of it: as its arguments say, or as chance has it.
    pub(in crate::sim::emr::api) fn step(
        self,
        dice: Dice,
        execution_role: Option<String>,
    ) -> Result<NewStep, ApiError> {
        let jar = self.hadoop_jar_step;
        let arguments = jar.args.unwrap_or_default();
        let length: usize = arguments.iter().map(String::len).sum::<usize>() + jar.jar.len();
        if length > 10_240 {
            return Err(ApiError::validation(
                "The total length of the HadoopJarStep parameters cannot exceed 10240 characters.",
            ));
        }
        let fate = fate(&arguments, dice)?;
        let logs = self.step_monitoring_configuration.and_then(|monitoring| monitoring.s3);
        let properties = jar.properties.into_iter().flatten();
        let properties: BTreeMap<String, String> =
            properties.filter_map(|pair| Some((pair.key?, pair.value.unwrap_or_default()))).collect();
        let work = Work { jar: jar.jar, main_class: jar.main_class, arguments, properties };
        let extras = (execution_role.is_some() || logs.is_some()).then(|| {
            let (log_uri, encryption_key) = logs.map_or((None, None), |logs| (logs.log_uri, logs.encryption_key_arn));
            Box::new(Extras { execution_role, log_uri, encryption_key })
        });
        Ok(NewStep {
            on_failure: self.action_on_failure.unwrap_or(ActionOnFailure::Continue),
            extras,
            ..NewStep::of(self.name, Arc::new(work), fate)
        })
    }
}

/// A caller can say what becomes of a step: `spark.sim.lasts=90s` and `spark.sim.fails=oom` among its arguments, as
/// values of `--conf`.
fn fate(arguments: &[String], dice: Dice) -> Result<Fate, ApiError> {
    let said = |key: &str| arguments.iter().find_map(|argument| argument.strip_prefix(key)?.strip_prefix('='));
    let wrong = |key: &str, value: &str| ApiError::validation(format!("{key}={value} is not understood"));
    let lasts = match said("spark.sim.lasts") {
        None => dice.of("duration").within(pace::STEP),
        Some(text) => Period::parse(text).ok_or_else(|| wrong("spark.sim.lasts", text))?.0,
    };
    let fails = match said("spark.sim.fails") {
        None => None,
        Some(text) => {
            let failure: Result<Failure, _> = serde_json::from_value(Value::String(text.to_owned()));
            Some(failure.map_err(|_| wrong("spark.sim.fails", text))?)
        }
    };
    Ok(Fate { lasts: Some(lasts), fails })
}
