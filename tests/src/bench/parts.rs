//! What functions are made of, crates and their features, and how large that is. What AWS gets is held to
//! `tests/bench/starts.toml` by `make bench`; to build that takes some twenty minutes of two cores, too long for each change.
//! What makes it grow shows here in seconds: a crate more, or a feature, exactly; and code, in what `make build` makes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::budget::{Budget, Figures, TOOLCHAIN};
use super::start::names;

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

/// How large each function is as `make build` makes it, in kilobytes; and by which compiler.
///
/// # Errors
/// When one is not built, or the compiler does not say which it is.
pub fn built() -> Result<Budget> {
    let mut built = Budget::from([(TOOLCHAIN.to_owned(), Figures::from([compiler()?]))]);
    // Tests lie in `deps`, one folder below.
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).context("a test lies in a folder")?;
    for function in names()? {
        let file = std::fs::metadata(folder.join(&function));
        let file = file.with_context(|| format!("`{function}` is not built: `make build`"))?;
        let kb = Figures::from([("kb".to_owned(), file.len() / 1_000)]);
        built.insert(function, kb);
    }
    Ok(built)
}

/// Its version: 95 for Rust 1.95, whatever its patches.
fn compiler() -> Result<(String, u64)> {
    let rustc = Path::new(env!("CARGO")).with_file_name("rustc");
    let told = String::from_utf8(Command::new(rustc).arg("--version").output()?.stdout)?;
    let minor = told.split('.').nth(1).and_then(|minor| minor.parse().ok());
    Ok(("rust_1".to_owned(), minor.with_context(|| format!("`{told}` is no version of rustc"))?))
}
