//! The settings file: TOML, with line and column of every mistake.

use std::fmt;

use domain::settings::Settings;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What it is.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.problem)
    }
}

/// Reads settings and checks them.
///
/// # Errors
/// When it is no TOML or not of the form of settings: the first mistake. When a value makes no sense: all mistakes.
pub fn parse(text: &str) -> Result<Settings, Vec<Mistake>> {
    let unreadable = |error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        vec![mistake(text, offset, error.message().to_owned())]
    };
    let settings: Settings = toml::from_str(text).map_err(unreadable)?;
    let problems = settings.check();
    if problems.is_empty() {
        return Ok(settings);
    }
    let document = DeTable::parse(text).map_err(unreadable)?;
    let located = |problem: &domain::settings::SettingsProblem| {
        let offset = find(&document, &problem.field);
        mistake(text, offset, format!("{}: {}", problem.field, problem.problem))
    };
    let mut mistakes: Vec<Mistake> = problems.iter().map(located).collect();
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    Err(mistakes)
}

fn mistake(text: &str, offset: usize, problem: String) -> Mistake {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Mistake {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        problem,
    }
}

/// Where the field of a path such as `locations[1].time_zone` stands, or the nearest thing around it that is there: a
/// field may be missing.
fn find(document: &Spanned<DeTable<'_>>, path: &str) -> usize {
    let mut offset = document.span().start;
    let mut table = Some(document.get_ref());
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    for name in path.split(['.', '[']) {
        value = match name.strip_suffix(']').map(str::parse::<usize>) {
            Some(index) => value
                .and_then(|value| value.get_ref().as_array())
                .and_then(|array| array.get(index.unwrap_or(usize::MAX))),
            None => table.and_then(|table| table.get(name)),
        };
        let Some(found) = value else { return offset };
        offset = found.span().start;
        table = found.get_ref().as_table();
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../../tests/demo/settings.toml");

    fn check(from: &str, to: &str, expected: &[&str]) {
        let text = GOOD.replace("{OUTSIDE_URL}", "http://127.0.0.1:9000");
        assert!(text.contains(from), "{from}");
        let mistakes = parse(&text.replacen(from, to, 1)).err().unwrap_or_default();
        // Lines move when the demo's settings grow; what stands there does not.
        let text = text.replacen(from, to, 1);
        let at = |mistake: &Mistake| {
            let line = text.lines().nth(mistake.line - 1).unwrap_or_default();
            let rest: String = line.chars().skip(mistake.column - 1).collect();
            format!("{rest} ← {}", mistake.problem)
        };
        assert_eq!(mistakes.iter().map(at).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_settings_of_the_demo_are_good() {
        check("[seller]", "[seller]", &[]);
    }

    #[test]
    fn a_value_that_makes_no_sense_is_found_where_it_stands() {
        check(
            "time_zone = \"Asia/Shanghai\"",
            "time_zone = \"Asia/Atlantis\"",
            &["\"Asia/Atlantis\" ← locations[0].time_zone: `Asia/Atlantis` is no IANA time zone"],
        );
    }

    /// In the demo's file the shop that mails says so in a line; here in a section.
    fn check_mails(section: &str, expected: &str) {
        let (_, rest) = GOOD.split_once("\nnotifications = ").expect("a shop of the demo mails");
        let line = format!("notifications = {}", rest.lines().next().unwrap_or_default());
        let section = format!("[shops.notifications]\nname = \"Onward Direct\"\n{section}");
        check(&line, &section, &[expected]);
    }

    #[test]
    fn a_shop_that_mails_as_nobody_or_of_nothing_we_know_is_found_where_it_stands() {
        check_mails(
            "from = \"orders.example.com\"",
            "\"orders.example.com\" ← shops[2].notifications.from: is no e-mail address",
        );
        check_mails(
            "from = \"orders@example.com\"\nreply_to = \"a@example.com, b@example.com\"",
            "\"a@example.com, b@example.com\" ← shops[2].notifications.reply_to: is no e-mail address",
        );
        check_mails(
            "from = \"orders@example.com\"\nsms = [\"shipped\", \"eaten\"]",
            "\"eaten\"] ← unknown variant `eaten`, expected one of `order_confirmed`, `split`, `backordered`, \
             `order_cancelled`, `shipped`, `delayed`, `delivered`, `returns`, `refunds`",
        );
    }

    #[test]
    fn an_address_is_one_address() {
        for address in
            ["a@b.example,c@d.example", "a@b@c.example", "Shop<a@b.example>", "a@b.example;"]
        {
            check_mails(
                &format!("from = \"{address}\""),
                &format!("\"{address}\" ← shops[2].notifications.from: is no e-mail address"),
            );
        }
    }

    #[test]
    fn a_field_of_another_form_is_found_where_it_stands() {
        let mistakes = parse("[seller]\nname = 5\n").unwrap_err();
        assert_eq!(mistakes[0].to_string(), "2:8: invalid type: integer `5`, expected a string");
        let mistakes = parse("[seller]\nnam = \"Ä\"\n").unwrap_err();
        assert_eq!((mistakes[0].line, mistakes[0].column), (2, 1));
        let mistakes = parse("[seller\n").unwrap_err();
        assert_eq!((mistakes[0].line, mistakes[0].column), (1, 8));
    }
}
