//! Pages of listings and the markers between them. A marker says after which thing the next page begins, not how
//! many came before: it stays good while things come and go.

use crate::sim::dice::Dice;

/// How many things EMR puts on a page.
pub(super) const PAGE: usize = 50;

/// What a marker belongs to: it is good for the same question only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listing(Dice);

impl Listing {
    /// The listing that an operation gives of something, such as one cluster's steps.
    pub(super) fn new(dice: Dice, operation: &str, of: &str) -> Self {
        Self(dice.of("marker").of(operation).of(of))
    }

    /// The marker for what comes after the thing with this key.
    pub(super) fn marker(self, key: u64) -> String {
        format!("{:016x}{:016x}", key ^ self.0.bits(), self.0.at(key).bits())
    }

    /// The key in a marker; `None` when it is not one of this listing's.
    pub(super) fn key(self, marker: &str) -> Option<u64> {
        if marker.len() != 32 || !marker.is_ascii() {
            return None;
        }
        let (hidden, proof) = marker.split_at(16);
        let key = u64::from_str_radix(hidden, 16).ok()? ^ self.0.bits();
        (self.0.at(key).bits() == u64::from_str_radix(proof, 16).ok()?).then_some(key)
    }
}

/// A page of a listing.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) marker: Option<String>,
}

/// The first page of what comes: `things` are keyed, in the order of their listing, and begin after the marker.
pub(super) fn page<T>(listing: Listing, things: impl Iterator<Item = (u64, T)>) -> Page<T> {
    let mut items = Vec::new();
    let mut last = 0;
    for (key, thing) in things {
        if items.len() == PAGE {
            return Page { items, marker: Some(listing.marker(last)) };
        }
        items.push(thing);
        last = key;
    }
    Page { items, marker: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        Listing::new(Dice::new(1), "ListSteps", "j-1")
    }

    #[test]
    fn a_marker_is_good_for_its_listing_only() {
        let marker = listing().marker(77);
        assert_eq!(listing().key(&marker), Some(77));
        assert_eq!(Listing::new(Dice::new(1), "ListSteps", "j-2").key(&marker), None);
        assert_eq!(listing().key("nonsense"), None);
        assert_eq!(listing().key(&"é".repeat(16)), None);
        assert_eq!(listing().key(&marker.replace(&marker[..1], "z")), None);
    }

    #[test]
    fn the_last_page_has_no_marker() {
        let things = |from: u64| (from..100).map(|key| (key, key));
        let first = page(listing(), things(0));
        assert_eq!(first.items.len(), PAGE);
        let key = first.marker.and_then(|marker| listing().key(&marker)).unwrap();
        let second = page(listing(), things(key + 1));
        assert_eq!((second.items[0], second.items.len(), second.marker), (50, 50, None));
    }
}
