//! `make demo`: twenty orders of three shops, from webhook to doorstep, on the deployed stack.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context, Result};
use tests::demo::{run, write_report};
use tests::stack::Stack;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let stack =
        Stack::from_env()?.context("ONWARD_STACK names no stack; `make demo` starts one")?;
    let began_at = stack.now();
    let mut out = std::io::stdout();
    let demo = run(&stack, |line| {
        let seconds = (stack.now() - began_at).get_seconds();
        // Whoever closed the terminal has seen enough.
        let _ = writeln!(std::io::stdout(), "{seconds:>4} s  {line}");
    })
    .await?;
    write_report(&demo, &stack, &mut out)?;
    Ok(if demo.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
