//! The controls of a running simulation, under `/_sim/`: its state, its clock, its faults, its calls, and happenings.
//! They are for tests and drills; no cloud has them.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::Call;
use super::clock;
use super::emr::HappeningSpec;
use super::faults::FaultSpec;
use super::scenario::{is_operation, nearest, operations};
use super::world::World;

/// Where the controls are.
pub(super) const PREFIX: &str = "/_sim/";

/// The longest jump of the clock. Everything in between happens, and the caller waits for it.
const MAX_JUMP: Duration = Duration::from_hours(366 * 24);

/// What was wrong with a request for control: the status and a sentence.
type Refusal = (StatusCode, String);

/// Answers a request for control. `path` is what follows the prefix.
pub(super) fn answer(
    world: &mut World,
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
    wall: Duration,
) -> Response {
    world.advance(wall);
    let result = match (method.as_str(), path) {
        ("GET", "state") => Ok(state(world, wall)),
        ("POST", "clock") => set_clock(world, body, wall),
        ("GET", "faults") => Ok(json!({ "faults": world.faults.all() })),
        ("POST", "faults") => add_fault(world, body, wall),
        ("DELETE", "faults") => remove_faults(world, query),
        ("GET", "calls") => calls(world, query),
        ("DELETE", "calls") => {
            world.calls.clear();
            Ok(json!({}))
        }
        ("POST", "events") => make_happen(world, body, wall),
        (_, "state" | "clock" | "faults" | "calls" | "events") => {
            Err((StatusCode::METHOD_NOT_ALLOWED, format!("{method} does not go with {PREFIX}{path}")))
        }
        _ => Err((StatusCode::NOT_FOUND, format!("there is nothing at {PREFIX}{path}"))),
    };
    let (status, body) = match result {
        Ok(body) => (StatusCode::OK, body),
        Err((status, error)) => (status, json!({ "error": error })),
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn bad(message: impl Into<String>) -> Refusal {
    (StatusCode::BAD_REQUEST, message.into())
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| bad(error.to_string()))
}

fn state(world: &mut World, wall: Duration) -> Value {
    let now = world.advance(wall);
    let mut sites = Vec::new();
    for number in 0..world.accounts.all().len() {
        let (name, regions) = {
            let account = &world.accounts.all()[number];
            (account.name.clone(), account.regions.clone())
        };
        for region in regions {
            let site = world.accounts.site(number, &region);
            sites.push(json!({ "account": name, "region": region, "clusters": world.emr.census(site) }));
        }
    }
    json!({
        "scenario": world.scenario,
        "description": world.description,
        "seed": world.seed,
        "start": world.clock.start(),
        "now": now,
        "speed": world.clock.speed(),
        "quotas": if world.quotas.is_on() { "on" } else { "off" },
        "sites": sites,
        "pending_events": world.emr.pending_events(),
        "faults": world.faults.all().len(),
        "operations": world.calls.counts(),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    /// How far to jump ahead, in seconds.
    advance_s: Option<f64>,
    speed: Option<f64>,
}

fn set_clock(world: &mut World, body: &[u8], wall: Duration) -> Result<Value, Refusal> {
    let change: ClockChange = read(body)?;
    if change.advance_s.is_none() && change.speed.is_none() {
        return Err(bad("say advance_s or speed"));
    }
    let by = change.advance_s.map(Duration::try_from_secs_f64).transpose();
    let by = by.map_err(|_| bad("advance_s is not a number of seconds: time does not go back"))?;
    if by.is_some_and(|by| by > MAX_JUMP) {
        return Err(bad("advance_s is more than a year: go there in steps"));
    }
    if let Some(speed) = change.speed {
        if !clock::is_speed(speed) {
            return Err(bad(format!("speed {speed} is not between 0 and {}", clock::MAX_SPEED)));
        }
        world.clock.set_speed(wall, speed);
    }
    if let Some(by) = by {
        world.clock.advance(by);
    }
    let now = world.advance(wall);
    Ok(json!({ "now": now, "speed": world.clock.speed() }))
}

fn add_fault(world: &mut World, body: &[u8], wall: Duration) -> Result<Value, Refusal> {
    let now = world.advance(wall);
    let spec: FaultSpec = read(body)?;
    if let Some(problem) = spec.problem() {
        return Err(bad(problem));
    }
    if !is_operation(&spec.op) {
        let hint = nearest(&spec.op, operations()).map(|near| format!(": did you mean {near}?")).unwrap_or_default();
        return Err(bad(format!("unknown operation {}{hint}", spec.op)));
    }
    let account = match spec.account.as_deref() {
        None => None,
        Some(name) => Some(world.accounts.by_name(name).ok_or_else(|| bad(format!("unknown account {name}")))?),
    };
    Ok(json!(world.faults.add(spec, account, now)))
}

fn remove_faults(world: &mut World, query: &str) -> Result<Value, Refusal> {
    let id = match parameter(query, "id") {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| bad(format!("id {text} is not the number of a fault")))?),
    };
    match (world.faults.remove(id), id) {
        (0, Some(id)) => Err((StatusCode::NOT_FOUND, format!("there is no fault {id}"))),
        (removed, _) => Ok(json!({ "removed": removed })),
    }
}

/// The calls that are kept.
#[derive(Serialize)]
struct Calls<'a> {
    /// How many older ones are not.
    forgotten: u64,
    calls: Vec<&'a Call>,
}

fn calls(world: &World, query: &str) -> Result<Value, Refusal> {
    let operation = parameter(query, "op");
    if let Some(name) = operation.filter(|name| !is_operation(name)) {
        return Err(bad(format!("unknown operation {name}")));
    }
    Ok(json!(Calls { forgotten: world.calls.forgotten(), calls: world.calls.kept(operation).collect() }))
}

#[derive(Debug, Deserialize)]
struct EventRequest {
    cluster: String,
    #[serde(flatten)]
    event: BTreeMap<String, Value>,
}

fn make_happen(world: &mut World, body: &[u8], wall: Duration) -> Result<Value, Refusal> {
    let now = world.advance(wall);
    let request: EventRequest = read(body)?;
    let event = request.event.into_iter().collect();
    let spec: HappeningSpec = serde_json::from_value(Value::Object(event)).map_err(|error| bad(error.to_string()))?;
    world.emr.script(&request.cluster, spec, now).map_err(bad)?;
    Ok(json!({}))
}

/// The value of a parameter in a query. Values here need no escapes.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}
