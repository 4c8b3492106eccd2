//! What functions are made of: crates and their features. What AWS gets is held to `tests/bench/starts.toml` by `make bench`;
//! to build that takes some twenty minutes of two cores, too long for each change. What makes it grow by more than a few KB
//! shows here in seconds, and exactly: a crate more, or a feature.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::budget::Figures;

/// Counts are of this one, whatever the tests run on: each has crates of its own.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// What a function links, by name: its crates, and the features of these.
///
/// # Errors
/// When cargo does not tell.
pub fn parts(function: &str) -> Result<Figures> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let edges = "normal,features,no-proc-macro";
    let told = Command::new(env!("CARGO"))
        .current_dir(&root)
        .args(["tree", "--offline", "--locked", "--package", function, "--edges", edges])
        .args(["--target", TARGET, "--prefix", "none"])
        .output()?;
    ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told = String::from_utf8(told.stdout)?;
    // What was shown before is marked.
    let lines = told.lines().map(|line| line.trim_end_matches(" (*)"));
    let mut lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.dedup();
    let is_feature = |line: &&&str| line.contains(" feature \"");
    let features = lines.iter().filter(is_feature).count() as u64;
    let crates = lines.len() as u64 - features;
    Ok(Figures::from([("crates".to_owned(), crates), ("features".to_owned(), features)]))
}
