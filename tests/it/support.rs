//! What the tests share: the real program in a real terminal, and a simulation of its own for each test.

pub mod deck;
pub mod simulation;

use std::path::{Path, PathBuf};

/// The Python with the peers in it; made by `tests/run`.
pub fn python() -> PathBuf {
    let peers = std::env::var_os("SPARKDECK_PEERS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"), PathBuf::from);
    let python = peers.join("bin/python");
    assert!(python.exists(), "{} is missing: run tests/run, which installs the peers", python.display());
    python
}
