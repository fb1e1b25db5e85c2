//! The one integration-test binary.
#![allow(unreachable_pub, reason = "a test binary exports nothing")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "a test has deadlines of its own")]

mod faults;
mod layering;
mod moto;
mod pty;
mod sim_boto;
mod sim_wire;
mod support;
