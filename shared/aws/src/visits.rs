//! What visitors of the returns portal leave in `People` on DynamoDB: what they wrote, and how often they tried.
//!
//! | attribute | of a note | of attempts |
//! | --- | --- | --- |
//! | `pk` | the order's id, as its contact has it: what erases a person erases this | `attempts#` and the key |
//! | `sk` | `note#` and its name | `-` |
//! | `text` | what was written | |
//! | `attempts` | | how many |
//! | `expires_at` | | when DynamoDB may delete it, seconds since 1970 |

use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::id::OrderId;
use jiff::Timestamp;
use ports::{Attempts, Notes};

use crate::batches::{Manner, Table};
use crate::items::{item, number, number_of, text, text_of};
use crate::world::World;

impl Notes for World {
    async fn keep_note(&self, order_id: &OrderId, name: &str, written: &str) -> Result<()> {
        let note = item([
            ("pk", text(order_id)),
            ("sk", text(format!("note#{name}"))),
            ("text", text(written)),
        ]);
        let put =
            self.dynamodb().put_item().table_name(&self.config.table_people).set_item(Some(note));
        let kept = put.send().await;
        kept.map(drop).with_context(|| format!("failed to keep a note of order `{order_id}`"))
    }

    async fn note(&self, order_id: &OrderId, name: &str) -> Result<Option<String>> {
        let (manner, sk) = (Manner::glance(Table::People), format!("note#{name}"));
        let found = self.read(manner, order_id.to_string(), sk).await;
        let found =
            found.with_context(|| format!("failed to read a note of order `{order_id}`"))?;
        found.map(|found| text_of(&found, "text").map(str::to_owned)).transpose()
    }
}

impl Attempts for World {
    async fn attempt(&self, key: &str, until: Timestamp) -> Result<u32> {
        let update = self
            .dynamodb()
            .update_item()
            .table_name(&self.config.table_people)
            .key("pk", text(format!("attempts#{key}")))
            .key("sk", text("-"))
            .update_expression("ADD attempts :one SET expires_at = :until")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":until", number(until.as_second()))
            .return_values(ReturnValue::UpdatedNew);
        let counted = update.send().await.context("failed to count an attempt")?;
        let counted = counted.attributes.context("the table did not say how many there are")?;
        Ok(u32::try_from(number_of(&counted, "attempts")?)?)
    }
}
