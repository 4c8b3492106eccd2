//! What customers buy, as the webhooks of three kinds of shops: for journeys, end-to-end tests and the demo.

use std::collections::BTreeMap;

use connectors::signature::{sign_base64, sign_standard};
use domain::id::OrderId;
use domain::settings::ShopKind;
use jiff::Timestamp;
use ports::Inbound;
use serde_json::{Value, json};

/// One purchase in a shop, at one moment of its life.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// The shop's name in the settings.
    pub shop: &'static str,
    /// What the shop speaks.
    pub kind: ShopKind,
    /// The shop's own id of the order: digits.
    pub order: u64,
    /// When it was bought.
    pub placed_at: Timestamp,
    /// When the shop last changed it.
    pub updated_at: Timestamp,
    /// What was bought.
    pub lines: Vec<Bought>,
    /// Whether it is paid.
    pub is_paid: bool,
    /// Whether the shop cancelled it.
    pub is_cancelled: bool,
    /// Whether the customer paid for speed.
    pub is_express: bool,
    /// Whether the shop's owner tests.
    pub is_test: bool,
    /// Where it goes.
    pub to: Destination,
}

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// The shop's article number.
    pub sku: &'static str,
    /// Units.
    pub quantity: u32,
    /// Price of one, in cents.
    pub unit_price_minor: i64,
}

/// Who bought and where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destination {
    /// Name of the person.
    pub name: &'static str,
    /// Street and house number.
    pub street: &'static str,
    /// Postal code; empty for an address that lacks it.
    pub postal_code: &'static str,
    /// City.
    pub city: &'static str,
    /// Country, two letters.
    pub country: &'static str,
    /// Country of the bill, two letters.
    pub billing_country: &'static str,
}

/// A customer in Germany.
pub const LEIPZIG: Destination = Destination {
    name: "Mara Beispiel",
    street: "Testweg 12",
    postal_code: "04109",
    city: "Leipzig",
    country: "DE",
    billing_country: "DE",
};

/// A customer in France.
pub const LYON: Destination = Destination {
    name: "Émile Exemple",
    street: "3 rue de l'Essai",
    postal_code: "69002",
    city: "Lyon",
    country: "FR",
    billing_country: "FR",
};

/// A customer in the United States.
pub const PORTLAND: Destination = Destination {
    name: "Pat Sample",
    street: "400 Example Avenue",
    postal_code: "97205",
    city: "Portland",
    country: "US",
    billing_country: "US",
};

/// What the customer pays for shipping, in cents: at any speed, and for speed.
const SHIPPING_MINOR: (i64, i64) = (490, 1490);

impl Purchase {
    /// A paid purchase of lines, to Germany.
    #[must_use]
    pub fn new(
        shop: &'static str,
        kind: ShopKind,
        order: u64,
        placed_at: Timestamp,
        lines: &[Bought],
    ) -> Self {
        Self {
            shop,
            kind,
            order,
            placed_at,
            updated_at: placed_at,
            lines: lines.to_vec(),
            is_paid: true,
            is_cancelled: false,
            is_express: false,
            is_test: false,
            to: LEIPZIG,
        }
    }

