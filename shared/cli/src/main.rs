//! Wires [`cli::run`] to AWS and the terminal.

use std::process::ExitCode;

use anyhow::Result;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let command = cli::command::Command::parse(std::env::args_os().skip(1))?;
    let (mut out, mut progress) = (std::io::stdout(), std::io::stderr());
    let is_well = cli::run(command, aws::World::from_env, &mut out, &mut progress).await?;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
