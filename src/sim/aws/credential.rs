//! Who calls, as the `Authorization` header says: the signature itself is not checked.

use axum::http::HeaderMap;

/// The credential scope of a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Credential {
    pub(super) access_key: String,
    pub(super) region: String,
    pub(super) service: String,
}

impl Credential {
    /// The credential of a request that has one.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get("authorization")?.to_str().ok()?;
        let scope = value.split("Credential=").nth(1)?.split([',', ' ']).next()?;
        // The access key comes first; date, region, service and the closing word are the last four.
        let mut parts = scope.rsplitn(5, '/');
        let (_closing, service, region, _date) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Self { access_key: parts.next()?.to_owned(), region: region.to_owned(), service: service.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/eu-west-1/elasticmapreduce/aws4_request, SignedHeaders=host, Signature=ab",
        Some(("AKIA1", "eu-west-1", "elasticmapreduce"))
    )]
    #[case("AWS4-HMAC-SHA256 Credential=a/b/20260101/r/sts/aws4_request", Some(("a/b", "r", "sts")))]
    #[case("AWS4-HMAC-SHA256 Credential=AKIA1", None)]
    #[case("Bearer abc", None)]
    fn the_scope_tells_key_region_and_service(#[case] value: &str, #[case] expected: Option<(&str, &str, &str)>) {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", value.parse().unwrap());
        let credential = Credential::read(&headers);
        let read = credential.as_ref().map(|c| (c.access_key.as_str(), c.region.as_str(), c.service.as_str()));
        assert_eq!(read, expected);
        assert_eq!(Credential::read(&HeaderMap::new()), None);
    }
}
