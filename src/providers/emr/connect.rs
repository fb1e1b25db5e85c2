//! Opens a connection: credentials from the standard places, region, endpoint, one shared HTTP client.

use std::sync::{Arc, OnceLock};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::domain::{ConnectionSpec, ErrorKind, ProviderError};
use crate::providers::{Connecting, Provider};

use super::Emr;

/// One HTTP client, and so one set of kept-alive connections and one TLS stack, for all AWS connections.
fn http_client() -> SharedHttpClient {
    static CLIENT: OnceLock<SharedHttpClient> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https()
        })
        .clone()
}

/// Reads profile, region and endpoint; credentials are looked for at the first call.
///
/// # Errors
/// `Invalid` when no region is set anywhere.
pub fn connect(spec: ConnectionSpec) -> Connecting {
    Box::pin(async move {
        // Retries are the engine's: here they would be made behind the limiter's back.
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client())
            .retry_config(RetryConfig::disabled());
        if let Some(profile) = &spec.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &spec.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &spec.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(key) = &spec.access_key {
            loader = loader.credentials_provider(Credentials::new(key, "simulated", None, None, "sparkdeck demo"));
        }
        let config = loader.load().await;
        let region = config.region().map(ToString::to_string);
        if region.is_none() {
            return Err(ProviderError::new(
                ErrorKind::Invalid,
                "connect",
                "no region: set `region` for the connection, AWS_REGION, or the profile's region",
            ));
        }
        let login = spec.access_key.is_none().then(|| login_command(spec.profile.as_deref())).flatten();
        Ok(Arc::new(Emr {
            client: aws_sdk_emr::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            profile: spec.profile,
            region,
            login,
        }) as Arc<dyn Provider>)
    })
}

/// The command with which this login is most likely renewed.
fn login_command(profile: Option<&str>) -> Option<String> {
    profile.map(|profile| format!("aws sso login --profile {profile}"))
}
