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
    let (order, links, settings) = (sample::order()?, sample::links(), sample::furnish(settings)?);
    let mut count = 0;
    for language in Language::ALL {
        let texts = Texts::new(language);
        let own = Path::new(folder).join(language.code());
        fs::create_dir_all(&own).with_context(|| format!("failed to make `{}`", own.display()))?;
        let scene = Scene {
            texts: &texts,
            sender: &sender,
            settings: &settings,
            order: &order,
            links: &links,
        };
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

#[cfg(test)]
mod tests {
    use domain::settings::Settings;

    use super::*;
    use crate::settings_file;

    const SETTINGS: &str = include_str!("../../../tests/demo/settings.toml");

    /// The mail about an approved return.
    fn approved(change: impl FnOnce(&mut Settings)) -> String {
        let text = SETTINGS.replace("{OUTSIDE_URL}", "http://127.0.0.1:9000");
        let mut settings = settings_file::parse(&text).expect("the demo's settings are good");
        change(&mut settings);
        let folder = std::env::temp_dir().join(format!("onward-mails-{}", std::process::id()));
        preview(folder.to_str().expect("a name of letters"), &settings).expect("it can be written");
        let mail = fs::read_to_string(folder.join("en/13-return-approved-R1.txt"));
        fs::remove_dir_all(&folder).expect("it was just made");
        mail.expect("it was just written")
    }

    #[test]
    fn the_mail_about_an_approved_return_says_where_it_goes_whatever_places_there_are() {
        let mail = approved(|settings| {
            settings.returns.destinations[0].address.lines = vec!["Rampe 7".to_owned()];
        });
        assert!(mail.contains("Rampe 7"), "{mail}");
        let mail = approved(|settings| settings.returns.destinations.clear());
        assert!(mail.contains("04356 Leipzig"), "{mail}");
    }
}
