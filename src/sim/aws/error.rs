//! Errors as AWS tells them: a status, a code and a message, in JSON or, from older services, in XML.

use axum::http::HeaderMap;
use serde_json::json;

/// An answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) struct ApiError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    /// The second, finer code that invalid requests have.
    error_code: Option<&'static str>,
    message: String,
}

impl ApiError {
    pub(super) const THROTTLED: &'static str = "ThrottlingException";

    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, error_code: None, message: message.into() }
    }

    /// The request is against a rule, or against the state that something is in.
    pub(in crate::sim) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationException", message)
    }

    /// The request is about something that cannot be.
    pub(in crate::sim) fn invalid(error_code: &'static str, message: impl Into<String>) -> Self {
        Self { error_code: Some(error_code), ..Self::new(400, "InvalidRequestException", message) }
    }

    pub(in crate::sim) fn no_such_cluster(id: &str) -> Self {
        Self::invalid("NoSuchCluster", format!("Cluster id '{id}' is not valid."))
    }

    /// The body is not what the operation takes.
    pub(in crate::sim) fn from_json(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let quoted = || text.split('`').skip(1).step_by(2);
        match (quoted().next(), error.classify()) {
            (Some(field), serde_json::error::Category::Data) if text.starts_with("missing field") => {
                Self::validation(format!(
                    "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be \
                     null",
                    lower_first(field)
                ))
            }
            (Some(word), serde_json::error::Category::Data) if text.starts_with("unknown variant") => {
                let known: Vec<&str> = quoted().skip(1).collect();
                Self::validation(format!(
                    "1 validation error detected: Value '{word}' failed to satisfy constraint: Member must satisfy enum \
                     value set: [{}]",
                    known.join(", ")
                ))
            }
            _ => Self::new(400, "SerializationException", ""),
        }
    }

    pub(super) fn throttled() -> Self {
        Self::new(400, Self::THROTTLED, "Rate exceeded")
    }

    pub(super) fn expired() -> Self {
        Self::new(400, "ExpiredTokenException", "The security token included in the request is expired")
    }

    pub(super) fn denied(account: &str, service: &str, operation: &str, resource: &str) -> Self {
        let who = format!("arn:aws:sts::{account}:assumed-role/ops/me");
        Self::new(
            400,
            "AccessDeniedException",
            format!("User: {who} is not authorized to perform: {service}:{operation} on resource: {resource}"),
        )
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "InternalFailure", "The request processing has failed because of an unknown error.")
    }

    pub(super) fn unknown_operation() -> Self {
        Self::new(400, "UnknownOperationException", "")
    }

    /// There is no credential, or none that can be read.
    pub(super) fn missing_token(headers: &HeaderMap) -> Self {
        if headers.contains_key("authorization") {
            Self::new(
                403,
                "IncompleteSignatureException",
                "Authorization header requires 'Credential' parameter with a scope of date, region and service.",
            )
        } else {
            Self::new(403, "MissingAuthenticationToken", "Missing Authentication Token")
        }
    }

    /// The body of the error in JSON. Errors with a finer code spell `Message` with a capital.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let body = match self.error_code {
            Some(error_code) => json!({ "__type": self.code, "ErrorCode": error_code, "Message": self.message }),
            None => json!({ "__type": self.code, "message": self.message }),
        };
        body.to_string().into_bytes()
    }

    /// Query services know the same errors by other statuses.
    pub(super) fn query_status(&self) -> u16 {
        match self.code {
            "ExpiredTokenException" | "AccessDeniedException" => 403,
            _ => self.status,
        }
    }

    /// The body of the error in XML.
    pub(super) fn to_xml(&self, request_id: &str) -> String {
        let code = match self.code {
            "ExpiredTokenException" => "ExpiredToken",
            "AccessDeniedException" => "AccessDenied",
            Self::THROTTLED => "Throttling",
            "UnknownOperationException" => "InvalidAction",
            code => code,
        };
        let kind = if self.status >= 500 { "Receiver" } else { "Sender" };
        let message = self.message.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<ErrorResponse xmlns=\"{}\">\n  <Error>\n    <Type>{kind}</Type>\n    <Code>{code}</Code>\n    \
             <Message>{message}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
            super::sts::NAMESPACE
        )
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        #[expect(dead_code, reason = "read only")]
        cluster_id: String,
        #[expect(dead_code, reason = "read only")]
        state: Option<State>,
    }

    #[derive(Debug, Deserialize)]
    enum State {
        #[serde(rename = "RUNNING")]
        Running,
    }

    #[rstest]
    #[case("{", "SerializationException", "")]
    #[case(r#"{"ClusterId":5}"#, "SerializationException", "")]
    #[case("{}", "ValidationException", "Value null at 'clusterId'")]
    #[case(r#"{"ClusterId":"j","State":"ASLEEP"}"#, "ValidationException", "enum value set: [RUNNING]")]
    fn what_cannot_be_read_is_told_apart(#[case] body: &str, #[case] code: &str, #[case] message: &str) {
        let error = ApiError::from_json(&serde_json::from_str::<Input>(body).unwrap_err());
        assert_eq!(error.code, code);
        assert!(error.message.contains(message), "{}", error.message);
    }

    #[test]
    fn an_invalid_request_has_a_finer_code_and_a_capital_message() {
        let body: serde_json::Value = serde_json::from_slice(&ApiError::no_such_cluster("j-1").to_json()).unwrap();
        assert_eq!(
            body,
            json!({ "__type": "InvalidRequestException", "ErrorCode": "NoSuchCluster",
                    "Message": "Cluster id 'j-1' is not valid." })
        );
        let body: serde_json::Value = serde_json::from_slice(&ApiError::throttled().to_json()).unwrap();
        assert_eq!(body, json!({ "__type": "ThrottlingException", "message": "Rate exceeded" }));
    }
}
