//! The table of all commands: the panes' and the app's own. Keymaps are checked against it, and the `:` line,
//! help and the key reference are made from it.

use crate::panes;
use crate::tea::{Argument, CommandSpec, Needs};

/// Scopes of overlays.
pub const PROMPT: &str = "overlay.prompt";
pub const FORM: &str = "overlay.form";
pub const PLAN: &str = "overlay.plan";
pub const PLAN_TYPED: &str = "overlay.plan_typed";
pub const HELP: &str = "overlay.help";
pub const QUIT: &str = "overlay.quit";

const GLOBAL: &str = crate::keymap::GLOBAL;

/// The app's own commands.
pub const COMMANDS: &[CommandSpec] = &[
    CommandSpec::word("app.fleet", GLOBAL, &["fleet", "clusters"], "the fleet"),
    CommandSpec::word("app.actions", GLOBAL, &["actions"], "what was changed in this run"),
    CommandSpec::word("app.connections", GLOBAL, &["connections", "sources"], "the connections and how they fare"),
    CommandSpec::word("tab.overview", GLOBAL, &["overview"], "the cluster's overview"),
    CommandSpec::word("tab.nodes", GLOBAL, &["nodes"], "the cluster's node groups and machines"),
    CommandSpec::word("tab.steps", GLOBAL, &["steps", "jobs"], "the cluster's steps"),
    CommandSpec::key("tab.next", GLOBAL, "the next part of the cluster"),
    CommandSpec::key("tab.previous", GLOBAL, "the part before"),
    CommandSpec::word("app.refresh", GLOBAL, &["refresh"], "ask everything again now"),
    CommandSpec::word("app.help", GLOBAL, &["help", "h"], "the keys that work here"),
    CommandSpec::key("app.command", GLOBAL, "type a command"),
    CommandSpec::key("app.focus", GLOBAL, "between list and detail"),
    CommandSpec::key("app.back", GLOBAL, "one level back"),
    CommandSpec::word("app.theme", GLOBAL, &["theme"], "use another theme").with(Argument::Theme),
    CommandSpec::word("app.keymap", GLOBAL, &["keymap"], "use another keymap").with(Argument::Keymap),
    CommandSpec::word("app.scale", GLOBAL, &["scale"], "scale a node group of the selected cluster")
        .needing(Needs::Change),
    CommandSpec::word("app.terminate", GLOBAL, &["terminate"], "terminate the selected cluster").needing(Needs::Change),
    CommandSpec::word("app.quit", GLOBAL, &["quit", "q", "exit"], "leave; asks while a change is under way"),
    CommandSpec::key("app.leave", GLOBAL, "leave at once"),
    CommandSpec::key("prompt.cancel", PROMPT, "leave the line as it was"),
    CommandSpec::key("prompt.accept", PROMPT, "do it"),
    CommandSpec::key("prompt.complete", PROMPT, "complete"),
    CommandSpec::key("prompt.up", PROMPT, "the line before"),
    CommandSpec::key("prompt.down", PROMPT, "the line after"),
    CommandSpec::key("input.left", PROMPT, "left"),
    CommandSpec::key("input.right", PROMPT, "right"),
    CommandSpec::key("input.home", PROMPT, "to the beginning"),
    CommandSpec::key("input.end", PROMPT, "to the end"),
    CommandSpec::key("input.backspace", PROMPT, "delete to the left"),
    CommandSpec::key("input.delete", PROMPT, "delete"),
    CommandSpec::key("input.delete_word", PROMPT, "delete the word"),
    CommandSpec::key("input.clear", PROMPT, "delete all"),
    CommandSpec::key("form.cancel", FORM, "close"),
    CommandSpec::key("form.accept", FORM, "make the plan"),
    CommandSpec::key("form.next", FORM, "the next field"),
    CommandSpec::key("form.previous", FORM, "the field before"),
    CommandSpec::key("form.less", FORM, "less, or the choice before"),
    CommandSpec::key("form.more", FORM, "more, or the next choice"),
    CommandSpec::key("input.backspace", FORM, "delete to the left"),
    CommandSpec::key("input.clear", FORM, "delete all"),
    CommandSpec::key("plan.cancel", PLAN, "do not do it"),
    CommandSpec::key("plan.confirm", PLAN, "do it"),
    CommandSpec::key("plan.copy", PLAN, "copy as a command line"),
    CommandSpec::key("plan.up", PLAN, "scroll up"),
    CommandSpec::key("plan.down", PLAN, "scroll down"),
    CommandSpec::key("plan.cancel", PLAN_TYPED, "do not do it"),
    CommandSpec::key("plan.confirm", PLAN_TYPED, "do it, when the name matches"),
    CommandSpec::key("plan.copy", PLAN_TYPED, "copy as a command line"),
    CommandSpec::key("plan.up", PLAN_TYPED, "scroll up"),
    CommandSpec::key("plan.down", PLAN_TYPED, "scroll down"),
    CommandSpec::key("input.backspace", PLAN_TYPED, "delete to the left"),
    CommandSpec::key("input.clear", PLAN_TYPED, "delete all"),
    CommandSpec::key("help.close", HELP, "close"),
    CommandSpec::key("help.up", HELP, "scroll up"),
    CommandSpec::key("help.down", HELP, "scroll down"),
    CommandSpec::key("help.page_up", HELP, "one page up"),
    CommandSpec::key("help.page_down", HELP, "one page down"),
    CommandSpec::key("quit.stay", QUIT, "stay"),
    CommandSpec::key("quit.leave", QUIT, "leave all the same"),
];

/// Every command there is.
pub fn all() -> impl Iterator<Item = &'static CommandSpec> {
    COMMANDS
        .iter()
        .chain(panes::clusters::COMMANDS)
        .chain(panes::detail::COMMANDS)
        .chain(panes::operations::COMMANDS)
        .chain(panes::connections::COMMANDS)
        .chain(panes::first_run::COMMANDS)
}

/// Whether a scope has a command; otherwise what was probably meant.
///
/// # Errors
/// The message for whoever wrote the keymap.
pub fn check(scope: &str, command: &str) -> Result<(), String> {
    if !all().any(|spec| spec.scope == scope) {
        return Err(format!("no scope [{scope}]"));
    }
    if all().any(|spec| spec.scope == scope && spec.id == command) {
        return Ok(());
    }
    let near = all()
        .filter(|spec| spec.scope == scope)
        .map(|spec| (strsim::damerau_levenshtein(spec.id, command), spec.id))
        .min();
    Err(match near {
        Some((distance, id)) if distance <= 4 => format!("[{scope}] has no command `{command}`: did you mean `{id}`?"),
        _ => format!("[{scope}] has no command `{command}`"),
    })
}
