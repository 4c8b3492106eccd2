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

use crate::batches::{Manner, Table};
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
        let read = |is_consistent| {
            let attributes = Some("pk, sk, contact");
            let manner = Manner { table: Table::People, is_consistent, attributes };
            self.read(manner, order_id.to_string(), contact_ref.0.clone())
        };
        // It never changes, so that what shows at half the price is right; what was just kept may not show.
        let mut found = read(false).await.with_context(failed)?;
        if found.is_none() {
            found = read(true).await.with_context(failed)?;
        }
        found.map(|found| json_of(&found, "contact")).transpose().with_context(failed)
    }
}
