//! The HTTP server in front of the world: it reads requests, asks the world under a lock that is never held across
//! a wait, and sends what the world answers.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::aws::{self, Incoming};
use super::control;
use super::wall::Wall;
use super::world::World;

/// How long the end waits for connections; what has not ended by then is cut off.
const GRACE: Duration = Duration::from_secs(2);
/// The largest request that is read, in bytes.
const MAX_BODY: usize = 4 << 20;

/// What all requests share.
#[derive(Debug, Clone)]
struct Shared {
    world: Arc<Mutex<World>>,
    wall: Wall,
    closing: CancellationToken,
}

/// A server at work. Dropping it ends it; [`Server::shutdown`] waits until it has.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    closing: CancellationToken,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Listens on `address` and serves the world.
    pub(super) async fn start(address: SocketAddr, world: World, wall: Wall) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let closing = CancellationToken::new();
        let shared = Shared { world: Arc::new(Mutex::new(world)), wall, closing: closing.clone() };
        let router = Router::new().fallback(handle).with_state(shared);
        // Answers are small: without this the second of two writes waits for the other side.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot switch off delayed sending");
            }
        });
        let until = closing.clone().cancelled_owned();
        let serving = async move { axum::serve(listener, router).with_graceful_shutdown(until).await };
        #[expect(clippy::disallowed_methods, reason = "the simulator's one task; it ends with `closing`")]
        let task = tokio::spawn(serving);
        Ok(Self { address, closing, task })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all waits and connections, and returns when the server has stopped.
    pub(super) async fn shutdown(mut self) {
        self.closing.cancel();
        match tokio::time::timeout(GRACE, &mut self.task).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::error!(%error, "the simulator's server failed"),
            Ok(Err(error)) => tracing::error!(%error, "the simulator's server broke"),
            // Somebody holds a connection with half a request on it.
            Err(_) => self.task.abort(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

impl Shared {
    /// A panic while the lock was held is no reason to stop: the world is data, and each request checks it anew.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn handle(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, Body::empty()).into_response();
    };
    let wall = shared.wall.elapsed();
    let path = parts.uri.path();
    if let Some(path) = path.strip_prefix(control::PREFIX) {
        let query = parts.uri.query().unwrap_or_default();
        return control::answer(&mut shared.world(), &parts.method, path, query, &body, wall);
    }
    let incoming =
        Incoming { method: parts.method.clone(), path: path.to_owned(), headers: parts.headers.clone(), body, wall };
    let outgoing = aws::answer(&mut shared.world(), &incoming);
    outgoing.send(&shared.closing).await
}
