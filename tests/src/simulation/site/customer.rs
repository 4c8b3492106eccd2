//! What customers are sent, through calls that fail as all others do.

use anyhow::Result;
use domain::id::OrderId;
use jiff::Timestamp;
use ports::{Letter, Notes, Noticed, Notices, Outcome, Post, Sending, TextMessage};

use super::Site;

impl Post for Site {
    async fn send_letter(&self, letter: &Letter) -> Result<Sending> {
        self.call("send_letter", self.memory.send_letter(letter)).await
    }

    async fn send_text(&self, text: &TextMessage) -> Result<Sending> {
        self.call("send_text", self.memory.send_text(text)).await
    }
}

impl Notes for Site {
    async fn keep_note(&self, order_id: &OrderId, name: &str, text: &str) -> Result<()> {
        self.call("keep_note", self.memory.keep_note(order_id, name, text)).await
    }

    async fn note(&self, order_id: &OrderId, name: &str) -> Result<Option<String>> {
        self.call("note", self.memory.note(order_id, name)).await
    }
}

impl Notices for Site {
    async fn begin_notice(&self, order_id: &OrderId, notice: &str, at: Timestamp) -> Result<bool> {
        self.call("begin_notice", self.memory.begin_notice(order_id, notice, at)).await
    }

    async fn end_notice(
        &self,
        order_id: &OrderId,
        notice: &str,
        at: Timestamp,
        outcome: &Outcome,
    ) -> Result<()> {
        self.call("end_notice", self.memory.end_notice(order_id, notice, at, outcome)).await
    }

    async fn notices(&self, order_id: &OrderId) -> Result<Vec<Noticed>> {
        self.call("notices", self.memory.notices(order_id)).await
    }

    async fn is_suppressed(&self, recipient: &str) -> Result<bool> {
        self.call("is_suppressed", self.memory.is_suppressed(recipient)).await
    }

    async fn suppress(&self, recipient: &str, at: Timestamp) -> Result<()> {
        self.call("suppress", self.memory.suppress(recipient, at)).await
    }
}
