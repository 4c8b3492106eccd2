//! The operators' command line.
//!
//! # Layout
//!
//! - [`command`]: what can be typed.
//! - [`settings_file`], [`catalog_file`]: the merchant's files, read with the place of every mistake.
//! - [`import`]: a catalogue file into the catalogue, and the orders that waited for it.
//! - [`order_page`]: an order on a screen. [`documents`]: what is archived of it, as files.
//! - [`rebuild`]: `Views` from `Events`.
//! - [`preview`]: every mail to customers, to look at.
//! - [`redrive`]: what failed five times, back into its queue.
//! - [`operator`]: what an operator may do to the world that no step may.
//!
//! Everything is generic over the world and writes to what it is given, so that it is tested in the world in memory.

pub mod catalog_file;
pub mod command;
pub mod documents;
pub mod import;
pub mod operator;
pub mod order_page;
pub mod preview;
pub mod rebuild;
pub mod redrive;
pub mod settings_file;

#[cfg(test)]
mod tests;

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use ports::{Catalog, Clock, Events, Queues, Views};

use crate::command::Command;
use crate::operator::Operator;
use crate::redrive::DeadLetters;

/// Runs one command. Results go to `out`, progress to `progress`. Whether all is well: false when a file has mistakes,
/// which are among the results.
///
/// The world is made when a command needs it: settings can be checked with no cloud at hand.
///
/// # Errors
/// When a file can't be read or written, or the world says not now.
pub async fn run<W>(
    command: Command,
    world: impl FnOnce() -> Result<W>,
    out: &mut impl Write,
    progress: &mut impl Write,
) -> Result<bool>
where
    W: Catalog + Clock + DeadLetters + Events + Operator + Queues + Views,
{
    match command {
        Command::Help => out.write_all(command::HELP.as_bytes())?,
        Command::CheckSettings { file } => {
            return Ok(read_settings(&file, out)?.is_some());
        }
        Command::PutSettings { file } => {
            let Some(settings) = read_settings(&file, out)? else { return Ok(false) };
            let version = world()?.put_settings(&settings).await?;
            writeln!(out, "settings are version {version} now, in force within a minute")?;
        }
        Command::ImportCatalog { file, refused } => {
            let text = read(&file)?;
            let report = import::import(&world()?, &text, progress).await?;
            let refused = refused.unwrap_or_else(|| format!("{file}.refused.csv"));
            if report.refused.is_empty() {
                writeln!(out, "{report}")?;
                return Ok(true);
            }
            let rows = catalog_file::refused_csv(&report.refused)?;
            fs::write(&refused, rows).with_context(|| format!("failed to write `{refused}`"))?;
            writeln!(out, "{report}, see {refused}")?;
            return Ok(false);
        }
        Command::PreviewMails { folder, settings } => {
            let Some(settings) = read_settings(&settings, out)? else { return Ok(false) };
            let count = preview::preview(&folder, &settings)?;
            writeln!(out, "{count} mails are in {folder}")?;
        }
        Command::ShowOrder { order_id } => {
            return order_page::show(&world()?, &order_id, out).await;
        }
        Command::GetDocuments { order_id, folder } => {
            return documents::get(&world()?, &order_id, Path::new(&folder), out).await;
        }
        Command::Redrive { function, is_confirmed } => {
            redrive::redrive(&world()?, function, is_confirmed, out).await?;
        }
        Command::RebuildViews => {
            let rebuilt = rebuild::rebuild(&world()?, progress).await?;
            writeln!(out, "{rebuilt}")?;
        }
    }
    Ok(true)
}

fn read_settings(file: &str, out: &mut impl Write) -> Result<Option<domain::settings::Settings>> {
    match settings_file::parse(&read(file)?) {
        Ok(settings) => {
            writeln!(out, "{file}: nothing is wrong")?;
            Ok(Some(settings))
        }
        Err(mistakes) => {
            for mistake in mistakes {
                writeln!(out, "{file}:{mistake}")?;
            }
            Ok(None)
        }
    }
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(Path::new(file)).with_context(|| format!("failed to read `{file}`"))
}
