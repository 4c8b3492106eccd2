//! What shops don't tell us, and what we find out by asking.

use anyhow::Result;

use super::Journey;
use crate::outside::shop::Shop;
use crate::purchase::Purchase;
use crate::system::Entry;

impl Journey {
    /// The shop changes an order now, and we don't hear of it.
    pub fn changes_silently(
        &mut self,
        purchase: &mut Purchase,
        change: impl FnOnce(&mut Purchase),
    ) {
        change(purchase);
        purchase.updated_at = self.now();
        self.shop(purchase.shop, |shop| shop.state(&purchase.order.to_string(), &purchase.body()));
    }

    /// Something in a shop.
    pub fn shop<T>(&mut self, shop: &str, change: impl FnOnce(&mut Shop) -> T) -> T {
        change(self.outside.borrow_mut().shops.shop(shop))
    }

    /// The shop's owner sends one unit of each line by hand, and we don't hear of it.
    pub fn sends_by_hand(&mut self, purchase: &mut Purchase, number: &str) {
        let ids: Vec<String> =
            (0..purchase.lines.len()).map(|index| purchase.line_id(index)).collect();
        let lines: Vec<(&str, u32)> = ids.iter().map(|line_id| (line_id.as_str(), 1)).collect();
        let order = purchase.order.to_string();
        self.shop(purchase.shop, |shop| shop.send_by_hand(&order, number, &lines));
        self.changes_silently(purchase, |_| {});
    }

    /// Reconciliation runs, once and alone.
    ///
    /// # Errors
    /// What it could not do now, or that it was killed.
    pub fn looks(&self) -> Result<()> {
        self.system.enter(&Entry::Look).map(drop)
    }

    /// Reconciliation runs, and all that follows.
    ///
    /// # Panics
    /// When it fails.
    pub fn reconciles(&mut self) {
        self.looks().expect("nothing stands in its way");
        self.settles();
    }

    /// How often a shop was asked something that contains this, in its address or in what was sent.
    #[must_use]
    pub fn asked(&self, text: &str) -> usize {
        let outside = self.outside.borrow();
        let is_such = |request: &&ports::Request| {
            request.url.contains(text) || String::from_utf8_lossy(&request.body).contains(text)
        };
        outside.shops.requests.iter().filter(is_such).count()
    }
}
