//! The laws, seen from outside: what callers are told while simulated time passes.

mod life;
mod sizes;
mod steps;
mod story;
