//! What customers ask for besides the goods, from the names that shops give to such things.

use domain::shop_order::Wishes;

use crate::json::Result;

/// Words in the name or code of a shipping option that was paid for its speed. "Priority" is none of them: the mail of
/// many countries calls its ordinary service so.
const EXPRESS: [&str; 8] = [
    "express",
    "expedited",
    "overnight",
    "next day",
    "next-day",
    "nextday",
    "same day",
    "same-day",
];

/// Whether the names of a shipping option say that it is a fast one.
pub(crate) fn is_express<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    names.into_iter().any(|name| {
        let name = name.to_lowercase();
        EXPRESS.iter().any(|word| name.contains(word))
    })
}

const GIFT_WRAP: [&str; 4] = ["giftwrap", "giftwrapping", "isgift", "gift"];
const GIFT_NOTE: [&str; 3] = ["giftnote", "giftmessage", "giftcardmessage"];
const INVOICE: [&str; 4] = ["invoice", "printinvoice", "printedinvoice", "paperinvoice"];

/// Whether a free field of that name says anything of a wish. Others may hold whatever an app likes to put there.
pub(crate) fn is_wish(name: &str) -> bool {
    let name = plain(name);
    GIFT_WRAP.iter().chain(&GIFT_NOTE).chain(&INVOICE).any(|known| *known == name)
}

/// What free fields, as name and value, and the titles of what was bought say of wishes; and the note for the gift
/// card, which is `note` unless a field says it.
///
/// Anyone who can fill a cart can write such fields, so that an age is never proved by one.
pub(crate) fn read(
    fields: &[(String, String)],
    titles: &[&str],
    note: impl FnOnce() -> Result<Option<String>>,
) -> Result<(Wishes, Option<String>)> {
    let named = |names: &[&str]| {
        let is_named = |(name, _): &&(String, String)| names.contains(&plain(name).as_str());
        fields.iter().find(is_named).map(|(_, value)| value.clone())
    };
    let is_wished = |names: &[&str]| named(names).is_some_and(|value| is_yes(&value));
    let gift_wrap =
        is_wished(&GIFT_WRAP) || titles.iter().any(|title| plain(title).contains("giftwrap"));
    let gift_note = match named(&GIFT_NOTE).filter(|note| !note.is_empty()) {
        None if gift_wrap => note()?,
        gift_note => gift_note,
    };
    Ok((Wishes { gift_wrap, invoice: is_wished(&INVOICE), age_verified: false }, gift_note))
}

/// Whether a value that a person or a plugin wrote means yes.
pub(crate) fn is_yes(value: &str) -> bool {
    !matches!(plain(value).as_str(), "" | "no" | "false" | "0" | "off" | "none")
}

/// Letters and digits only, so that `Gift wrap`, `gift-wrap` and `gift_wrap` are one.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_told_by_the_name_of_the_option() {
        for name in ["DHL Express", "Overnight", "FedEx Next-Day Air", "EXPEDITED", "Same day bike"]
        {
            assert!(is_express(["", name]), "{name}");
        }
        for name in ["Standard", "Priority Mail", "Free shipping", "DHL Paket", ""] {
            assert!(!is_express([name]), "{name}");
        }
    }

    #[test]
    fn wishes_are_told_by_the_names_of_free_fields() {
        let check =
            |fields: &[(&str, &str)], titles: &[&str], gift_wrap, invoice, note: Option<&str>| {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                let (wishes, gift_note) =
                    read(&fields, titles, || Ok(Some("Ring twice".to_owned()))).unwrap();
                assert_eq!((wishes.gift_wrap, wishes.invoice), (gift_wrap, invoice), "{fields:?}");
                assert_eq!(gift_note.as_deref(), note, "{fields:?}");
                assert!(!wishes.age_verified);
            };
        check(&[], &["Mug"], false, false, None);
        check(&[("Gift Wrap", "Yes")], &[], true, false, Some("Ring twice"));
        check(&[("gift_wrap", "no"), ("age_verified", "yes")], &[], false, false, None);
        check(&[("gift-message", "Joy!")], &[], false, false, Some("Joy!"));
        check(&[("Gift note", "Joy!")], &["Gift wrapping"], true, false, Some("Joy!"));
        check(&[("Printed invoice", "true")], &[], false, true, None);
    }
}
