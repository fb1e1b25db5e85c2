//! `sparkdeck sim` as a process of its own, and its controls.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A running simulation; ended when dropped.
pub struct Simulation {
    child: Child,
    pub environment: Vec<(String, String)>,
    address: String,
    _folder: TempDir,
}

impl Simulation {
    pub fn start(arguments: &[&str]) -> Self {
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
        let text = std::fs::read_to_string(&file).unwrap();
        let environment: Vec<(String, String)> = text.lines().map(exported).collect();
        let endpoint = &environment.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL").unwrap().1;
        let address = endpoint.trim_start_matches("http://").to_owned();
        Self { child, environment, address, _folder: folder }
    }

    /// A small fleet that stands still.
    pub fn quiet() -> Self {
        Self::start(&["--scenario", "quiet", "--quotas", "off"])
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(
            stream,
            "{method} /_sim/{path} HTTP/1.1\r\nhost: sim\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap()
    }

    pub fn advance(&self, seconds: u64) {
        self.control("POST", "clock", &json!({"advance_s": seconds}));
    }

    pub fn fault(&self, rule: &Value) {
        self.control("POST", "faults", rule);
    }

    pub fn mend(&self) {
        self.control("DELETE", "faults", &Value::Null);
    }

    /// The calls of an operation so far, oldest first.
    pub fn calls(&self, operation: &str) -> Vec<Value> {
        let answer = self.control("GET", &format!("calls?op={operation}"), &Value::Null);
        answer["calls"].as_array().unwrap().clone()
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `export NAME='value'`
fn exported(line: &str) -> (String, String) {
    let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
    (name.to_owned(), value.strip_prefix('\'').unwrap().strip_suffix('\'').unwrap().to_owned())
}
