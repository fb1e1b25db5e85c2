//! sparkdeck operates Spark clusters on several clouds from one terminal screen.
//!
//! Who may import whom (held by the test `layering`):
//!
//! | module | may import |
//! | --- | --- |
//! | `domain`, `theme`, `keymap` | nothing of ours |
//! | `store` | `domain` |
//! | `planning` | `domain`, `store` |
//! | `tea` | `domain`, `store`, `theme`, `keymap` |
//! | `widgets` | `theme` |
//! | `panes` | `tea`, `widgets`, `planning`, `store`, `domain`, `theme`, `keymap` |
//! | `app` | `panes`, `tea`, `widgets`, `planning`, `store`, `domain`, `theme`, `keymap` |
//! | `providers` | `domain` |
//! | `engine` | `providers`, `tea`, `planning`, `store`, `domain` |
//! | `sim` | `domain` |
//! | `config` | `domain`, `theme`, `keymap` |
//! | `terminal` | `app`, `engine`, `tea`, `widgets`, `domain`, `theme`, `keymap` |
//! | `cli` | everything |

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod keymap;
pub mod panes;
pub mod planning;
pub mod providers;
pub mod sim;
pub mod store;
pub mod tea;
pub mod terminal;
pub mod theme;
pub mod widgets;
