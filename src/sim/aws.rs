//! What all simulated AWS services share: who calls, what may go wrong before an operation begins, and how an
//! answer or an error is written. Signatures are not checked.

mod credential;
mod error;
mod sts;
mod words;

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, header};
use jiff::Timestamp;

pub(super) use error::ApiError;

use super::accounts::SiteId;
use super::calls::Call;
use super::emr::{self, Operation};
use super::faults::{Effects, FaultKind, Subject};
use super::outgoing::{Manner, Outgoing};
use super::quotas::{ALL_OPERATIONS, Limit};
use super::world::World;
use credential::Credential;

/// The one operation of STS that is served.
pub(super) const CALLER_IDENTITY: &str = "GetCallerIdentity";
/// All operations of EMR together, for an account and region.
const ALL_OF_EMR: Limit = Limit { burst: 25.0, refill: 5.0 };
const TARGET_PREFIX: &str = "ElasticMapReduce.";
/// What calls of operations that do not exist are counted under.
const UNKNOWN_OPERATION: &str = "unknown-operation";

/// A request to an AWS service.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Real time since the start of the server.
    pub(super) wall: Duration,
}

/// The operation that a request asks for.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Emr(&'static Operation),
    CallerIdentity,
    /// Of a service that writes errors in XML, or in JSON.
    Unknown {
        is_query: bool,
    },
}

/// A call on its way: who asks for what.
struct Caller {
    site: SiteId,
    account: usize,
    region: String,
}

/// Answers a request: carries it out, or does with it what the faults and quotas in force say.
pub(super) fn answer(world: &mut World, request: &Incoming) -> Outgoing {
    let now = world.advance(request.wall);
    let number = world.calls.next_number();
    let request_id = request_id(world, number);
    let asked = asked(request);
    let credential = Credential::read(&request.headers);
    let region = credential.as_ref().map_or("us-east-1", |credential| credential.region.as_str());
    let account = credential.as_ref().map_or(0, |credential| world.accounts.by_key(&credential.access_key));
    let caller = Caller { site: world.accounts.site(account, region), account, region: region.to_owned() };

    let effects = match asked {
        Asked::Unknown { .. } => Effects::default(),
        _ if credential.is_none() => Effects::default(),
        _ => world.faults.effects(subject(asked, &caller), now),
    };
    let is_carried_out = !effects.fault.is_some_and(FaultKind::prevents_the_call);
    let result = match (credential, effects.fault) {
        (None, _) => Err(ApiError::missing_token(&request.headers)),
        (Some(_), Some(fault)) if !is_carried_out => Err(refusal(world, fault, asked, &caller, &request.body)),
        (Some(_), _) => carry_out(world, asked, request, &caller, now),
    };
    let is_throttled = result.as_ref().is_err_and(|error| error.code == ApiError::THROTTLED);
    let error_code = result.as_ref().err().map(|error| error.code.to_owned());
    let was_carried_out = is_carried_out && result.is_ok();
    let mut outgoing = write(asked, result, request_id);
    if let Some(fault) = effects.fault {
        spoil(&mut outgoing, fault);
    }
    outgoing.delay = effects.delay;
    world.calls.record(Call {
        number,
        real_time: world.real_time(request.wall),
        simulated_time: now,
        operation: name(asked).to_owned(),
        account: world.accounts.account_of(caller.site).name.clone(),
        region: caller.region,
        status: outgoing.sent_status(),
        error: error_code.filter(|_| outgoing.sent_status().is_some()),
        throttled: is_throttled,
        carried_out: was_carried_out,
        fault: effects.fault.or((effects.delay > Duration::ZERO).then_some(FaultKind::Slow)).map(FaultKind::word),
        arguments: String::from_utf8_lossy(&request.body).into(),
    });
    outgoing
}

fn asked(request: &Incoming) -> Asked {
    let header = |name| request.headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let is_query = header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        || Credential::read(&request.headers).is_some_and(|credential| credential.service == "sts");
    if request.method != Method::POST || request.path != "/" {
        return Asked::Unknown { is_query };
    }
    if is_query {
        let is_identity = sts::action(&request.body).is_some_and(|action| action == CALLER_IDENTITY);
        return if is_identity { Asked::CallerIdentity } else { Asked::Unknown { is_query } };
    }
    header("x-amz-target")
        .and_then(|target| target.strip_prefix(TARGET_PREFIX))
        .and_then(emr::operation)
        .map_or(Asked::Unknown { is_query }, Asked::Emr)
}

