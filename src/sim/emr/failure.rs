//! Why Spark steps fail, in the words in which EMR tells it.

use serde::Deserialize;

/// A cause of failure as operators meet it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum Failure {
    /// The container was killed for its memory, exit status 137.
    Oom,
    /// An input path that is not there.
    MissingPath,
    ClassNotFound,
    /// S3 refused.
    AccessDenied,
    /// A task failed four times, and its stage with it.
    Stage,
    /// The cause could not be found.
    Unknown,
}

impl Failure {
    pub(super) const ALL: [Self; 6] =
        [Self::Oom, Self::MissingPath, Self::ClassNotFound, Self::AccessDenied, Self::Stage, Self::Unknown];

    /// `FailureDetails.Reason`.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Oom => "Out of memory.",
            Self::MissingPath => "Input path does not exist.",
            Self::ClassNotFound => "Main Class not found.",
            Self::AccessDenied => "Access denied.",
            Self::Stage => "Job aborted due to stage failure.",
            Self::Unknown => "Unknown Error.",
        }
    }

    /// `FailureDetails.Message`; `input` is a path and `class` a class of the step, `node` the machine it happened on.
    pub(super) fn message(self, input: &str, class: &str, node: &str) -> String {
        match self {
            Self::Oom => format!(
                "org.apache.spark.SparkException: Job aborted due to stage failure: Task 118 in stage 14.0 failed 4 \
                 times, most recent failure: Lost task 118.3 in stage 14.0 ({node} executor 7): ExecutorLostFailure \
                 (executor 7 exited caused by one of the running tasks) Reason: Container killed by YARN for exceeding \
                 memory limits. Container exited with a non-zero exit code 137. Killed by external signal"
            ),
            Self::MissingPath => format!(
                "Exception in thread \"main\" org.apache.spark.sql.AnalysisException: [PATH_NOT_FOUND] Path does not \
                 exist: {input}."
            ),
            Self::ClassNotFound => {
                format!("Error: Failed to load class {class}. java.lang.ClassNotFoundException: {class}")
            }
            Self::AccessDenied => format!(
                "java.nio.file.AccessDeniedException: {input}: getFileStatus: \
                 com.amazonaws.services.s3.model.AmazonS3Exception: Forbidden (Service: Amazon S3; Status Code: 403; \
                 Error Code: 403 Forbidden; Request ID: 7T9Q2V5XJZ0B4M1C)"
            ),
            Self::Stage => format!(
                "org.apache.spark.SparkException: Job aborted due to stage failure: Task 41 in stage 6.0 failed 4 \
                 times, most recent failure: Lost task 41.3 in stage 6.0 ({node} executor 12): \
                 org.apache.spark.shuffle.FetchFailedException: Connection reset by peer"
            ),
            Self::Unknown => {
                "Exception in thread \"main\" org.apache.spark.SparkException: Application finished with failed status"
                    .to_owned()
            }
        }
    }

    /// The log in which the cause was found, below the step's folder.
    pub(super) const fn log(self) -> &'static str {
        match self {
            Self::Unknown => "controller.gz",
            _ => "stderr.gz",
        }
    }
}
