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
    let order_id = sample::order_id()?;
    let mut count = 0;
    for language in Language::ALL {
        let texts = Texts::new(language);
        let own = Path::new(folder).join(language.code());
        fs::create_dir_all(&own).with_context(|| format!("failed to make `{}`", own.display()))?;
        let scene = Scene {
            texts: &texts,
            shop: &sender.name,
            settings: &settings,
            order_id: &order_id,
            order: &order,
            links: &links,
        };
        for (number, notice) in (1..).zip(sample::NOTICES) {
            let Some(content) = Content::of(notice, scene) else { continue };
            let name = format!("{number:02}-{}", notice.to_string().replace('/', "-"));
            write(&own, &name, &content, scene)?;
            write_file(&own.join(format!("{name}.sms.txt")), &content.brief(scene))?;
            count += 1;
        }
        // What nobody is told, but asks for.
        write(&own, "21-link", &Content::of_link(sample::LINK, scene), scene)?;
        count += 1;
    }
    Ok(count)
}

fn write(folder: &Path, name: &str, content: &Content, scene: Scene<'_>) -> Result<()> {
    let written = content.write(scene)?;
    write_file(&folder.join(format!("{name}.html")), &written.html)?;
    let text = format!("{}\n\n{}", written.subject, written.text);
    write_file(&folder.join(format!("{name}.txt")), &text)
}

fn write_file(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("failed to write `{}`", file.display()))
}

#[cfg(test)]
mod tests {
    use domain::settings::Settings;

    use super::*;
    use crate::settings_file;

    const SETTINGS: &str = include_str!("../../../tests/demo/settings.toml");

    /// The mail about an approved return.
    fn approved(change: impl FnOnce(&mut Settings)) -> String {
        mail("en/13-return-approved-R1.txt", change)
    }

    /// One of the files.
    fn mail(name: &str, change: impl FnOnce(&mut Settings)) -> String {
        let text = SETTINGS.replace("{OUTSIDE_URL}", "http://127.0.0.1:9000");
        let mut settings = settings_file::parse(&text).expect("the demo's settings are good");
        change(&mut settings);
        let own = format!("onward-mails-{}-{}", std::process::id(), name.replace('/', "-"));
        let folder = std::env::temp_dir().join(own);
        preview(folder.to_str().expect("a name of letters"), &settings).expect("it can be written");
        let mail = fs::read_to_string(folder.join(name));
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

    #[test]
    fn the_link_that_customers_ask_for_is_shown_with_the_logo_and_colour_of_the_settings() {
        for (language, says) in
            [("en", "once"), ("de", "einmal"), ("fr", "une fois"), ("zh", "一次")]
        {
            let mail = mail(&format!("{language}/21-link.html"), |settings| {
                settings.pages.logo = Some("https://shop.example/logo.png".to_owned());
                settings.pages.accent = "#0050b3".to_owned();
            });
            for part in [says, "src=\"https://shop.example/logo.png\"", "background: #0050b3"] {
                assert!(mail.contains(part), "{language}: {part} is not in {mail}");
            }
        }
    }
}
