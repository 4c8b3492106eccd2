//! Links in mails: `/answers/{token}`. Opening one shows a page; only sending its form does something.

use anyhow::{Context, Result};
use connectors::supplier_mail::{page, read_token};
use domain::id::{FulfillmentOrderId, OrderId, reference};
use domain::order::answer::Refusal;
use domain::order::{FulfillmentOrder, Order};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ports::{Catalog, Clock, Events, Inbound, Queues, Reply, Secrets, while_reading_kept};

/// The name of the secret that signs links.
const SECRET: &str = "links";

pub(crate) async fn answer(
    world: &(impl Clock + Events + Catalog + Queues + Secrets),
    inbound: &Inbound,
) -> Result<Reply> {
    let secrets = while_reading_kept(world, world.secret(SECRET)).await?;
    let Some((order_id, fulfillment_order_id)) =
        read_token(&secrets, inbound.parameter("token"), world.now())
    else {
        return Ok(not_found());
    };
    let order = world.load_order(&order_id).await?.order;
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Ok(not_found());
    };
    let today = world.now().to_zoned(TimeZone::UTC).date();
    let link = Link { order_id: &order_id, fulfillment_order_id, today };
    if inbound.method == "POST" {
        return link.post(world, &order, fulfillment_order, &inbound.body).await;
    }
    Ok(link.page(200, &order, ""))
}

/// A link that is good.
struct Link<'a> {
    order_id: &'a OrderId,
    fulfillment_order_id: FulfillmentOrderId,
    today: Date,
}

impl Link<'_> {
    async fn post(
        &self,
        world: &(impl Clock + Events + Catalog + Queues),
        order: &Order,
        fulfillment_order: &FulfillmentOrder,
        form: &[u8],
    ) -> Result<Reply> {
        let answers = match page::parse_form(form, fulfillment_order, self.today) {
            Ok(answers) => answers,
            Err(unreadable) => return Ok(self.page(400, order, &unreadable.to_string())),
        };
        let settings = world.settings().await?;
        let supplier = settings.supplier(fulfillment_order.supplier());
        let supplier = supplier.with_context(|| {
            format!("supplier of `{}` is not in the settings", self.reference())
        })?;
        let taken =
            crate::record(world, self.order_id, self.fulfillment_order_id, supplier, &answers)
                .await?;
        Ok(match taken {
            Ok(taken) => self.page(200, &taken.order, "Thank you, we have noted that."),
            Err(refusal @ Refusal::ForeignSku(_)) => self.page(400, order, &refusal.to_string()),
            Err(refusal) => self.page(409, order, &refusal.to_string()),
        })
    }

    fn page(&self, status: u16, order: &Order, note: &str) -> Reply {
        let Some(fulfillment_order) = order.fulfillment_orders.get(&self.fulfillment_order_id)
        else {
            return not_found();
        };
        let body = page::show(order, &self.reference(), fulfillment_order, self.today, note);
        Reply { status, headers: page::headers(), body }
    }

    fn reference(&self) -> String {
        reference(self.order_id, self.fulfillment_order_id)
    }
}

/// The same for a forged link, an expired one, and one that leads nowhere.
fn not_found() -> Reply {
    Reply { status: 404, headers: page::headers(), body: page::not_found() }
}
