//! What a journey comes to, without the times at which it got there: to compare one with another.

use std::collections::BTreeMap;

use domain::id::OrderId;
use domain::order::Recorded;
use domain::order::fact::Fact;
use domain::order::phase::phase;
use domain::order::refund::fact::RefundFact;
use domain::order::returns::fact::ReturnFact;

use super::Journey;

/// What two journeys have in common that differ only in what failed, came twice, or came in another order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The phase of each order.
    pub phases: BTreeMap<OrderId, &'static str>,
    /// How many facts of each name each order has.
    pub facts: BTreeMap<OrderId, BTreeMap<&'static str, u32>>,
    /// The keys of all documents; their hashes are in them.
    pub documents: Vec<String>,
    /// Purchases, push-backs, mails, documents and stock, in words, in no order.
    pub sent: Vec<String>,
}

/// The names of facts. An intent that was renewed, because whoever had it died, counts once.
#[must_use]
pub fn names(history: &[Recorded]) -> Vec<&'static str> {
    let is_intent = |fact: &Fact| {
        matches!(
            fact,
            Fact::Return(ReturnFact::ReturnLabelStarted { .. })
                | Fact::Refund(RefundFact::RefundSubmitted { .. })
        )
    };
    let is_known = |at: usize, fact: &Fact| history[..at].iter().any(|known| known.fact == *fact);
    let facts = history.iter().map(|recorded| &recorded.fact).enumerate();
    let news = facts.filter(|(at, fact)| !is_intent(fact) || !is_known(*at, fact));
    news.map(|(_, fact)| fact.name()).collect()
}

impl Journey {
    /// How it ended. Checks on the way what must be true of every journey.
    ///
    /// # Panics
    /// When that is not true.
    #[must_use]
    pub fn ending(&mut self) -> Ending {
        self.check();
        let documents = self.system.world.documents.borrow().keys().cloned().collect();
        let mut sent: Vec<String> = self.sent().lines().map(str::to_owned).collect();
        sent.sort();
        let mut ending =
            Ending { phases: BTreeMap::new(), facts: BTreeMap::new(), documents, sent };
        for order_id in self.order_ids() {
            let (order, history) = self.system.order(&order_id);
            ending.phases.insert(order_id.clone(), phase(&order).name());
            let counts = ending.facts.entry(order_id).or_default();
            for name in names(&history) {
                *counts.entry(name).or_default() += 1;
            }
        }
        ending
    }
}
