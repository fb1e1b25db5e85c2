//! The laws, seen from outside: what callers are told while simulated time passes.

mod invariants;
mod life;
mod sizes;
mod steps;
mod story;
