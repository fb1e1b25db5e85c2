//! Operations on tags.

use serde::Deserialize;

use super::input::PairInput;
use super::{Answer, Request, empty_object};
use crate::sim::aws::ApiError;

/// How many tags a cluster may have.
const MAX_TAGS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddTags {
    resource_id: String,
    tags: Vec<PairInput>,
}

pub(super) fn add_tags(request: &mut Request<'_>) -> Answer {
    let input: AddTags = request.input()?;
    let (cluster, _) = request.cluster_mut(&input.resource_id)?;
    let new = read_tags(input.tags)?;
    let mut tags = cluster.settings.tags.clone();
    for (key, value) in new {
        match tags.iter_mut().find(|(known, _)| *known == key) {
            Some(tag) => tag.1 = value,
            None => tags.push((key, value)),
        }
    }
    if tags.len() > MAX_TAGS {
        return Err(ApiError::invalid("TooManyTags", "A resource can have at most 50 tags."));
    }
    cluster.settings.tags = tags;
    Ok(empty_object())
}

/// Tags of a request. A key has 1 to 128 characters, a value up to 256.
pub(super) fn read_tags(inputs: Vec<PairInput>) -> Result<Vec<(String, String)>, ApiError> {
    inputs
        .into_iter()
        .map(|tag| {
            let (key, value) = (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
            if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
                return Err(ApiError::invalid(
                    "InvalidTag",
                    "A tag key must have 1 to 128 characters and a tag value at most 256.",
                ));
            }
            Ok((key, value))
        })
        .collect()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RemoveTags {
    resource_id: String,
    tag_keys: Vec<String>,
}

pub(super) fn remove_tags(request: &mut Request<'_>) -> Answer {
    let input: RemoveTags = request.input()?;
    let (cluster, _) = request.cluster_mut(&input.resource_id)?;
    cluster.settings.tags.retain(|(key, _)| !input.tag_keys.contains(key));
    Ok(empty_object())
}