    /// Our id of the order.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        OrderId::parse(&format!("{}/{}", self.shop, self.order))
            .expect("shops of tests have plain names")
    }

    /// The shop's id of a line, counted from 0.
    #[must_use]
    pub fn line_id(&self, index: usize) -> String {
        format!("{}{:02}", self.order, index + 1)
    }

    /// The webhook as our API hands it over, signed with the shop's secret at `now`.
    #[must_use]
    pub fn webhook(&self, topic: &str, secret: &str, now: Timestamp) -> Inbound {
        self.signed(topic, secret, now, self.body().to_string().into_bytes())
    }

    /// How its shop states it: the body of the webhook.
    #[must_use]
    pub fn body(&self) -> Value {
        match self.kind {
            ShopKind::Shopify => self.shopify(),
            ShopKind::Woocommerce => self.woocommerce(),
            ShopKind::Onward => self.own(),
        }
    }

    /// A body of any bytes, signed like the shop's own.
    #[must_use]
    pub fn signed(&self, topic: &str, secret: &str, now: Timestamp, body: Vec<u8>) -> Inbound {
        let headers = match self.kind {
            ShopKind::Shopify => vec![
                ("x-shopify-topic", topic.to_owned()),
                ("x-shopify-shop-domain", format!("{}.myshopify.com", self.shop)),
                ("x-shopify-hmac-sha256", sign_base64(secret, &[&body])),
            ],
            ShopKind::Woocommerce => vec![
                ("x-wc-webhook-topic", topic.to_owned()),
                ("x-wc-webhook-signature", sign_base64(secret, &[&body])),
            ],
            ShopKind::Onward => {
                let id = format!("msg_{}_{}", self.order, self.updated_at.as_second());
                let signature =
                    sign_standard(secret, &id, now, &body).expect("secrets of tests are `whsec_`");
                vec![
                    ("webhook-id", id),
                    ("webhook-timestamp", now.as_second().to_string()),
                    ("webhook-signature", signature),
                ]
            }
        };
        let kind = match self.kind {
            ShopKind::Shopify => "shopify",
            ShopKind::Woocommerce => "woocommerce",
            ShopKind::Onward => "onward",
        };
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let named = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
        Inbound {
            method: "POST".to_owned(),
            route: "/webhooks/{kind}/{shop}".to_owned(),
            parameters: BTreeMap::from([
                ("kind".to_owned(), kind.to_owned()),
                ("shop".to_owned(), self.shop.to_owned()),
            ]),
            headers: std::iter::once(json).chain(named).collect(),
            body,
            ..Inbound::default()
        }
    }

    /// What the customer pays for shipping, in cents.
    #[must_use]
    pub fn shipping_minor(&self) -> i64 {
        if self.is_express { SHIPPING_MINOR.1 } else { SHIPPING_MINOR.0 }
    }

    fn shipping_title(&self) -> &'static str {
        if self.is_express { "Express" } else { "Standard" }
    }

    /// What the customer pays in all, in cents.
    #[must_use]
    pub fn total_minor(&self) -> i64 {
        self.lines.iter().map(|line| line.unit_price_minor * i64::from(line.quantity)).sum::<i64>()
            + self.shipping_minor()
    }

    /// The shape of Shopify's REST Admin order, 2026-07, as its webhooks carry it.
    fn shopify(&self) -> Value {
        let line = |(index, line): (usize, &Bought)| {
            json!({
                "id": self.line_id(index).parse::<u64>().unwrap_or_default(),
                "sku": line.sku, "title": line.sku, "name": line.sku,
                "quantity": line.quantity, "current_quantity": line.quantity, "fulfillable_quantity": line.quantity,
                "price": decimal(line.unit_price_minor), "total_discount": "0.00", "discount_allocations": [],
                "requires_shipping": true, "gift_card": false, "properties": [], "tax_lines": []
            })
        };
        let status = if self.is_paid { "paid" } else { "pending" };
        let cancelled_at = self.is_cancelled.then_some(self.updated_at);
        let address = |country: &str| {
            json!({
                "name": self.to.name, "company": null, "address1": self.to.street, "address2": null,
                "zip": self.to.postal_code, "city": self.to.city, "province": null, "province_code": null,
                "country": country, "country_code": country, "phone": null
            })
        };
        json!({
            "id": self.order, "name": format!("#{}", self.order), "order_number": self.order, "test": self.is_test,
            "created_at": self.placed_at, "processed_at": self.placed_at, "updated_at": self.updated_at,
            "currency": "EUR", "presentment_currency": "EUR", "financial_status": status, "fulfillment_status": null,
            "cancelled_at": cancelled_at, "cancel_reason": cancelled_at.map(|_| "customer"),
            "email": "customer@example.com", "phone": null, "note": null, "note_attributes": [], "source_name": "web",
            "subtotal_price": decimal(self.total_minor() - self.shipping_minor()),
            "total_discounts": "0.00", "total_tax": "0.00", "taxes_included": false,
            "total_price": decimal(self.total_minor()), "current_total_price": decimal(self.total_minor()),
            "line_items": self.lines.iter().enumerate().map(line).collect::<Vec<_>>(),
            "shipping_lines": [{
                "id": 1, "title": self.shipping_title(), "code": self.shipping_title(),
                "price": decimal(self.shipping_minor()), "discounted_price": decimal(self.shipping_minor())
            }],
            "shipping_address": address(self.to.country), "billing_address": address(self.to.billing_country),
            "refunds": []
        })
    }

    /// The shape of WooCommerce's REST v3 order.
    fn woocommerce(&self) -> Value {
        let line = |(index, line): (usize, &Bought)| {
            let total = decimal(line.unit_price_minor * i64::from(line.quantity));
            json!({
                "id": self.line_id(index).parse::<u64>().unwrap_or_default(),
                "name": line.sku, "sku": line.sku, "product_id": 10 + index, "variation_id": 0,
                "quantity": line.quantity, "subtotal": total, "total": total, "total_tax": "0.00", "meta_data": []
            })
        };
        let status = match (self.is_cancelled, self.is_paid) {
            (true, _) => "cancelled",
            (false, true) => "processing",
            (false, false) => "pending",
        };
        let (first_name, last_name) = self.to.name.split_once(' ').unwrap_or((self.to.name, ""));
        let address = |country: &str| {
            json!({
                "first_name": first_name, "last_name": last_name, "company": "", "address_1": self.to.street,
                "address_2": "", "city": self.to.city, "state": "", "postcode": self.to.postal_code,
                "country": country, "email": "customer@example.com", "phone": ""
            })
        };
        json!({
            "id": self.order, "number": self.order.to_string(), "status": status, "currency": "EUR",
            "date_created_gmt": without_zone(self.placed_at), "date_modified_gmt": without_zone(self.updated_at),
            "date_paid_gmt": self.is_paid.then(|| without_zone(self.placed_at)), "prices_include_tax": true,
            "discount_total": "0.00", "shipping_total": decimal(self.shipping_minor()), "total_tax": "0.00",
            "total": decimal(self.total_minor()), "customer_id": 0, "customer_note": "", "payment_method": "card",
            "billing": address(self.to.billing_country), "shipping": address(self.to.country),
            "line_items": self.lines.iter().enumerate().map(line).collect::<Vec<_>>(),
            "shipping_lines": [{
                "id": 1, "method_title": self.shipping_title(), "method_id": "flat_rate",
                "total": decimal(self.shipping_minor()), "total_tax": "0.00", "meta_data": []
            }],
            "fee_lines": [], "coupon_lines": [], "tax_lines": [], "refunds": [], "meta_data": []
        })
    }

    /// Our own order JSON, by its published schema.
    fn own(&self) -> Value {
        let line = |(index, line): (usize, &Bought)| {
            json!({
                "id": self.line_id(index), "sku": line.sku, "title": line.sku, "quantity": line.quantity,
                "unit_price": decimal(line.unit_price_minor)
            })
        };
        let address = |country: &str| {
            json!({
                "name": self.to.name, "lines": [self.to.street], "city": self.to.city,
                "postal_code": self.to.postal_code, "country": country
            })
        };
        json!({
            "id": self.order.to_string(), "number": format!("D-{}", self.order), "test": self.is_test,
            "placed_at": self.placed_at, "updated_at": self.updated_at,
            "payment": if self.is_paid { "paid" } else { "pending" },
            "cancelled": self.is_cancelled.then_some("customer"), "currency": "EUR",
            "lines": self.lines.iter().enumerate().map(line).collect::<Vec<_>>(),
            "shipping": {
                "title": self.shipping_title(), "express": self.is_express, "price": decimal(self.shipping_minor())
            },
            "total": decimal(self.total_minor()),
            "customer": { "email": "customer@example.com" },
            "addresses": { "shipping": address(self.to.country), "billing": address(self.to.billing_country) }
        })
    }
}

fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// UTC without saying so, as WooCommerce writes its `_gmt` times.
fn without_zone(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
