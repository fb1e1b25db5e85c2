//! The filter language: plain words match fuzzily over name, id and tags; `field:value` terms are exact.
//! All terms must hold.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::cluster::Cluster;

/// Every field that a term can name, for completion and for errors.
pub const FIELDS: [&str; 12] =
    ["cloud", "connection", "state", "name", "id", "tag", "release", "age", "nodes", "spot", "steps", "alert"];

/// A term that cannot be understood; `at` is its first byte in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    pub at: usize,
    pub message: String,
}

/// A parsed filter. An empty one lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
enum Term {
    Word { atom: Atom, negated: bool },
    Text { field: TextField, value: String, negated: bool },
    Tag { key: String, value: Option<String>, negated: bool },
    State { word: String, negated: bool },
    Number { field: NumberField, test: Test },
    Age(Test),
    Steps { word: String, negated: bool },
    Alert { wanted: bool },
}

#[derive(Debug, Clone, Copy)]
enum TextField {
    Cloud,
    Connection,
    Name,
    Id,
    Release,
}

#[derive(Debug, Clone, Copy)]
enum NumberField {
    Nodes,
    Spot,
}

/// A comparison with a number; ages are seconds.
#[derive(Debug, Clone, Copy)]
struct Test {
    order: Order,
    than: u64,
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Test {
    fn holds(self, value: u64) -> bool {
        match self.order {
            Order::Less => value < self.than,
            Order::AtMost => value <= self.than,
            Order::Equal => value == self.than,
            Order::AtLeast => value >= self.than,
            Order::More => value > self.than,
        }
    }

    fn parse(text: &str, unit: fn(&str) -> Option<u64>) -> Option<Self> {
        let (order, rest) = if let Some(rest) = text.strip_prefix(">=") {
            (Order::AtLeast, rest)
        } else if let Some(rest) = text.strip_prefix("<=") {
            (Order::AtMost, rest)
        } else if let Some(rest) = text.strip_prefix('>') {
            (Order::More, rest)
        } else if let Some(rest) = text.strip_prefix('<') {
            (Order::Less, rest)
        } else {
            (Order::Equal, text.strip_prefix('=').unwrap_or(text))
        };
        Some(Self { order, than: unit(rest)? })
    }
}

/// `90s`, `30m`, `12h`, `3d`, `2w`, or several of them: `1h30m`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut number: Option<u64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(digit))?);
        } else {
            let unit = match c {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                'd' => 86_400,
                'w' => 604_800,
                _ => return None,
            };
            seconds = seconds.checked_add(number.take()?.checked_mul(unit)?)?;
        }
    }
    (number.is_none() && !text.is_empty()).then_some(Duration::from_secs(seconds))
}

