//! Names what went wrong with a call: the SDK's errors and EMR's codes → our taxonomy.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_emr::error::SdkError;
use aws_sdk_emr::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::domain::{Delivery, ErrorKind, ProviderError};

pub(super) type SdkFailure<E> = SdkError<E, HttpResponse>;

pub(super) fn timeout(operation: &'static str, after: Duration) -> ProviderError {
    ProviderError::new(ErrorKind::Timeout, operation, format!("no answer within {after:?}"))
}

pub(super) fn from_sdk<E>(operation: &'static str, failure: SdkFailure<E>, login: Option<&str>) -> ProviderError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let status = failure.raw_response().map(|raw| raw.status().as_u16());
    let request_id = failure.request_id().or_else(|| failure.raw_response()?.headers().get("x-amzn-requestid"));
    let request_id = request_id.map(str::to_owned);
    let mut error = match &failure {
        SdkError::ServiceError(service) => {
            let inner = service.err();
            let message = inner.message().unwrap_or_default();
            let mut error = match inner.code() {
                Some(code) => coded(operation, code, message, status.unwrap_or(0)),
                None => uncoded(operation, status.unwrap_or(0)),
            };
            error.context.code = inner.code().map(str::to_owned);
            error
        }
        // An answer that is not what EMR says: a proxy's page, half an answer, rubbish.
        SdkError::ResponseError(_) => match status {
            Some(status) if status >= 400 => uncoded(operation, status),
            _ => ProviderError::new(ErrorKind::Decode, operation, chain_text(&failure)),
        },
        SdkError::TimeoutError(_) => ProviderError::new(ErrorKind::Timeout, operation, chain_text(&failure)),
        SdkError::ConstructionFailure(_) => not_sent(
            credentials(operation, &failure)
                .unwrap_or_else(|| ProviderError::new(ErrorKind::Invalid, operation, chain_text(&failure))),
        ),
        SdkError::DispatchFailure(dispatch) => {
            if let Some(error) = credentials(operation, &failure) {
                not_sent(error)
            } else {
                let kind = if dispatch.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Network };
                let error = ProviderError::new(kind, operation, chain_text(&failure));
                if never_connected(&failure) { not_sent(error) } else { error }
            }
        }
        _ => ProviderError::new(ErrorKind::Unavailable, operation, chain_text(&failure)),
    };
    if error.kind.is_auth() {
        error.context.login = login.map(str::to_owned);
    }
    error.context.request_id = request_id;
    error.source = Some(Arc::new(failure));
    error
}

fn not_sent(mut error: ProviderError) -> ProviderError {
    error.delivery = Delivery::NotSent;
    error
}

/// An error answer that carries a code.
fn coded(operation: &'static str, code: &str, message: &str, status: u16) -> ProviderError {
    let has = |needle: &str| message.contains(needle);
    let kind = match code {
        "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown"
        | "ThrottledException"
        | "RequestThrottled" => ErrorKind::Throttled { retry_after: None },
        "ExpiredToken"
        | "ExpiredTokenException"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "AuthFailure" => ErrorKind::AuthExpired,
        "MissingAuthenticationToken" | "MissingAuthenticationTokenException" => ErrorKind::AuthMissing,
        "RequestExpired" | "RequestTimeTooSkewed" => ErrorKind::ClockSkew,
        "SignatureDoesNotMatch" | "InvalidSignatureException" if has("expired") || has("earlier") || has("later") => {
            ErrorKind::ClockSkew
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" => ErrorKind::AuthExpired,
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "OptInRequired" => {
            ErrorKind::Denied { need: missing_permission(message) }
        }
        "ServiceQuotaExceededException" | "LimitExceededException" => ErrorKind::Quota,
        "UnknownOperationException" => ErrorKind::Unsupported,
        "ValidationException" if has("termination protected") => ErrorKind::Protected,
        "InvalidRequestException" | "ValidationException"
            if (has("Cluster id") && has("is not valid")) || has("job flow ID not valid") =>
        {
            ErrorKind::NotFound
        }
        "ValidationException" | "InvalidRequestException"
            if has("may only be modified when") || has("must have at least one instance") =>
        {
            ErrorKind::Conflict
        }
        "InvalidRequestException" | "ValidationException" | "SerializationException" => ErrorKind::Invalid,
        code if code.starts_with("InvalidParameter") => ErrorKind::Invalid,
        _ if status >= 500 => ErrorKind::Unavailable,
        _ if status == 429 => ErrorKind::Throttled { retry_after: None },
        _ if status == 403 => ErrorKind::Denied { need: missing_permission(message) },
        "InternalServerError" | "InternalServerException" | "InternalFailure" | "ServiceUnavailable" => {
            ErrorKind::Unavailable
        }
        _ => ErrorKind::Invalid,
    };
    let text = if message.is_empty() { code.to_owned() } else { format!("{message} ({code})") };
    ProviderError::new(kind, operation, text)
}

/// An error answer without a code that can be read: an HTML page, an empty body.
fn uncoded(operation: &'static str, status: u16) -> ProviderError {
    let kind = match status {
        401 => ErrorKind::AuthExpired,
        403 => ErrorKind::Denied { need: None },
        404 | 405 | 501 => ErrorKind::Unsupported,
        429 => ErrorKind::Throttled { retry_after: None },
        status if status >= 500 => ErrorKind::Unavailable,
        _ => ErrorKind::Decode,
    };
    ProviderError::new(kind, operation, format!("HTTP {status} without an error code that can be read"))
}

/// `… is not authorized to perform: X on resource: …` → X.
fn missing_permission(message: &str) -> Option<String> {
    let rest = message.split_once("not authorized to perform: ")?.1;
    rest.split_whitespace().next().map(|action| action.trim_end_matches(['.', ',']).to_owned())
}

fn credentials(operation: &'static str, failure: &(dyn Error + 'static)) -> Option<ProviderError> {
    let found = sources(failure).find_map(|source| source.downcast_ref::<CredentialsError>())?;
    let text = chain_text(found);
    let lower = text.to_ascii_lowercase();
    let kind = match found {
        CredentialsError::CredentialsNotLoaded(_) if lower.contains("expired") => ErrorKind::AuthExpired,
        CredentialsError::CredentialsNotLoaded(_) => ErrorKind::AuthMissing,
        CredentialsError::ProviderTimedOut(_) => ErrorKind::Timeout,
        CredentialsError::InvalidConfiguration(_) => ErrorKind::AuthMissing,
        _ if lower.contains("expired") || lower.contains("sso") || lower.contains("token") => ErrorKind::AuthExpired,
        _ => ErrorKind::AuthMissing,
    };
    Some(ProviderError::new(kind, operation, text))
}

