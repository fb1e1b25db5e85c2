//! `sparkdeck config path|check|schema`.

use crate::config::{Flags, Paths, looks, schema};

use super::args::ConfigCommand;
use super::output::{Align, print, print_json, table};
use super::{Exit, settings};

pub(super) fn run(what: &ConfigCommand, flags: &Flags) -> Exit {
    match what {
        ConfigCommand::Path => path(flags),
        ConfigCommand::Check => check(flags),
        ConfigCommand::Schema => print_json(&schema::json_schema()),
    }
}

fn path(flags: &Flags) -> Exit {
    match Paths::of_this_user() {
        Ok(paths) => {
            let config = flags.config.clone().unwrap_or(paths.config_file);
            let lines = [
                ("config", config),
                ("themes", paths.themes),
                ("keymaps", paths.keymaps),
                ("journal", paths.journal),
                ("log", paths.log),
            ];
            let rows: Vec<Vec<String>> =
                lines.iter().map(|(what, path)| vec![(*what).to_owned(), path.display().to_string()]).collect();
            print(table(&[("WHAT", Align::Left), ("WHERE", Align::Left)], &rows).as_bytes())
        }
        Err(error) => {
            eprintln!("sparkdeck: {error}");
            Exit::BadInput
        }
    }
}

fn check(flags: &Flags) -> Exit {
    let settings = match settings(flags) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let mut problems = Vec::new();
    problems.extend(looks::theme(&settings.paths, &settings.theme.value).err().into_iter().flatten());
    problems.extend(
        looks::keymap(&settings.paths, &settings.keymap.value, &crate::app::check_command).err().into_iter().flatten(),
    );
    for problem in &problems {
        eprintln!("sparkdeck: {problem}");
    }
    let mut rows = vec![
        vec!["theme".to_owned(), settings.theme.value.clone(), settings.theme.origin.to_string()],
        vec!["keymap".to_owned(), settings.keymap.value.clone(), settings.keymap.origin.to_string()],
        vec![
            "ascii".to_owned(),
            settings.ascii.value.map_or_else(|| "by locale".to_owned(), |on| on.to_string()),
            settings.ascii.origin.to_string(),
        ],
        vec!["mouse".to_owned(), settings.mouse.value.to_string(), settings.mouse.origin.to_string()],
        vec!["read-only".to_owned(), settings.read_only.value.to_string(), settings.read_only.origin.to_string()],
    ];
    let origin = settings.file.as_ref().map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
    if settings.connections.is_empty() {
        rows.push(vec!["connections".to_owned(), "discovered at the start".to_owned(), origin]);
    } else {
        for spec in &settings.connections {
            let place = spec.region.as_deref().unwrap_or("region of the profile");
            let value = format!("{}/{} {place} {}", spec.cloud, spec.name, spec.mode.word());
            rows.push(vec!["connection".to_owned(), value, origin.clone()]);
        }
    }
    let text = table(&[("KEY", Align::Left), ("VALUE", Align::Left), ("FROM", Align::Left)], &rows);
    let printed = print(text.as_bytes());
    if problems.is_empty() { printed } else { Exit::BadInput }
}
