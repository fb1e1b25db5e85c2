//! A length of time as people write it: `90s`, `5m`, `3h20m`, `2d`.

use std::fmt;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A length of time, read from a string. A day has 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Period(pub(super) Duration);

impl Period {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let span: Span = text.parse().ok()?;
        let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        Duration::try_from(length).ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Period;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as \"90s\", \"5m\", \"3h20m\" or \"2d\"")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Period, E> {
                Period::parse(text).ok_or_else(|| {
                    E::custom(format!("`{text}` is not a time: write it like \"90s\", \"5m\", \"3h20m\" or \"2d\""))
                })
            }
        }
        deserializer.deserialize_str(Written)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("90s", Some(90))]
    #[case("5m", Some(300))]
    #[case("3h20m", Some(12_000))]
    #[case("2d", Some(172_800))]
    #[case("1d 6h", Some(108_000))]
    #[case("0s", Some(0))]
    #[case("-5m", None)]
    #[case("5x", None)]
    #[case("", None)]
    #[case("1y", None)]
    fn times_are_read_as_people_write_them(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(Period::parse(text).map(|period| period.0.as_secs()), seconds);
    }
}
