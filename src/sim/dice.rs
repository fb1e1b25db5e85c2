//! Chance that can be repeated: every draw has a name, and its result depends on the seed and the name alone.
//!
//! There is no generator whose state moves with each draw. What one cluster draws can therefore not change what
//! another one gets, nor can the order in which things are asked.

use std::time::Duration;

/// A place in the tree of names. Copying it is free and drawing from it changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x9e37_79b9_7f4a_7c15))
    }

    /// The dice for `what` below this one.
    pub(super) fn of(self, what: &str) -> Self {
        let mut hash = self.0 ^ 0xcbf2_9ce4_8422_2325;
        for byte in what.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(mix(hash))
    }

    /// The `n`th dice of a row below this one.
    pub(super) const fn at(self, n: u64) -> Self {
        Self(mix(self.0.wrapping_add(mix(n.wrapping_add(1)))))
    }

    /// 64 even bits.
    pub(super) const fn bits(self) -> u64 {
        mix(self.0 ^ 0xd6e8_feb8_6659_fd93)
    }

    /// A number from 0 up to, but not including, 1.
    pub(super) fn fraction(self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub(super) fn chance(self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub(super) fn below(self, limit: usize) -> usize {
        let wide = u128::from(self.bits()) * limit as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number in `low..=high`.
    pub(super) fn between(self, low: u32, high: u32) -> u32 {
        let span = (high.saturating_sub(low)) as usize + 1;
        low + u32::try_from(self.below(span)).unwrap_or(0)
    }

    pub(super) fn pick<T>(self, from: &[T]) -> Option<&T> {
        from.get(self.below(from.len()))
    }

    /// A time between the two, in whole milliseconds, all equally likely.
    pub(super) fn within(self, (low, high): (Duration, Duration)) -> Duration {
        whole_milliseconds(low + high.saturating_sub(low).mul_f64(self.fraction()))
    }

    /// The time until something that happens every `mean` on average, with no memory: often short, sometimes long,
    /// never more than ten times the mean.
    pub(super) fn wait(self, mean: Duration) -> Duration {
        let draw = -(1.0 - self.fraction()).ln();
        whole_milliseconds(mean.mul_f64(draw.min(10.0)))
    }

    /// A word of `length` letters of the alphabet.
    pub(super) fn word(self, alphabet: &[u8], length: usize) -> String {
        (0..length as u64).filter_map(|n| self.at(n).pick(alphabet)).map(|byte| char::from(*byte)).collect()
    }
}

fn whole_milliseconds(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// The finaliser of splitmix64: every bit of the input changes half of the output.
const fn mix(mut bits: u64) -> u64 {
    bits ^= bits >> 30;
    bits = bits.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^= bits >> 27;
    bits = bits.wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_name_only() {
        let dice = Dice::new(7).of("cluster").at(3);
        assert_eq!(dice.of("boot").bits(), Dice::new(7).of("cluster").at(3).of("boot").bits());
        assert_ne!(dice.of("boot").bits(), dice.of("step").bits());
        assert_ne!(dice.at(0).bits(), dice.at(1).bits());
        assert_ne!(Dice::new(7).bits(), Dice::new(8).bits());
    }

    #[test]
    fn draws_are_spread_evenly() {
        let dice = Dice::new(1).of("spread");
        let mut counts = [0_u32; 10];
        for n in 0..10_000 {
            counts[dice.at(n).below(10)] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
        let hits = (0..10_000).filter(|n| dice.at(*n).of("coin").chance(0.2)).count();
        assert!((1800..2200).contains(&hits), "{hits}");
    }

    #[test]
    fn times_stay_within_their_bounds() {
        let (low, high) = (Duration::from_secs(2), Duration::from_secs(20));
        let mean = Duration::from_secs(60);
        let mut total = Duration::ZERO;
        for n in 0..5_000 {
            let dice = Dice::new(3).at(n);
            assert!((low..=high).contains(&dice.within((low, high))));
            assert!(dice.wait(mean) <= 10 * mean);
            total += dice.wait(mean);
        }
        assert!((55..65).contains(&(total / 5_000).as_secs()), "{total:?}");
    }

    #[test]
    fn an_empty_choice_is_no_choice() {
        assert_eq!(Dice::new(1).pick::<u8>(&[]), None);
        assert_eq!(Dice::new(1).below(0), 0);
        assert_eq!(Dice::new(1).between(4, 4), 4);
        assert_eq!(Dice::new(1).word(b"ab", 5).len(), 5);
    }
}
