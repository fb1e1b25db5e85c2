//! Who may import whom: the table in `src/lib.rs`, held by reading the sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// The table of the crate's doc comment: module → modules it may import.
fn table(lib: &str) -> BTreeMap<String, Vec<String>> {
    let words = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let mut out = BTreeMap::new();
    for line in lib.lines().filter(|line| line.starts_with("//! | `")) {
        let cells: Vec<&str> = line.trim_start_matches("//! |").split('|').collect();
        let allowed = if cells[1].contains("everything") { vec!["*".to_owned()] } else { words(cells[1]) };
        for module in words(cells[0]) {
            out.insert(module, allowed.clone());
        }
    }
    out
}

/// Every `crate::module` named in a source, with the line it stands on; comments and tests do not count.
fn imports(source: &str) -> Vec<(usize, String)> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let mut out = Vec::new();
    for (number, line) in code.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for part in line.split("crate::").skip(1) {
            if let Some(group) = part.strip_prefix('{') {
                for item in group.split(['{', '}']).next().unwrap().split(',') {
                    let name: String = item.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    out.push((number + 1, name));
                }
            } else {
                out.push((number + 1, part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()));
            }
        }
    }
    out
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    let table = table(&lib);
    assert!(table.len() >= 13, "the table in src/lib.rs was not understood: {table:?}");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inner = file.strip_prefix(&src).unwrap();
        let module =
            inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if module == "main" || module == "lib" {
            continue;
        }
        let allowed =
            table.get(&module).unwrap_or_else(|| panic!("module `{module}` is not in the table of src/lib.rs"));
        for (line, import) in imports(&fs::read_to_string(&file).unwrap()) {
            if import != module && !allowed.iter().any(|name| *name == import || name == "*") {
                wrong.push(format!("{}:{line}: {module} may not import {import}", inner.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn foreign_worlds_stay_where_they_belong() {
    // (crate, the modules that must not know it)
    let banned = [
        ("tokio", vec!["domain", "store", "planning", "tea", "theme", "keymap", "widgets", "panes", "app"]),
        ("ratatui", vec!["domain", "store", "planning", "keymap", "providers", "engine", "sim", "config"]),
        (
            "crossterm",
            vec!["domain", "store", "planning", "tea", "theme", "keymap", "widgets", "panes", "app", "engine"],
        ),
        (
            "aws_",
            vec!["domain", "store", "planning", "tea", "theme", "keymap", "widgets", "panes", "app", "engine", "sim"],
        ),
    ];
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inner = file.strip_prefix(&src).unwrap();
        let module =
            inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&file).unwrap();
        for (name, modules) in &banned {
            let used = text.lines().any(|line| {
                !line.trim_start().starts_with("//")
                    && (line.contains(&format!("use {name}"))
                        || line.contains(&format!(" {name}::"))
                        || line.contains(&format!("({name}::")))
            });
            if used && modules.contains(&module.as_str()) {
                wrong.push(format!("{}: {module} must not know {name}", inner.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
