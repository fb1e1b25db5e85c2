//! Keys and what they mean. Knows key names and scopes; what a command does is none of its business.

mod key;
mod parse;

use std::collections::HashMap;

pub use key::{Code, Key, KeyError, parse_keys, show_keys};
pub use parse::{KeymapError, parse};

/// The scope in which a key holds everywhere, unless a closer scope says otherwise.
pub const GLOBAL: &str = "global";

/// Bindings by scope. A chord is a sequence of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    pub name: String,
    scopes: HashMap<String, HashMap<Vec<Key>, String>>,
}

/// What a sequence of keys means in the given scopes.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning<'a> {
    Command(&'a str),
    /// The beginning of a longer chord.
    Prefix,
    Nothing,
}

impl Keymap {
    /// Looks in the scopes in the given order, the closest first.
    pub fn meaning<'a>(&'a self, scopes: &[&str], keys: &[Key]) -> Meaning<'a> {
        let mut is_prefix = false;
        for scope in scopes.iter().filter_map(|scope| self.scopes.get(*scope)) {
            if let Some(command) = scope.get(keys) {
                return if command.is_empty() { Meaning::Nothing } else { Meaning::Command(command) };
            }
            is_prefix |= scope
                .iter()
                .any(|(chord, command)| chord.len() > keys.len() && chord.starts_with(keys) && !command.is_empty());
            if is_prefix {
                return Meaning::Prefix;
            }
        }
        Meaning::Nothing
    }

    /// The shortest way to press a command here, for hints and help.
    pub fn keys_for(&self, scopes: &[&str], command: &str) -> Option<String> {
        self.all_keys_for(scopes, command).into_iter().next()
    }

    /// All ways to press a command here, the shortest first.
    pub fn all_keys_for(&self, scopes: &[&str], command: &str) -> Vec<String> {
        let mut found: Vec<&Vec<Key>> = Vec::new();
        for scope in scopes.iter().filter_map(|scope| self.scopes.get(*scope)) {
            found.extend(scope.iter().filter(|(_, bound)| *bound == command).map(|(keys, _)| keys));
        }
        found.retain(|keys| self.meaning(scopes, keys) == Meaning::Command(command));
        found.sort_by_key(|keys| (keys.len(), keys.iter().map(Key::weight).max(), show_keys(keys)));
        found.dedup();
        found.into_iter().map(|keys| show_keys(keys)).collect()
    }

    /// Every binding: scope, keys as shown, command.
    pub fn bindings(&self) -> impl Iterator<Item = (&str, String, &str)> {
        self.scopes.iter().flat_map(|(scope, keys)| {
            keys.iter().map(move |(keys, command)| (scope.as_str(), show_keys(keys), command.as_str()))
        })
    }

    /// Puts another keymap's bindings over these.
    #[must_use]
    pub fn overlaid_with(mut self, over: Self) -> Self {
        self.name = over.name;
        for (scope, bindings) in over.scopes {
            self.scopes.entry(scope).or_default().extend(bindings);
        }
        self
    }
}
