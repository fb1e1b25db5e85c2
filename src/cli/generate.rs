//! Completions and the manual page.

use clap_complete::Shell;

use super::Exit;
use super::output;

pub(super) fn completions(shell: Shell) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "sparkdeck", &mut text);
    output::print(&text)
}

pub(super) fn man() -> Exit {
    let mut text = Vec::new();
    match clap_mangen::Man::new(super::command()).render(&mut text) {
        Ok(()) => output::print(&text),
        Err(error) => {
            eprintln!("sparkdeck: the manual page cannot be made: {error}");
            Exit::Internal
        }
    }
}
