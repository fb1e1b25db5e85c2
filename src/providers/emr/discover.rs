//! Finds AWS logins on this machine: the environment, profiles, an instance role. Reads; never calls a service
//! but the instance's own metadata, and that only when nothing else was found.

use std::env;
use std::time::Duration;

use aws_config::imds::Client as Imds;
use aws_config::profile::{self, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use crate::domain::{Cloud, ConnectionSpec};
use crate::providers::{Discovery, Found};

/// The metadata service answers within milliseconds or is not there.
const METADATA_TIMEOUT: Duration = Duration::from_millis(800);

fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn environment_region() -> Option<String> {
    set("AWS_REGION").or_else(|| set("AWS_DEFAULT_REGION"))
}

/// Which variable carries credentials, if one does.
fn environment_credentials() -> Option<&'static str> {
    const CARRIERS: [&str; 4] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    CARRIERS.into_iter().find(|name| set(name).is_some())
}

fn spec(name: &str, profile: Option<&str>, region: Option<String>) -> ConnectionSpec {
    ConnectionSpec { profile: profile.map(str::to_owned), region, ..ConnectionSpec::new(name, Cloud::Emr) }
}

fn found(name: &str, profile: Option<&str>, place: String, region: Option<String>, is_explicit: bool) -> Found {
    let problem =
        region.is_none().then(|| "no region: set AWS_REGION, or `region` of the profile, or pass --region".to_owned());
    Found { name: name.to_owned(), place, spec: spec(name, profile, region), is_explicit, problem }
}

/// Looks in all the places, in the order in which the official client does.
pub(super) async fn discover() -> Discovery {
    let mut places = Vec::new();
    let mut all = Vec::new();
    let selected = set("AWS_PROFILE");
    let profiles = match profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), None).await {
        Ok(profiles) => Some(profiles),
        Err(error) => {
            places.push(("AWS profiles".to_owned(), format!("unreadable: {error}")));
            None
        }
    };
    let region_of = |profile: &str| {
        environment_region().or_else(|| profiles.as_ref()?.get_profile(profile)?.get("region").map(str::to_owned))
    };

    match environment_credentials() {
        Some(variable) if selected.is_none() => {
            places.push(("environment".to_owned(), format!("{variable} is set")));
            all.push(found("env", None, format!("environment ({variable})"), region_of("default"), true));
        }
        Some(variable) => places.push(("environment".to_owned(), format!("{variable} is set, AWS_PROFILE goes first"))),
        None => places.push(("environment".to_owned(), "no AWS_ACCESS_KEY_ID, AWS_PROFILE or token file".to_owned())),
    }

    let mut names: Vec<&str> = profiles.iter().flat_map(ProfileSet::profiles).collect();
    names.sort_unstable();
    let files = format!(
        "{} and {}",
        profile_file("AWS_CONFIG_FILE", "config"),
        profile_file("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    );
    places.push((
        "AWS profiles".to_owned(),
        match names.as_slice() {
            [] => format!("none in {files}"),
            names => format!("{} in {files}", names.join(", ")),
        },
    ));
    for name in &names {
        let is_selected = selected.as_deref() == Some(*name);
        all.push(found(name, Some(name), format!("profile {name}"), region_of(name), is_selected));
    }
    if let Some(name) = selected.filter(|name| !names.contains(&name.as_str())) {
        let problem = format!("AWS_PROFILE names `{name}`, and no file has such a profile");
        places.push(("AWS_PROFILE".to_owned(), problem.clone()));
        all.push(Found {
            problem: Some(problem),
            ..found(&name, Some(&name), "AWS_PROFILE".to_owned(), environment_region(), true)
        });
    }

    if all.is_empty() {
        all.extend(instance_role(&mut places).await);
    }
    Discovery { cloud: Cloud::Emr, found: all, places }
}

fn profile_file(variable: &str, name: &str) -> String {
    set(variable).unwrap_or_else(|| format!("~/.aws/{name}"))
}

/// The role of the instance that this runs on: what a bastion has.
async fn instance_role(places: &mut Vec<(String, String)>) -> Option<Found> {
    let label = "instance metadata".to_owned();
    if set("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        places.push((label, "switched off by AWS_EC2_METADATA_DISABLED".to_owned()));
        return None;
    }
    let client =
        Imds::builder().connect_timeout(METADATA_TIMEOUT).read_timeout(METADATA_TIMEOUT).max_attempts(1).build();
    let Ok(role) = client.get("/latest/meta-data/iam/security-credentials/").await else {
        places.push((label, "no answer, or no role".to_owned()));
        return None;
    };
    let role: String = role.into();
    let region = match environment_region() {
        Some(region) => Some(region),
        None => client.get("/latest/meta-data/placement/region").await.ok().map(Into::into),
    };
    places.push((label, format!("role {role}")));
    Some(found("instance", None, format!("instance role {role}"), region, true))
}
