//! Shopify: what came of a request to change an order, for the shop's people.
//!
//! Apps can't write into an order's timeline, and its one note is the customer's own: to add to it would be to overwrite
//! what someone types there meanwhile. So the order gets a tag (`onward-2-too-late`), by which it is found in lists, and
//! the sentence as metafield `onward.request_2`. Both are sets: to add what is there changes nothing, so nobody has to
//! look first.

use anyhow::Result;
use ports::Http;
use serde_json::json;

use super::super::admin::{call, refuse};
use super::answers::{ORDER_ANSWER, OrderAnswered};
use crate::shipment::{Access, Shown};
use crate::shop_answer::ShopAnswer;

/// Tells the shop. The secret is an access token of the Admin API.
///
/// # Errors
/// When the shop can't be reached, throttles us, or refuses.
pub async fn tell(http: &impl Http, access: Access<'_>, answer: &ShopAnswer<'_>) -> Result<Shown> {
    let order = format!("gid://shopify/Order/{}", answer.order);
    let tag = format!("onward-{}-{}", answer.request, answer.verdict.name().replace('_', "-"));
    let variables = json!({
        "id": order,
        "tags": [tag],
        "metafields": [{
            "ownerId": order,
            "namespace": "onward",
            "key": format!("request_{}", answer.request),
            "type": "single_line_text_field",
            "value": answer.sentence(),
        }],
    });
    let answered: OrderAnswered = call(http, access, ORDER_ANSWER, &variables).await?;
    refuse(ORDER_ANSWER, &answered.tags_add.user_errors)?;
    refuse(ORDER_ANSWER, &answered.metafields_set.user_errors)?;
    Ok(Shown { reference: tag, found: false })
}
