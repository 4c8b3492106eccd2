//! What customers were told, in `People` on DynamoDB, and whom nobody writes to any more.
//!
//! | attribute | of a notice | of one whom nobody writes to |
//! | --- | --- | --- |
//! | `pk` | the order's id, as its contact has it: what erases a person erases this | `suppressed#` and the keyed hash |
//! | `sk` | `notice#` and its name | `-` |
//! | `at` | when it was about to be sent | since when |
//! | `outcome` | JSON; missing while nobody knows | |

use anyhow::{Context, Result};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::id::OrderId;
use jiff::Timestamp;
use ports::{Noticed, Notices, Outcome};

use crate::batches::{Manner, Table};
use crate::items::{Item, every_item, item, json, json_of, text, text_of};
use crate::world::World;

/// What the sort key of a notice begins with. No reference of a contact has a `#`.
const NOTICE: &str = "notice#";

impl Notices for World {
    async fn begin_notice(&self, order_id: &OrderId, notice: &str, at: Timestamp) -> Result<bool> {
        let put = self
            .dynamodb()
            .put_item()
            .table_name(&self.config.table_people)
            .set_item(Some(row(order_id, notice, at)))
            .condition_expression("attribute_not_exists(pk) OR outcome = :put_off")
            .expression_attribute_values(":put_off", json(&Outcome::PutOff)?);
        match put.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(refused))
                if matches!(refused.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(error).with_context(|| failed("begin", order_id, notice)),
        }
    }

    async fn end_notice(
        &self,
        order_id: &OrderId,
        notice: &str,
        at: Timestamp,
        outcome: &Outcome,
    ) -> Result<()> {
        let mut row = row(order_id, notice, at);
        row.insert("outcome".to_owned(), json(outcome)?);
        let put =
            self.dynamodb().put_item().table_name(&self.config.table_people).set_item(Some(row));
        put.send().await.map(drop).with_context(|| failed("end", order_id, notice))
    }

    async fn notices(&self, order_id: &OrderId) -> Result<Vec<Noticed>> {
        let query = self
            .dynamodb()
            .query()
            .table_name(&self.config.table_people)
            .key_condition_expression("pk = :pk AND begins_with(sk, :notice)")
            .expression_attribute_values(":pk", text(order_id))
            .expression_attribute_values(":notice", text(NOTICE))
            .consistent_read(true);
        let failed = || format!("failed to read what the customer of `{order_id}` was told");
        let found = every_item(query).await.with_context(failed)?;
        found.iter().map(noticed).collect::<Result<_>>().with_context(failed)
    }

    async fn is_suppressed(&self, recipient: &str) -> Result<bool> {
        let (manner, pk) = (Manner::glance(Table::People), suppressed_pk(recipient));
        let found = self.read(manner, pk, "-".to_owned()).await;
        Ok(found.context("failed to read whether someone may be written to")?.is_some())
    }

    async fn suppress(&self, recipient: &str, at: Timestamp) -> Result<()> {
        let row =
            item([("pk", text(suppressed_pk(recipient))), ("sk", text("-")), ("at", text(at))]);
        let put =
            self.dynamodb().put_item().table_name(&self.config.table_people).set_item(Some(row));
        put.send().await.map(drop).context("failed to keep that nobody writes to someone any more")
    }
}

fn row(order_id: &OrderId, notice: &str, at: Timestamp) -> Item {
    item([("pk", text(order_id)), ("sk", text(format!("{NOTICE}{notice}"))), ("at", text(at))])
}

fn noticed(item: &Item) -> Result<Noticed> {
    let is_known = item.contains_key("outcome");
    Ok(Noticed {
        notice: text_of(item, "sk")?.trim_start_matches(NOTICE).to_owned(),
        at: text_of(item, "at")?.parse()?,
        outcome: is_known.then(|| json_of(item, "outcome")).transpose()?,
    })
}

fn suppressed_pk(recipient: &str) -> String {
    format!("suppressed#{recipient}")
}

fn failed(what: &str, order_id: &OrderId, notice: &str) -> String {
    format!("failed to {what} notice `{notice}` of order `{order_id}`")
}
