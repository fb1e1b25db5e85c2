//! The simulator judged by clients that nobody here wrote: boto3 and the AWS CLI, against the real program.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// `sparkdeck sim` as a process of its own; ended when dropped.
struct Program {
    child: Child,
    environment: Vec<(String, String)>,
    announced: String,
    folder: TempDir,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("env");
        let mut child = Command::new(env!("CARGO_BIN_EXE_sparkdeck"))
            .arg("sim")
            .args(arguments)
            .arg("--env-file")
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The line comes when it listens and the file is written.
        let mut announced = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut announced).unwrap();
        assert!(announced.contains("http://127.0.0.1:"), "{announced}");
        let text = fs::read_to_string(&file).unwrap();
        let environment = text.lines().map(exported).collect();
        Self { child, environment, announced, folder }
    }

    fn run(&self, script: &str) {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
        let output = Command::new(python())
            .arg(scripts.join(script))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(self.environment.iter().cloned())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{script}:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed leaves it running; one that ended it has nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `export NAME='value'`
fn exported(line: &str) -> (String, String) {
    let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
    (name.to_owned(), value.strip_prefix('\'').unwrap().strip_suffix('\'').unwrap().to_owned())
}

fn python() -> PathBuf {
    let peers = std::env::var_os("SPARKDECK_PEERS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"), PathBuf::from);
    let python = peers.join("bin/python");
    assert!(python.exists(), "{} is missing: run tests/run, which installs the peers", python.display());
    python
}

#[test]
fn boto3_reads_everything() {
    Program::start(&["--scenario", "quiet", "--quotas", "off"]).run("emr_read.py");
}

#[test]
fn boto3_changes_everything_and_waits_for_it() {
    Program::start(&["--scenario", "quiet", "--quotas", "off"]).run("emr_change.py");
}

#[test]
fn boto3_pages_through_listings() {
    let arguments = ["--scenario", "large", "--clusters", "230", "--speed", "0", "--quotas", "off"];
    Program::start(&arguments).run("emr_pages.py");
}

#[test]
fn the_aws_cli_has_a_command_for_all_of_it() {
    Program::start(&["--scenario", "quiet", "--quotas", "off"]).run("emr_cli.py");
}

#[cfg(unix)]
#[test]
fn the_program_ends_well_when_it_is_told_to() {
    for signal in ["-TERM", "-INT"] {
        let mut program = Program::start(&["--scenario", "quiet", "--seed", "5"]);
        assert!(program.announced.contains("scenario quiet, seed 5"), "{}", program.announced);
        let id = program.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn the_environment_is_for_its_owner_only_and_for_any_shell() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("it's mine");
    fs::write(&file, "something older").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sparkdeck"))
        .args(["sim", "--scenario", "quiet", "--env-file"])
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut announced = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut announced).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // What the line says to type works.
    let typed = announced.split("of a client: ").nth(1).unwrap().trim();
    let script = format!("{} && echo $AWS_ENDPOINT_URL $AWS_REGION", typed.replace("source", "."));
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("http://127.0.0.1:") && said.trim().ends_with("us-east-1"), "{said} {typed}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn bad_input_is_named_with_its_remedy() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(&file, "name = \"x\"\ndescripton = \"y\"\n").unwrap();
    let file = file.to_str().unwrap().to_owned();
    let nowhere = folder.path().join("no/such/folder/env").to_str().unwrap().to_owned();
    let cases: [(&[&str], &[&str]); 8] = [
        (&["--scenario", "dmeo"], &["`dmeo`", "did you mean `demo`?", "quiet"]),
        (&["--scenario", "./missing.toml"], &["./missing.toml", "check the path"]),
        (&["--scenario", &file], &["mine.toml:2:1", "did you mean `description`?"]),
        (&["--listen", &address], &[&address, "choose another address, or port 0"]),
        (&["--listen", "nonsense"], &["nonsense", "--listen"]),
        (&["--speed", "-3"], &["-3"]),
        (&["--scenario", "demo", "--clusters", "2"], &["active clusters of its own", "not for 2"]),
        (&["--env-file", &nowhere], &[&nowhere, "check the folder"]),
    ];
    for (arguments, expected) in cases {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sparkdeck"))
            .arg("sim")
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(2), "{arguments:?}: {said}");
        for words in expected {
            assert!(said.contains(words), "{arguments:?} must say {words}: {said}");
        }
    }
}
