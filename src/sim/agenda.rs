//! What will happen and when: a queue of events, ordered by simulated time and then by the order they were put in.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::Timestamp;

/// Events to come. Events of one instant come out in the order in which they went in.
#[derive(Debug)]
pub(super) struct Agenda<E> {
    entries: BinaryHeap<Reverse<Entry<E>>>,
    next_number: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at: Timestamp,
    number: u64,
    event: E,
}

impl<E> Agenda<E> {
    pub(super) const fn new() -> Self {
        Self { entries: BinaryHeap::new(), next_number: 0 }
    }

    pub(super) fn push(&mut self, at: Timestamp, event: E) {
        let number = self.next_number;
        self.next_number += 1;
        self.entries.push(Reverse(Entry { at, number, event }));
    }

    /// Takes the next event if it is due at `now`, with the instant at which it was to happen.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(Timestamp, E)> {
        if self.entries.peek()?.0.at > now {
            return None;
        }
        self.entries.pop().map(|Reverse(entry)| (entry.at, entry.event))
    }

    /// How many events are still to come.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn events_come_by_time_and_then_in_the_order_they_were_put_in() {
        let mut agenda = Agenda::new();
        for (second, event) in [(3, "c"), (1, "a"), (2, "b1"), (2, "b2"), (1, "a2"), (9, "late")] {
            agenda.push(at(second), event);
        }
        let mut seen = Vec::new();
        while let Some((_, event)) = agenda.pop_due(at(3)) {
            seen.push(event);
        }
        assert_eq!(seen, ["a", "a2", "b1", "b2", "c"]);
        assert_eq!(agenda.len(), 1);
    }
}