impl Filter {
    /// Reads a filter as it is typed.
    ///
    /// # Errors
    /// The first term that means nothing: show the message and keep the filter that was in force.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut terms = Vec::new();
        for (at, word) in words(text) {
            terms.push(parse_term(word).map_err(|message| FilterError { at, message })?);
        }
        Ok(Self { text: text.trim().to_owned(), terms })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a term says which states are wanted, so that no other choice should interfere.
    pub fn names_state(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::State { .. }))
    }

    /// `has_trouble` is what the rules say of the cluster: the store does not judge.
    pub fn matches(&self, cluster: &Cluster, has_trouble: bool, now: Timestamp) -> bool {
        self.terms.iter().all(|term| term.matches(cluster, has_trouble, now))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace().map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn parse_term(word: &str) -> Result<Term, String> {
    let (negated, body) = match word.strip_prefix('!') {
        Some(body) if !body.is_empty() => (true, body),
        _ => (false, word),
    };
    let Some((field, value)) = body.split_once(':') else {
        let atom = Atom::new(body, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
        return Ok(Term::Word { atom, negated });
    };
    let lower = value.to_lowercase();
    if value.is_empty() && FIELDS.contains(&field) {
        return Err(format!("`{field}:` needs a value, for example {}", example(field)));
    }
    let text = |field| Ok(Term::Text { field, value: lower.clone(), negated });
    let wrong = || format!("`{value}` is no value for {field}: try {}", example(field));
    let count = |text: &str| text.trim_end_matches('%').parse::<u64>().ok();
    match field {
        "cloud" => text(TextField::Cloud),
        "connection" => text(TextField::Connection),
        "name" => text(TextField::Name),
        "id" => text(TextField::Id),
        "release" => text(TextField::Release),
        "state" => Ok(Term::State { word: lower, negated }),
        "tag" => {
            let (key, value) = match lower.split_once('=') {
                Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                None => (lower, None),
            };
            Ok(Term::Tag { key, value, negated })
        }
        "nodes" => {
            Test::parse(value, count).map(|test| Term::Number { field: NumberField::Nodes, test }).ok_or_else(wrong)
        }
        "spot" => {
            Test::parse(value, count).map(|test| Term::Number { field: NumberField::Spot, test }).ok_or_else(wrong)
        }
        "age" => {
            Test::parse(value, |text| parse_duration(text).map(|age| age.as_secs())).map(Term::Age).ok_or_else(wrong)
        }
        "steps" => match lower.as_str() {
            "running" | "failed" | "waiting" | "any" => Ok(Term::Steps { word: lower, negated }),
            _ => Err(wrong()),
        },
        "alert" => match lower.as_str() {
            "any" => Ok(Term::Alert { wanted: !negated }),
            "none" => Ok(Term::Alert { wanted: negated }),
            _ => Err(wrong()),
        },
        other => Err(unknown_field(other)),
    }
}

fn unknown_field(field: &str) -> String {
    let nearest = FIELDS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(field, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    match nearest {
        Some((_, known)) => format!("no field `{field}`: did you mean `{known}:`?"),
        None => format!("no field `{field}`: one of {}", FIELDS.join(", ")),
    }
}

const fn example(field: &str) -> &'static str {
    match field.as_bytes() {
        b"cloud" => "cloud:emr",
        b"connection" => "connection:prod",
        b"state" => "state:running",
        b"tag" => "tag:env=prod",
        b"age" => "age:>12h",
        b"nodes" => "nodes:>10",
        b"spot" => "spot:<50",
        b"steps" => "steps:failed",
        b"alert" => "alert:any or alert:none",
        b"release" => "release:emr-7",
        b"id" => "id:j-2AX",
        _ => "name:etl",
    }
}

thread_local! {
    /// The matcher's scratch memory is 135 KB: one for each thread, not one for each filter.
    static MATCHER: RefCell<(Matcher, Vec<char>)> = RefCell::new((Matcher::new(Config::DEFAULT), Vec::new()));
}

fn fuzzy(atom: &Atom, text: &str) -> bool {
    MATCHER.with_borrow_mut(|(matcher, chars)| atom.score(Utf32Str::new(text, chars), matcher).is_some())
}

/// Without regard to case, and without allocating for the usual ASCII text.
fn contains(text: &str, lower: &str) -> bool {
    if text.is_ascii() && lower.is_ascii() {
        let (text, lower) = (text.as_bytes(), lower.as_bytes());
        lower.is_empty() || text.windows(lower.len()).any(|window| window.eq_ignore_ascii_case(lower))
    } else {
        text.to_lowercase().contains(lower)
    }
}

impl Term {
    fn matches(&self, cluster: &Cluster, has_trouble: bool, now: Timestamp) -> bool {
        match self {
            Self::Word { atom, negated } => {
                let hit = fuzzy(atom, cluster.name())
                    || fuzzy(atom, cluster.key.id.as_str())
                    || cluster.tags().iter().any(|(key, value)| fuzzy(atom, value) || fuzzy(atom, key));
                hit != *negated
            }
            Self::Text { field, value, negated } => {
                let hit = match field {
                    TextField::Cloud => cluster.cloud.word() == value || cluster.cloud.short() == value,
                    TextField::Connection => contains(cluster.key.connection.as_str(), value),
                    TextField::Name => contains(cluster.name(), value),
                    TextField::Id => contains(cluster.key.id.as_str(), value),
                    TextField::Release => cluster
                        .detail
                        .value()
                        .and_then(|detail| detail.release.as_deref())
                        .is_some_and(|release| contains(release, value)),
                };
                hit != *negated
            }
            Self::Tag { key, value, negated } => {
                let hit = cluster.tags().iter().any(|(tag, content)| {
                    tag.to_lowercase() == *key && value.as_ref().is_none_or(|value| content.to_lowercase() == *value)
                });
                hit != *negated
            }
            Self::State { word, negated } => {
                let phase = cluster.phase();
                let hit = match word.as_str() {
                    "active" => phase.is_active(),
                    "ended" => phase.is_ended(),
                    word => phase.word() == word || cluster.summary.native_state.to_lowercase() == *word,
                };
                hit != *negated
            }
            Self::Number { field, test } => cluster.size().is_some_and(|size| match field {
                NumberField::Nodes => test.holds(u64::from(size.running)),
                NumberField::Spot => size.spot_percent().is_some_and(|share| test.holds(u64::from(share))),
            }),
            Self::Age(test) => cluster.age(now).is_some_and(|age| test.holds(age.as_secs())),
            Self::Steps { word, negated } => {
                let hit = cluster.jobs.value().is_some_and(|jobs| match word.as_str() {
                    "running" => jobs.running() > 0,
                    "failed" => jobs.failed() > 0,
                    "waiting" => jobs.waiting() > 0,
                    _ => !jobs.jobs.is_empty(),
                });
                hit != *negated
            }
            Self::Alert { wanted } => has_trouble == *wanted,
        }
    }
}
