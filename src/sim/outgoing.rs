//! An answer and the way it leaves: whole, late, broken off, or never.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

/// What is sent, and how.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) request_id: Option<String>,
    /// Real time to wait before anything is sent.
    pub(super) delay: Duration,
    pub(super) manner: Manner,
}

/// How an answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Whole,
    /// Half of the body comes, then the connection ends.
    Truncated,
    /// The connection ends and nothing has come.
    Closed,
    /// Nothing comes, for as long as the server runs.
    Never,
}

impl Outgoing {
    /// The status that the caller sees; `None` when there is no answer.
    pub(super) fn sent_status(&self) -> Option<u16> {
        matches!(self.manner, Manner::Whole | Manner::Truncated).then_some(self.status)
    }

    /// Sends it, in its manner. `closing` ends every wait.
    pub(super) async fn send(self, closing: &CancellationToken) -> Response {
        if !self.delay.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(self.delay) => {}
                () = closing.cancelled() => return closed(),
            }
        }
        match self.manner {
            Manner::Whole => {
                let body = Body::from(self.body.clone());
                self.response(body)
            }
            Manner::Truncated => self.truncated(),
            Manner::Closed => closed(),
            Manner::Never => {
                closing.cancelled().await;
                closed()
            }
        }
    }

    fn response(&self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(id) = self.request_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
            headers.insert("x-amzn-requestid", id);
        }
        response
    }

    /// Promises the whole body, sends half of it and breaks off.
    fn truncated(self) -> Response {
        let half = Bytes::copy_from_slice(&self.body[..self.body.len() / 2]);
        // What is promised is more than what comes, even of an empty body.
        let promised = self.body.len().max(1);
        // The pause lets the first half leave before the connection breaks.
        let parts = stream::unfold(0, move |part| {
            let half = half.clone();
            async move {
                match part {
                    0 => Some((Ok(half), 1)),
                    1 => {
                        tokio::task::yield_now().await;
                        Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), 2))
                    }
                    _ => None,
                }
            }
        });
        let mut response = self.response(Body::from_stream(parts));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
        response
    }
}

/// A response that cannot be written: the connection is closed before a byte of it has left.
fn closed() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset)) });
    Response::new(Body::from_stream(broken))
}
