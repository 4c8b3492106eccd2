//! Every mail to customers, in every language, in files to look at.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use domain::language::Language;
use language::Texts;
use letters::{Content, Scene, sample};

/// Writes them, and gives how many. As a shop of the settings if there are any that say how; else as a made-up one.
///
/// # Errors
/// When a file can't be written.
pub fn preview(folder: &str, settings: &domain::settings::Settings) -> Result<usize> {
    let of_shop = settings.shops.iter().find_map(|shop| shop.notifications.clone());
    let sender = of_shop.map_or_else(sample::sender, Ok)?;
    let (order, links) = (sample::order()?, sample::links());
    let mut count = 0;
    for language in Language::ALL {
        let texts = Texts::new(language);
        let own = Path::new(folder).join(language.code());
        fs::create_dir_all(&own).with_context(|| format!("failed to make `{}`", own.display()))?;
        let scene =
            Scene { texts: &texts, sender: &sender, settings, order: &order, links: &links };
        for (number, notice) in (1..).zip(sample::NOTICES) {
            let Some(content) = Content::of(notice, scene) else { continue };
            let written = content.write(scene)?;
            let name = notice.to_string().replace('/', "-");
            let write = |ending: &str, text: &str| {
                let file = own.join(format!("{number:02}-{name}.{ending}"));
                let failed = || format!("failed to write `{}`", file.display());
                fs::write(&file, text).with_context(failed)
            };
            write("html", &written.html)?;
            write("txt", &format!("{}\n\n{}", written.subject, written.text))?;
            write("sms.txt", &content.brief(scene))?;
            count += 1;
        }
    }
    Ok(count)
}
