//! Ids and addresses, made from dice: the same cluster has the same ones in every run.

use crate::sim::dice::Dice;

const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const HEX: &[u8] = b"0123456789abcdef";

pub(super) fn cluster_id(dice: Dice) -> String {
    format!("j-{}", dice.word(LETTERS, 13))
}

pub(super) fn group_id(dice: Dice) -> String {
    format!("ig-{}", dice.word(LETTERS, 13))
}

pub(super) fn fleet_id(dice: Dice) -> String {
    format!("if-{}", dice.word(LETTERS, 13))
}

/// The id of a step. Kept in place: there are very many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StepId([u8; 15]);

impl Default for StepId {
    fn default() -> Self {
        Self(*b"s-0000000000000")
    }
}

impl StepId {
    pub(super) fn new(dice: Dice) -> Self {
        let mut id = Self::default();
        for (n, letter) in (0_u64..).zip(&mut id.0[2..]) {
            *letter = LETTERS[dice.at(n).below(LETTERS.len())];
        }
        id
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// EMR's own id of a machine.
pub(super) fn instance_id(dice: Dice) -> String {
    format!("ci-{}", dice.of("ci").word(LETTERS, 12))
}

/// EC2's id of the same machine.
pub(super) fn ec2_id(dice: Dice) -> String {
    format!("i-0{}", dice.of("i").word(HEX, 16))
}

pub(super) fn volume_id(dice: Dice) -> String {
    format!("vol-0{}", dice.of("vol").word(HEX, 16))
}

pub(super) fn subnet_id(dice: Dice) -> String {
    format!("subnet-0{}", dice.of("subnet").word(HEX, 16))
}

pub(super) fn security_group_id(dice: Dice, what: &str) -> String {
    format!("sg-0{}", dice.of(what).word(HEX, 16))
}

/// The last three bytes of a private address.
fn private_bytes(dice: Dice) -> [u32; 3] {
    let dice = dice.of("private address");
    [dice.at(0).between(0, 63), dice.at(1).between(0, 255), dice.at(2).between(4, 250)]
}

pub(super) fn private_ip(dice: Dice) -> String {
    let [a, b, c] = private_bytes(dice);
    format!("10.{a}.{b}.{c}")
}

pub(super) fn private_dns(dice: Dice, region: &str) -> String {
    let [a, b, c] = private_bytes(dice);
    if region == "us-east-1" {
        format!("ip-10-{a}-{b}-{c}.ec2.internal")
    } else {
        format!("ip-10-{a}-{b}-{c}.{region}.compute.internal")
    }
}

/// A public address of the block set aside for benchmarks: nothing answers there.
fn public_bytes(dice: Dice) -> [u32; 3] {
    let dice = dice.of("public address");
    [dice.at(0).between(18, 19), dice.at(1).between(0, 255), dice.at(2).between(1, 254)]
}

pub(super) fn public_ip(dice: Dice) -> String {
    let [a, b, c] = public_bytes(dice);
    format!("198.{a}.{b}.{c}")
}

pub(super) fn public_dns(dice: Dice, region: &str) -> String {
    let [a, b, c] = public_bytes(dice);
    if region == "us-east-1" {
        format!("ec2-198-{a}-{b}-{c}.compute-1.amazonaws.com")
    } else {
        format!("ec2-198-{a}-{b}-{c}.{region}.compute.amazonaws.com")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_of_the_cloud_s_own() {
        let dice = Dice::new(1);
        assert_eq!(cluster_id(dice).len(), 15);
        assert_eq!(StepId::new(dice).as_str(), format!("s-{}", dice.word(LETTERS, 13)));
        assert_eq!(ec2_id(dice).len(), 19);
        assert_eq!(cluster_id(dice), cluster_id(dice));
        assert_ne!(cluster_id(dice), cluster_id(Dice::new(2)));
        assert!(private_dns(dice, "us-east-1").ends_with(".ec2.internal"));
        assert!(private_dns(dice, "eu-west-1").ends_with(".eu-west-1.compute.internal"));
        assert_eq!(
            private_dns(dice, "us-east-1")[3..].replace('-', ".").split(".ec2").next(),
            Some(&*private_ip(dice))
        );
    }
}