/// Whether the request surely never left: the connection was not made.
fn never_connected(failure: &(dyn Error + 'static)) -> bool {
    sources(failure).any(|source| {
        let refused = source.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable
            )
        });
        refused || source.to_string().contains("dns error")
    })
}

fn sources<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// The whole chain of causes in one line, without repeating what an outer error already said.
fn chain_text(error: &(dyn Error + 'static)) -> String {
    let mut out = String::new();
    for source in sources(error) {
        let text = source.to_string();
        if out.is_empty() {
            out = text;
        } else if !out.contains(&text) {
            out.push_str(": ");
            out.push_str(&text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("ThrottlingException", "Rate exceeded", 400, "throttled")]
    #[case("ExpiredTokenException", "The security token included in the request is expired", 400, "expired")]
    #[case("UnrecognizedClientException", "The security token included in the request is invalid.", 400, "expired")]
    #[case("InvalidSignatureException", "Signature expired: 20261122T000000Z is now earlier than", 400, "clock skew")]
    #[case("InvalidRequestException", "Cluster id 'j-1' is not valid.", 400, "not found")]
    #[case("ValidationException", "Specified job flow ID not valid.", 400, "not found")]
    #[case(
        "ValidationException",
        "Could not shut down one or more job flows since they are termination protected.",
        400,
        "protected"
    )]
    #[case(
        "ValidationException",
        "An instance group may only be modified when the cluster is running or waiting",
        400,
        "conflict"
    )]
    #[case("InternalFailure", "", 500, "unavailable")]
    #[case("SomethingNew", "", 503, "unavailable")]
    #[case("SomethingNew", "what", 400, "invalid")]
    #[case("UnknownOperationException", "", 400, "unsupported")]
    fn codes_become_kinds(#[case] code: &str, #[case] message: &str, #[case] status: u16, #[case] word: &str) {
        assert_eq!(coded("Op", code, message, status).kind.word(), word);
    }

    #[test]
    fn the_missing_permission_is_named() {
        let error = coded(
            "ListSteps",
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/ops/me is not authorized to perform: elasticmapreduce:ListSteps on resource: *",
            400,
        );
        assert_eq!(error.kind, ErrorKind::Denied { need: Some("elasticmapreduce:ListSteps".into()) });
        assert_eq!(error.remedy(), "ask for the permission elasticmapreduce:ListSteps");
        assert_eq!(error.delivery, Delivery::Refused);
    }

    #[rstest]
    #[case(500, "unavailable")]
    #[case(501, "unsupported")]
    #[case(403, "denied")]
    #[case(418, "unreadable answer")]
    fn a_page_without_a_code_is_still_named(#[case] status: u16, #[case] word: &str) {
        let error = uncoded("ListSteps", status);
        assert_eq!(error.kind.word(), word);
    }
}
