//! What `template.yaml` says of how functions are called: batches, windows, memory.

use anyhow::{Context, Result};
use jiff::SignedDuration;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// How messages are gathered for a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathering {
    /// Messages that are handed over at once, at most.
    pub batch_max: usize,
    /// How long the first of them waits for others.
    pub window: SignedDuration,
}

/// How the messages of a function are gathered: `sku-mapping`.
///
/// # Errors
/// When the template does not say.
pub fn gathering(function: &str) -> Result<Gathering> {
    let text = resource(function)?;
    let batch_max = number(text, "BatchSize:").context("there is no `BatchSize`")?;
    let seconds = number(text, "MaximumBatchingWindowInSeconds:").unwrap_or_default();
    Ok(Gathering {
        batch_max: usize::try_from(batch_max)?,
        window: SignedDuration::from_secs(i64::try_from(seconds)?),
    })
}

/// Megabytes that a function has.
///
/// # Errors
/// When the template does not say.
pub fn memory_mb(function: &str) -> Result<u64> {
    let own = number(resource(function)?, "MemorySize:");
    own.or_else(|| number(TEMPLATE, "MemorySize:")).context("there is no `MemorySize`")
}

/// Whether a function answers calls of the API.
#[must_use]
pub fn is_behind_the_api(function: &str) -> bool {
    resource(function).is_ok_and(|own| own.contains("Type: HttpApi"))
}

fn resource(function: &str) -> Result<&'static str> {
    let words = function.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
    let name = format!("\n  {}Function:\n", words.collect::<String>());
    let (_, rest) = TEMPLATE.split_once(&name).with_context(|| format!("no {name}"))?;
    Ok(rest.split_once("\n\n").map_or(rest, |(own, _)| own))
}

fn number(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(name)?;
    let mut words = rest.split_whitespace();
    match words.next()? {
        "!Ref" => number(parameter(words.next()?)?, "Default:"),
        digits => digits.parse().ok(),
    }
}

fn parameter(name: &str) -> Option<&'static str> {
    let (_, rest) = TEMPLATE.split_once(&format!("\n  {name}:\n"))?;
    Some(rest)
}
