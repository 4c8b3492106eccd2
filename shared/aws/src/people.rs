//! `People` on DynamoDB: personal data, one item per order and contact.
//!
//! | attribute | |
//! | --- | --- |
//! | `pk` | the order's id |
//! | `sk` | the contact's reference |
//! | `contact` | JSON |
//! | `payload` | what the shop sent, byte for byte, deflated (RFC 1951) |

use anyhow::{Context, Result};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use deflate::Effort;
use domain::id::OrderId;
use domain::order::fact::ContactRef;
use domain::shop_order::Contact;
use ports::People;

use crate::items::{item, json, json_of, text};
use crate::world::World;

impl People for World {
    async fn keep(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
        contact: &Contact,
        payload: &[u8],
    ) -> Result<()> {
        let kept = item([
            ("pk", text(order_id)),
            ("sk", text(&contact_ref.0)),
            ("contact", json(contact)?),
            ("payload", AttributeValue::B(Blob::new(deflate::raw(payload, Effort::USUAL)))),
        ]);
        let put =
            self.dynamodb().put_item().table_name(&self.config.table_people).set_item(Some(kept));
        put.send()
            .await
            .with_context(|| format!("failed to keep the contact of order `{order_id}`"))?;
        Ok(())
    }

    async fn contact(
        &self,
        order_id: &OrderId,
        contact_ref: &ContactRef,
    ) -> Result<Option<Contact>> {
        let failed = || format!("failed to read the contact of order `{order_id}`");
        let get = self
            .dynamodb()
            .get_item()
            .table_name(&self.config.table_people)
            .key("pk", text(order_id))
            .key("sk", text(&contact_ref.0))
            .projection_expression("contact");
        // It never changes, so that what shows at half the price is right; what was just kept may not show.
        let mut found = get.clone().send().await.with_context(failed)?.item;
        if found.is_none() {
            found = get.consistent_read(true).send().await.with_context(failed)?.item;
        }
        found.map(|found| json_of(&found, "contact")).transpose().with_context(failed)
    }
}