fn name(asked: Asked) -> &'static str {
    match asked {
        Asked::Emr(operation) => operation.name,
        Asked::CallerIdentity => CALLER_IDENTITY,
        Asked::Unknown { .. } => UNKNOWN_OPERATION,
    }
}

fn subject(asked: Asked, caller: &Caller) -> Subject<'_> {
    let changes = matches!(asked, Asked::Emr(operation) if operation.changes);
    Subject { operation: name(asked), account: caller.account, region: &caller.region, changes }
}

/// The answer of a fault that keeps a call from being carried out.
fn refusal(world: &World, fault: FaultKind, asked: Asked, caller: &Caller, body: &[u8]) -> ApiError {
    let account = &world.accounts.account_of(caller.site).id;
    match fault {
        FaultKind::Throttle => ApiError::throttled(),
        FaultKind::Expired => ApiError::expired(),
        FaultKind::Denied if matches!(asked, Asked::CallerIdentity) => {
            ApiError::denied(account, "sts", CALLER_IDENTITY, "*")
        }
        FaultKind::Denied => {
            let resource = emr::resource_named(body).map_or_else(
                || "*".to_owned(),
                |id| format!("arn:aws:elasticmapreduce:{}:{account}:cluster/{id}", caller.region),
            );
            ApiError::denied(account, "elasticmapreduce", name(asked), &resource)
        }
        _ => ApiError::internal(),
    }
}

fn carry_out(
    world: &mut World,
    asked: Asked,
    request: &Incoming,
    caller: &Caller,
    now: Timestamp,
) -> Result<Vec<u8>, ApiError> {
    match asked {
        Asked::Unknown { .. } => Err(ApiError::unknown_operation()),
        Asked::CallerIdentity => Ok(sts::caller_identity(world.accounts.account_of(caller.site)).into_bytes()),
        Asked::Emr(operation) => {
            let own = operation.limit.map(|limit| (operation.name, limit));
            let limits: Vec<_> = own.into_iter().chain([(ALL_OPERATIONS, ALL_OF_EMR)]).collect();
            if !world.quotas.take(caller.site, &limits, request.wall) {
                return Err(ApiError::throttled());
            }
            let account = &world.accounts.account_of(caller.site).id;
            let answer = operation.run(&mut world.emr, caller.site, account, &caller.region, now, &request.body);
            // What follows at once is seen by the next call, at whatever speed time runs.
            world.emr.catch_up(now);
            answer
        }
    }
}

fn write(asked: Asked, result: Result<Vec<u8>, ApiError>, request_id: String) -> Outgoing {
    let is_query = matches!(asked, Asked::CallerIdentity | Asked::Unknown { is_query: true });
    let (status, body) = match result {
        Ok(body) if is_query => (200, sts::with_request_id(&body, &request_id)),
        Ok(body) => (200, body),
        Err(error) if is_query => (error.query_status(), error.to_xml(&request_id).into_bytes()),
        Err(error) => (error.status, error.to_json()),
    };
    let content_type = if is_query { "text/xml" } else { "application/x-amz-json-1.1" };
    Outgoing { status, content_type, body, request_id: Some(request_id), delay: Duration::ZERO, manner: Manner::Whole }
}

/// Applies a fault that is about the answer.
fn spoil(outgoing: &mut Outgoing, fault: FaultKind) {
    match fault {
        FaultKind::Html500 => {
            outgoing.content_type = "text/html; charset=utf-8";
            outgoing.body = b"<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n\
                <h1>Internal Server Error</h1>\n<p>The server encountered an internal error and was unable to complete \
                your request.</p>\n"
                .to_vec();
        }
        FaultKind::BlackHole => outgoing.manner = Manner::Never,
        FaultKind::Reset | FaultKind::LostAnswer => outgoing.manner = Manner::Closed,
        FaultKind::Truncated => outgoing.manner = Manner::Truncated,
        FaultKind::Garbage => {
            outgoing.status = 200;
            outgoing.body = b"\x1f\x8b\x00{\"Clusters\":[{\"Id\":\xff\xfe not json".to_vec();
        }
        FaultKind::UnknownWords => words::make_unknown(&mut outgoing.body),
        FaultKind::Throttle | FaultKind::Error500 | FaultKind::Expired | FaultKind::Denied | FaultKind::Slow => {}
    }
}

/// An id in the form of a UUID; the same one for the same call of the same simulation.
fn request_id(world: &World, number: u64) -> String {
    let dice = world.dice.of("request").at(number);
    let (high, low) = (dice.at(0).bits(), dice.at(1).bits());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}
