//! What a function says of itself: one line of JSON on standard output for each batch, answer and failure.
//!
//! Lambda takes such lines as they are and puts them under the function's log group; `timestamp` and `level` are the names
//! it filters by. A line names things by their ids and never holds a body, an address or a secret: whoever makes an error
//! sees to that.

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::metrics;

/// The function's name as Lambda knows it.
static FUNCTION: OnceLock<String> = OnceLock::new();

/// A metric filter counts lines with this word under `alarm`, and an alarm stands on it.
pub(crate) const EVENTS_TAMPERED: &str = "events_tampered";

/// What was written to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Logged {
    /// Lines.
    pub lines: u64,
    /// Bytes of all lines, their ends included.
    pub bytes: u64,
}

thread_local! {
    static LOGGED: Cell<Logged> = const { Cell::new(Logged { lines: 0, bytes: 0 }) };
}

/// What this thread, which is all of a function, has written to the log so far: logs cost by the byte.
#[must_use]
pub fn logged() -> Logged {
    LOGGED.get()
}

/// Reads who is speaking; once, at the start.
pub(crate) fn introduce() {
    #[expect(
        clippy::disallowed_methods,
        reason = "set by Lambda, wanted in each line, and no setting"
    )]
    let name = std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    FUNCTION.get_or_init(|| name);
}

/// Something was done: the one line of a batch, which tells what was counted, too.
pub(crate) fn info(message: &str, fields: Value) {
    write("INFO", message, fields, metrics::fields);
}

/// Something failed, or is not as it must be.
pub(crate) fn error(message: &str, fields: Value) {
    write("ERROR", message, fields, |_| Map::new());
}

/// Whole milliseconds since then.
pub(crate) fn milliseconds_since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn write(
    level: &str,
    message: &str,
    fields: Value,
    more: impl Fn(Timestamp) -> Map<String, Value>,
) {
    #[expect(clippy::disallowed_methods, reason = "a log line has the time of its writing")]
    let at = Timestamp::now();
    let line = line(&format!("{at:.3}"), level, message, fields, more(at));
    let Logged { lines, bytes } = LOGGED.get();
    LOGGED.set(Logged { lines: lines + 1, bytes: bytes + line.len() as u64 });
    #[expect(clippy::print_stdout, reason = "this is where Lambda listens")]
    {
        print!("{line}");
    }
}

fn line(at: &str, level: &str, message: &str, fields: Value, more: Map<String, Value>) -> String {
    let mut line = Map::new();
    line.insert("timestamp".to_owned(), json!(at));
    line.insert("level".to_owned(), json!(level));
    line.insert("message".to_owned(), json!(message));
    line.insert("function".to_owned(), json!(FUNCTION.get()));
    if let Value::Object(fields) = fields {
        line.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    line.extend(more);
    format!("{}\n", Value::Object(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_of_json() {
        let line = line(
            "2026-11-21T10:00:00.000Z",
            "INFO",
            "took\na batch",
            json!({"messages": 3, "alarm": null}),
            Map::from_iter([("orders".to_owned(), json!(1))]),
        );
        assert_eq!(line.matches('\n').count(), 1);
        let read: Value = serde_json::from_str(&line).unwrap();
        let expected = json!({
            "timestamp": "2026-11-21T10:00:00.000Z", "level": "INFO", "message": "took\na batch", "function": null,
            "messages": 3, "orders": 1,
        });
        assert_eq!(read, expected);
    }
}
