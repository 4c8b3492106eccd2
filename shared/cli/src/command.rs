//! What can be typed.

use std::ffi::OsString;

use anyhow::{Context, Result, bail};
use domain::id::OrderId;
use domain::message::Function;
use lexopt::{Arg, Parser, ValueExt};

/// What `onward help` says.
pub const HELP: &str = "\
onward settings check FILE                      what is wrong with a settings file, by line and column
onward settings put FILE                        checks it and puts it in force, within a minute
onward catalog import FILE [--refused OUT.csv]  takes SKUs, articles, offers and stock from a CSV file
onward mails preview FOLDER SETTINGS            every mail to customers, in every language, as files to look at
onward order show SHOP/ORDER                    an order's phase and facts
onward documents get SHOP/ORDER FOLDER          an order's labels and invoice, out of the archive, as files
onward redrive QUEUE [--yes]                    what failed five times and why; with --yes, sends it again
onward views rebuild                            makes every row of Views anew from the facts
";

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Say what there is.
    Help,
    /// Say what is wrong with a settings file.
    CheckSettings {
        /// TOML.
        file: String,
    },
    /// Put settings in force.
    PutSettings {
        /// TOML.
        file: String,
    },
    /// Take a catalogue file.
    ImportCatalog {
        /// CSV.
        file: String,
        /// Where the rows that were refused are listed; beside the file if not given.
        refused: Option<String>,
    },
    /// Write every mail to customers into files.
    PreviewMails {
        /// Where to.
        folder: String,
        /// TOML: as whom the shop writes, and where returns go.
        settings: String,
    },
    /// Show an order.
    ShowOrder {
        /// Which.
        order_id: OrderId,
    },
    /// Write an order's documents into files.
    GetDocuments {
        /// Whose.
        order_id: OrderId,
        /// Where to.
        folder: String,
    },
    /// Show dead letters, or send them again.
    Redrive {
        /// Whose.
        function: Function,
        /// Whether to send them again, and not only to show what would be.
        is_confirmed: bool,
    },
    /// Make `Views` anew.
    RebuildViews,
}

impl Command {
    /// Reads the arguments, the program's name left out.
    ///
    /// # Errors
    /// When they are none of the commands.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self> {
        let mut parser = Parser::from_args(arguments);
        let mut words: Vec<String> = Vec::new();
        let (mut refused, mut is_confirmed) = (None, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("yes") => is_confirmed = true,
                Arg::Value(word) => words.push(word.string()?),
                Arg::Long("refused") => refused = Some(parser.value()?.string()?),
                Arg::Long("help") | Arg::Short('h') => return Ok(Self::Help),
                other => return Err(other.unexpected().into()),
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if refused.is_some() && !matches!(words[..], ["catalog", "import", _]) {
            bail!("`--refused` belongs to `onward catalog import FILE`");
        }
        if is_confirmed && !matches!(words[..], ["redrive", _]) {
            bail!("`--yes` belongs to `onward redrive QUEUE`");
        }
        Ok(match words[..] {
            [] | ["help"] => Self::Help,
            ["settings", "check", file] => Self::CheckSettings { file: file.to_owned() },
            ["settings", "put", file] => Self::PutSettings { file: file.to_owned() },
            ["catalog", "import", file] => Self::ImportCatalog { file: file.to_owned(), refused },
            ["mails", "preview", folder, settings] => {
                Self::PreviewMails { folder: folder.to_owned(), settings: settings.to_owned() }
            }
            ["order", "show", order_id] => Self::ShowOrder { order_id: order(order_id)? },
            ["documents", "get", order_id, folder] => {
                Self::GetDocuments { order_id: order(order_id)?, folder: folder.to_owned() }
            }
            ["redrive", queue] => {
                let function = Function::ALL.into_iter().find(|known| known.name() == queue);
                let function = function.with_context(|| no_queue(queue))?;
                Self::Redrive { function, is_confirmed }
            }
            ["views", "rebuild"] => Self::RebuildViews,
            _ => bail!("`onward {}` is no command; `onward help` lists them", words.join(" ")),
        })
    }
}

fn order(name: &str) -> Result<OrderId> {
    OrderId::parse(name).context("an order is `SHOP/ORDER`")
}

fn no_queue(queue: &str) -> String {
    let known = Function::ALL.map(Function::name).join(", ");
    // What the projection can't take are no messages: the views are behind with the facts.
    format!("there is no queue `{queue}` among {known}; for projection, `onward views rebuild`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_is_read() {
        let check = |line: &str, expected: Command| {
            let read = Command::parse(line.split(' ').map(OsString::from)).unwrap();
            assert_eq!(read, expected, "{line}");
        };
        let file = || "a.toml".to_owned();
        check("help", Command::Help);
        check("settings check a.toml", Command::CheckSettings { file: file() });
        check("settings put a.toml", Command::PutSettings { file: file() });
        check(
            "catalog import a.toml --refused=b.csv",
            Command::ImportCatalog { file: file(), refused: Some("b.csv".to_owned()) },
        );
        let folder = "target/mails".to_owned();
        let preview = Command::PreviewMails { folder, settings: file() };
        check("mails preview target/mails a.toml", preview);
        let order_id = || OrderId::parse("alpenshop/1001").unwrap();
        check("order show alpenshop/1001", Command::ShowOrder { order_id: order_id() });
        let (folder, known) = ("target/documents".to_owned(), order_id());
        let documents = Command::GetDocuments { order_id: known, folder };
        check("documents get alpenshop/1001 target/documents", documents);
        let function = Function::ShopSync;
        check("redrive shop-sync", Command::Redrive { function, is_confirmed: false });
        check("redrive --yes shop-sync", Command::Redrive { function, is_confirmed: true });
        check("views rebuild", Command::RebuildViews);
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for line in [
            "settings",
            "order show 1001",
            "views rebuild --refused b.csv",
            "views rebuild --yes",
            "redrive projection",
            "help --loud",
        ] {
            assert!(Command::parse(line.split(' ').map(OsString::from)).is_err(), "{line}");
        }
    }
}
