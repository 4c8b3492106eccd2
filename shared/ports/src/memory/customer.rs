//! What customers are sent, in memory, and the record of it.

use anyhow::Result;
use domain::id::OrderId;
use jiff::Timestamp;

use super::World;
use crate::{Letter, Noticed, Notices, Outcome, Post, Sending, TextMessage};

impl Post for World {
    async fn send_letter(&self, letter: &Letter) -> Result<Sending> {
        self.faults
            .call(|| {
                let mut letters = self.letters.borrow_mut();
                Ok(self.post.borrow().clone().unwrap_or_else(|| {
                    letters.push(letter.clone());
                    Sending::Sent { message_id: format!("letter-{}", letters.len()) }
                }))
            })
            .await
    }

    async fn send_text(&self, text: &TextMessage) -> Result<Sending> {
        self.faults
            .call(|| {
                let mut texts = self.texts.borrow_mut();
                Ok(self.post.borrow().clone().unwrap_or_else(|| {
                    texts.push(text.clone());
                    Sending::Sent { message_id: format!("text-{}", texts.len()) }
                }))
            })
            .await
    }
}

impl Notices for World {
    async fn begin_notice(&self, order_id: &OrderId, notice: &str, at: Timestamp) -> Result<bool> {
        self.faults
            .call(|| {
                let key = (order_id.clone(), notice.to_owned());
                let mut notices = self.notices.borrow_mut();
                let known = notices.get(&key);
                if known.is_some_and(|known| known.outcome != Some(Outcome::PutOff)) {
                    return Ok(false);
                }
                notices.insert(key, Noticed { notice: notice.to_owned(), at, outcome: None });
                Ok(true)
            })
            .await
    }

    async fn end_notice(
        &self,
        order_id: &OrderId,
        notice: &str,
        at: Timestamp,
        outcome: &Outcome,
    ) -> Result<()> {
        self.faults
            .call(|| {
                let noticed =
                    Noticed { notice: notice.to_owned(), at, outcome: Some(outcome.clone()) };
                let key = (order_id.clone(), notice.to_owned());
                self.notices.borrow_mut().insert(key, noticed);
                Ok(())
            })
            .await
    }

    async fn notices(&self, order_id: &OrderId) -> Result<Vec<Noticed>> {
        self.faults
            .call(|| {
                let notices = self.notices.borrow();
                let own = notices.iter().filter(|((known, _), _)| known == order_id);
                Ok(own.map(|(_, noticed)| noticed.clone()).collect())
            })
            .await
    }

    async fn is_suppressed(&self, recipient: &str) -> Result<bool> {
        self.faults.call(|| Ok(self.suppressed.borrow().contains(recipient))).await
    }

    async fn suppress(&self, recipient: &str, _at: Timestamp) -> Result<()> {
        self.faults
            .call(|| {
                self.suppressed.borrow_mut().insert(recipient.to_owned());
                Ok(())
            })
            .await
    }
}
