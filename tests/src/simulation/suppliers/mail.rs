//! How suppliers without a system read our mails.

use std::collections::BTreeMap;

use ports::OutgoingMail;

use super::{Deed, Lot, Standing, Suppliers};
use crate::simulation::company::PUBLIC_URL;
use crate::simulation::disturbance::Disturbance;

impl Suppliers {
    /// A mail arrives. What is read twice is done once.
    pub(crate) fn reads(&mut self, mail: &OutgoingMail) {
        let Some(supplier) = Self::by_address(&mail.to) else { return };
        if let Some(reference) = mail.subject.strip_prefix("Please cancel order ") {
            return self.reads_cancellation(supplier, reference, mail);
        }
        if let Some(reference) = mail.subject.strip_prefix("New address for order ") {
            return self.reads_address(reference, mail);
        }
        let Some(subject) = mail.subject.strip_prefix("Order ") else { return };
        match subject.strip_suffix(" is withdrawn") {
            Some(reference) => self.reads_withdrawal(reference),
            None => self.reads_order(supplier, subject, mail),
        }
    }

    fn reads_order(&mut self, supplier: &'static str, reference: &str, mail: &OutgoingMail) {
        if self.books.contains_key(reference) {
            return;
        }
        let mut commission = self.commission(supplier, reference, lots(&mail.text));
        commission.link = link(&mail.text);
        commission.purchases = 1;
        let mut dice = commission.dice.clone();
        let is_dumb = self.errs(&mut dice, Disturbance::Silence, 120);
        let raves = self.errs(&mut dice, Disturbance::ImpossibleAnswers, 60);
        let (answers_in, raves_in) = (dice.spread(20 * 3600), dice.spread(20 * 3600));
        commission.dice = dice;
        self.books.insert(reference.to_owned(), commission);
        if !is_dumb {
            self.later(reference, answers_in, Deed::Answer);
        }
        if raves {
            self.later(reference, raves_in, Deed::Nonsense);
        }
    }

    fn reads_address(&mut self, reference: &str, mail: &OutgoingMail) {
        let Some(commission) = self.books.get_mut(reference) else { return };
        commission.link = link(&mail.text).or(commission.link.take());
        let is_first = commission.other_address.replace((String::new(), 1)).is_none();
        let seconds = commission.dice.spread(20 * 3600);
        if is_first {
            self.later(reference, seconds, Deed::AnswerAddress);
        }
    }

    fn reads_withdrawal(&mut self, reference: &str) {
        let Some(commission) = self.books.get_mut(reference) else { return };
        // What it promised, and we took, stands.
        if commission.standing == Standing::Received {
            (commission.standing, commission.is_withdrawn) = (Standing::Off, true);
        }
    }

    /// What never came is let go, too, and ignored should it come.
    fn reads_cancellation(&mut self, supplier: &'static str, reference: &str, mail: &OutgoingMail) {
        let unknown = self.commission(supplier, reference, BTreeMap::new());
        let commission = self.books.entry(reference.to_owned()).or_insert(unknown);
        commission.link = link(&mail.text).or(commission.link.take());
        if commission.has_said_whether
            || std::mem::replace(&mut commission.is_asked_to_cancel, true)
        {
            return;
        }
        let seconds = commission.dice.spread(20 * 3600);
        self.later(reference, seconds, Deed::AnswerCancellation);
    }
}

/// The lines of the mail: `  2 x AL-1  Scarf`.
fn lots(text: &str) -> BTreeMap<String, Lot> {
    let mut lots: BTreeMap<String, Lot> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("  ")) {
        let mut words = line.split(' ');
        let quantity = words.next().and_then(|units| units.parse::<u32>().ok());
        let sku = words.nth(1);
        if let (Some(quantity), Some(sku)) = (quantity, sku) {
            lots.entry(sku.to_owned()).or_default().asked += quantity;
        }
    }
    lots
}

fn link(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{PUBLIC_URL}/answers/"))?;
    rest.lines().next().map(str::to_owned)
}
