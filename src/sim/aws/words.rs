//! Words that no client knows: an answer in which every word of a closed list is replaced.

use serde_json::Value;

/// The members whose values are words of a closed list, and what they are replaced by.
const WORDS: [(&str, &str); 10] = [
    ("State", "HIBERNATING"),
    ("Code", "COSMIC_RAY"),
    ("Market", "BARTERED"),
    ("InstanceGroupType", "SCRATCH"),
    ("InstanceFleetType", "SCRATCH"),
    ("InstanceCollectionType", "INSTANCE_CLOUD"),
    ("ActionOnFailure", "TRY_HARDER"),
    ("ScaleDownBehavior", "TERMINATE_AT_WHIM"),
    ("UnitType", "Teraflops"),
    ("Status", "PERHAPS"),
];

/// Replaces the words in a JSON body. Anything else is left as it is.
pub(super) fn make_unknown(body: &mut Vec<u8>) {
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        replace(&mut value);
        *body = value.to_string().into_bytes();
    }
}

fn replace(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(replace),
        Value::Object(members) => {
            for (name, member) in members {
                let unknown = WORDS.iter().find(|(known, _)| known == name).map(|(_, word)| *word);
                match (member, unknown) {
                    (Value::String(text), Some(word)) => word.clone_into(text),
                    (other, _) => replace(other),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_replaced_wherever_they_stand_and_names_are_not() {
        let before = json!({ "Clusters": [{ "Name": "State", "Status": { "State": "RUNNING" } }], "Marker": "m" });
        let mut body = before.to_string().into_bytes();
        make_unknown(&mut body);
        assert_eq!(
            serde_json::from_slice::<Value>(&body).unwrap(),
            json!({ "Clusters": [{ "Name": "State", "Status": { "State": "HIBERNATING" } }], "Marker": "m" })
        );
        let mut empty = Vec::new();
        make_unknown(&mut empty);
        assert!(empty.is_empty());
    }
}
