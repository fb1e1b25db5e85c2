//! The simulated Security Token Service: it tells callers who they are, in XML.

use crate::sim::accounts::SimAccount;

pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// Stands in the answer until the id of the request is known.
const REQUEST_ID: &str = "{request-id}";

/// The action that a form asks for.
pub(super) fn action(body: &[u8]) -> Option<&str> {
    let form = std::str::from_utf8(body).ok()?;
    form.split('&').find_map(|pair| pair.strip_prefix("Action="))
}

/// Who the caller is: an operator's role in the account of the access key.
pub(super) fn caller_identity(account: &SimAccount) -> String {
    let id = &account.id;
    format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\">\n  <GetCallerIdentityResult>\n    \
         <Arn>arn:aws:sts::{id}:assumed-role/ops/me</Arn>\n    <UserId>AROASIMULATED{id}:me</UserId>\n    \
         <Account>{id}</Account>\n  </GetCallerIdentityResult>\n  <ResponseMetadata>\n    \
         <RequestId>{REQUEST_ID}</RequestId>\n  </ResponseMetadata>\n</GetCallerIdentityResponse>\n"
    )
}

pub(super) fn with_request_id(body: &[u8], request_id: &str) -> Vec<u8> {
    String::from_utf8_lossy(body).replace(REQUEST_ID, request_id).into_bytes()
}
