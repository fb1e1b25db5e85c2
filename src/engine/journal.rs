//! The record of every change: JSON lines, only ever appended, on disk before the first call is sent.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{Identity, OperationId, OperationState, Plan};

/// The journal cannot be written: nothing may be sent.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path} cannot be written: {source}")]
pub(super) struct JournalError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Who acts, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    pub user: String,
    pub host: String,
    /// The other end of the SSH connection, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_from: Option<String>,
    pub pid: u32,
    pub version: &'static str,
}

/// One line.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Event<'a> {
    /// Written before anything is sent: what will be done, to what, by whom.
    Intent {
        actor: &'a Actor,
        identity: Option<Principal<'a>>,
        connection: &'a str,
        plan: &'a Plan,
    },
    /// The plan was confirmed and not carried out.
    Withheld {
        actor: &'a Actor,
        plan: &'a Plan,
        reasons: Vec<String>,
    },
    Call {
        step: usize,
        operation: &'a str,
        arguments: &'a str,
    },
    Accepted {
        step: usize,
        request_id: Option<&'a str>,
    },
    Refused {
        step: usize,
        kind: &'a str,
        message: &'a str,
        request_id: Option<&'a str>,
    },
    /// The call was sent and the answer did not come, or cannot be read.
    AnswerLost {
        step: usize,
        kind: &'a str,
        message: &'a str,
    },
    Observed {
        step: usize,
        seen: &'a str,
    },
    Outcome {
        state: OperationState,
        seen: &'a str,
    },
    /// The program ends while this goes on in the cloud.
    Left {
        why: &'a str,
        state: OperationState,
        seen: &'a str,
    },
}

#[derive(Debug, Serialize)]
pub(super) struct Principal<'a> {
    account: &'a str,
    principal: &'a str,
}

impl<'a> From<&'a Identity> for Principal<'a> {
    fn from(identity: &'a Identity) -> Self {
        Self { account: &identity.account, principal: &identity.principal }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    version: u8,
    at: Timestamp,
    operation: &'a OperationId,
    #[serde(flatten)]
    event: Event<'a>,
}

/// The journal file of this user.
#[derive(Debug, Clone)]
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one line and waits until it is on the disk.
    ///
    /// # Errors
    /// The line may or may not be there: nothing may be sent on the strength of it.
    pub(super) fn append(&self, at: Timestamp, operation: &OperationId, event: Event<'_>) -> Result<(), JournalError> {
        let wrong = |source| JournalError { path: self.path.clone(), source };
        let line = Line { version: 1, at, operation, event };
        let mut bytes = serde_json::to_vec(&line).map_err(|error| wrong(error.into()))?;
        bytes.push(b'\n');
        self.write(bytes).map_err(wrong)
    }

    fn write(&self, mut line: Vec<u8>) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        // Two programs may write here: one line at a time.
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
        if file.metadata()?.permissions().mode() & 0o777 != 0o600 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        if !ends_a_line(&mut file)? {
            // A program died while it wrote: its half line stays as it is, ours begins on a new one.
            line.insert(0, b'\n');
        }
        file.write_all(&line)?;
        file.sync_data()
    }
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0] == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(journal: &Journal, operation: &str) -> Result<(), JournalError> {
        let event = Event::Left { why: "q", state: OperationState::Running, seen: "10/12" };
        journal.append(Timestamp::UNIX_EPOCH, &OperationId(operation.into()), event)
    }

    #[test]
    fn lines_are_appended_and_only_the_user_may_read_them() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("deep/journal.jsonl"));
        left(&journal, "op-1").unwrap();
        std::fs::set_permissions(journal.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        left(&journal, "op-2").unwrap();
        let text = std::fs::read_to_string(journal.path()).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["operation"], "op-2");
        assert_eq!(lines[1]["event"], "left");
        assert_eq!(std::fs::metadata(journal.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_half_line_of_a_dead_program_is_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("journal.jsonl"));
        std::fs::write(journal.path(), "{\"version\":1,\"at").unwrap();
        left(&journal, "op-1").unwrap();
        let text = std::fs::read_to_string(journal.path()).unwrap();
        assert!(text.starts_with("{\"version\":1,\"at\n{\"version\":1,"), "{text}");
    }

    #[test]
    fn a_journal_that_cannot_be_written_says_so() {
        let journal = Journal::new("/proc/nowhere/journal.jsonl".into());
        assert!(left(&journal, "op-1").unwrap_err().to_string().contains("/proc/nowhere/journal.jsonl"));
    }
}
