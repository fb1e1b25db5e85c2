//! Machine types: what a name such as `r5.2xlarge` says about the machine.

/// Virtual processors, by the size in the name; `None` when it is not the name of a machine type.
pub(in crate::sim) fn vcpus(instance_type: &str) -> Option<u32> {
    size(instance_type).map(|units| (units / 2).max(1))
}

/// EMR's weight of a machine in "normalized instance hours": 1 for a `small`, 8 for an `xlarge`.
pub(in crate::sim) fn normalized_units(instance_type: &str) -> u32 {
    size(instance_type).unwrap_or(8)
}

/// The size in normalized units: `small` 1, `medium` 2, `large` 4, `xlarge` 8, `4xlarge` 32.
fn size(instance_type: &str) -> Option<u32> {
    let (family, size) = instance_type.split_once('.')?;
    let mut letters = family.chars();
    let is_family = letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && family.chars().any(|c| c.is_ascii_digit())
        && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !is_family {
        return None;
    }
    match size {
        "small" => Some(1),
        "medium" => Some(2),
        "large" => Some(4),
        "xlarge" => Some(8),
        "metal" => Some(192),
        _ => size.strip_suffix("xlarge")?.parse::<u32>().ok().filter(|n| (2..=112).contains(n)).map(|n| n * 8),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("m5.large", Some(2), 4)]
    #[case("m5.xlarge", Some(4), 8)]
    #[case("r6gd.2xlarge", Some(8), 16)]
    #[case("i3en.24xlarge", Some(96), 192)]
    #[case("m5.huge", None, 8)]
    #[case("m5", None, 8)]
    #[case("5m.xlarge", None, 8)]
    #[case("m5.1000xlarge", None, 8)]
    fn the_name_tells_the_size(#[case] name: &str, #[case] processors: Option<u32>, #[case] units: u32) {
        assert_eq!((vcpus(name), normalized_units(name)), (processors, units));
    }
}
