//! The shops of the outside world: they sell, and show what they are told of the parcels.
//!
//! - [`Shops`], [`Shop`], [`Sale`]: what there is, whatever language the shop speaks;
//! - [`books`]: the money of a sale;
//! - `shopify`, `woocommerce`, `own`: how it is asked and told; `listing`, `shopify_listing`: what it lists.

pub mod books;
mod listing;
mod own;
mod shopify;
mod shopify_listing;
mod woocommerce;

use std::collections::{BTreeMap, BTreeSet};

use domain::settings::ShopKind;
use jiff::Timestamp;
use ports::{Request, Response};
use serde::Serialize;
use serde_json::Value;

use books::{Books, Gateway};

/// Every shop, by the name that the settings give it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shops {
    shops: BTreeMap<String, Shop>,
    /// All that they were ever sent, in order.
    pub requests: Vec<Request>,
    is_answer_lost: bool,
}

/// One shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Shop {
    kind: ShopKind,
    api: String,
    secret: String,
    /// So many calls are refused from now on because there were too many: all of Shopify's, with `THROTTLED`, and of the
    /// others those that ask for lists, with 429.
    pub throttled: u32,
    /// So many calls are answered, and all that come after them refused like those; none refuses nothing.
    pub throttled_after: Option<u32>,
    /// Shopify: lines on a page of an answer.
    pub lines_per_page: usize,
    /// Orders on a page of a list, at the most.
    pub orders_per_page: usize,
    /// Nothing is answered but with 503.
    pub is_down: bool,
    /// WooCommerce: the extension "Shipment Tracking" is not installed.
    pub is_plugin_missing: bool,
    /// What its payment gateway does with refunds.
    pub gateway: Gateway,
    /// The answers to so many refunds from now on get lost.
    pub loses_refund_answers: u32,
    is_answer_lost: bool,
    sales: BTreeMap<String, Sale>,
    last_id: u64,
}

/// Units of a line that a shop sells from one of its locations.
#[derive(Debug, Clone, Copy)]
pub struct Sold<'a> {
    /// The shop's id of the line.
    pub line_id: &'a str,
    /// How many.
    pub quantity: u32,
    /// Where they lie.
    pub location: u64,
}

/// An order in its shop.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sale {
    /// How the shop states the order: the body of its webhook, without parcels; null where nobody asks.
    #[serde(skip)]
    pub body: Value,
    /// When that says that the order was changed.
    #[serde(skip)]
    stated_at: Option<Timestamp>,
    /// WooCommerce's `status`.
    pub status: String,
    /// What is still to be fulfilled: Shopify's fulfillment orders.
    pub to_fulfill: Vec<ToFulfill>,
    /// What the customer sees: a parcel twice is told twice.
    pub parcels: Vec<Parcel>,
    /// WooCommerce's notes.
    pub notes: Vec<Note>,
    /// What was paid, and what went back.
    pub books: Books,
    /// What it was told of requests to change it, other than by notes: Shopify's metafields, or our own JSON.
    pub answers: BTreeMap<String, String>,
    /// Shopify's tags.
    pub tags: BTreeSet<String>,
}

/// What is to be fulfilled from one location.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToFulfill {
    /// Of the fulfillment order.
    pub id: u64,
    /// Where.
    pub location: u64,
    /// The shop's owner holds it back.
    pub is_on_hold: bool,
    /// Units that remain.
    pub lines: Vec<Remaining>,
}

/// Units of a line that remain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remaining {
    /// Of the line in the fulfillment order.
    pub id: u64,
    /// Of the line in the order.
    pub line_id: String,
    /// How many.
    pub quantity: u32,
}

/// A parcel, as the shop shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Parcel {
    /// The shop's name for it.
    pub reference: String,
    /// The tracking number.
    pub number: String,
    /// The carrier, as it was told.
    pub carrier: String,
    /// The link that it was told, if any.
    pub url: Option<String>,
    /// Units in it, by line; WooCommerce doesn't ask.
    pub lines: BTreeMap<String, u32>,
    /// How often it was told that the parcel arrived.
    pub deliveries: u32,
    /// The shop's owner took it back.
    pub is_cancelled: bool,
}

/// A note in an order of WooCommerce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Of the note.
    pub id: u64,
    /// What it says.
    pub note: String,
    /// Whether the customer reads it.
    pub customer_note: bool,
}

impl Shops {
    /// Opens a shop: what the settings say of it, and the secret that its API asks for.
    pub fn open(&mut self, id: &str, kind: ShopKind, api: &str, secret: &str) {
        let shop = Shop {
            kind,
            api: api.to_owned(),
            secret: secret.to_owned(),
            throttled: 0,
            throttled_after: None,
            lines_per_page: 200,
            orders_per_page: 100,
            is_down: false,
            is_plugin_missing: false,
            gateway: Gateway::Pays,
            loses_refund_answers: 0,
            is_answer_lost: false,
            sales: BTreeMap::new(),
            last_id: 1_000,
        };
        self.shops.insert(id.to_owned(), shop);
    }

    /// The shop of that name.
    ///
    /// # Panics
    /// When it was never opened.
    pub fn shop(&mut self, id: &str) -> &mut Shop {
        self.shops.get_mut(id).expect("the shop was opened")
    }

    /// The shop of that name, if it was opened.
    #[must_use]
    pub fn known(&self, id: &str) -> Option<&Shop> {
        self.shops.get(id)
    }

    /// Forgets what they were sent, and how many ids they gave.
    pub(super) fn forget_calls(&mut self) {
        self.requests.clear();
        self.shops.values_mut().for_each(|shop| shop.last_id = 0);
    }

    /// Forgets that it was told something twice that says the same: that a parcel arrived, or a note.
    pub fn forget_repetitions(&mut self) {
        for shop in self.shops.values_mut() {
            shop.last_id = 0;
            for sale in shop.sales.values_mut() {
                for parcel in &mut sale.parcels {
                    parcel.deliveries = parcel.deliveries.min(1);
                }
                sale.notes.iter_mut().for_each(|note| note.id = 0);
                sale.notes.dedup();
            }
        }
    }

    /// Answers a call to one of the shops; none if it is to none of them.
    pub fn answer(&mut self, request: &Request) -> Option<Response> {
        let path_in = |shop: &Shop| request.url.strip_prefix(&shop.api)?.strip_prefix('/');
        let mut paths = self.shops.values_mut().map(|shop| (path_in(shop), shop));
        let (path, shop) = paths.find_map(|(path, shop)| Some((path?, shop)))?;
        self.requests.push(request.clone());
        if let Some(left) = shop.throttled_after {
            shop.throttled_after = Some(left.saturating_sub(1));
            shop.throttled += u32::from(left == 0);
        }
        if shop.is_down {
            return Some(json(503, &Value::Null));
        }
        let response = match shop.kind {
            ShopKind::Shopify => shopify::answer(shop, request, path),
            ShopKind::Woocommerce => woocommerce::answer(shop, request, path),
            ShopKind::Onward => own::answer(shop, request, path),
        };
        self.is_answer_lost = std::mem::take(&mut shop.is_answer_lost);
        Some(response)
    }

    /// Whether the answer that was given last gets lost on its way.
    pub fn loses_answer(&mut self) -> bool {
        std::mem::take(&mut self.is_answer_lost)
    }
}

impl Shop {
    /// Sells: from now on the shop knows the order. One fulfillment order for each location.
    pub fn sell(&mut self, order: &str, sold: &[Sold<'_>]) {
        // What was paid stays paid when an order is sold anew, with other lines.
        let books = self.sales.remove(order).map(|sale| sale.books).unwrap_or_default();
        let mut sale = Sale { status: "processing".to_owned(), books, ..Sale::default() };
        for Sold { line_id, quantity, location } in sold {
            let line =
                Remaining { id: self.id(), line_id: (*line_id).to_owned(), quantity: *quantity };
            match sale.to_fulfill.iter_mut().find(|known| known.location == *location) {
                Some(known) => known.lines.push(line),
                None => sale.to_fulfill.push(ToFulfill {
                    id: self.id(),
                    location: *location,
                    is_on_hold: false,
                    lines: vec![line],
                }),
            }
        }
        self.sales.insert(order.to_owned(), sale);
    }

    /// An order that it sold.
    ///
    /// # Panics
    /// When it never did.
    pub fn sale(&mut self, order: &str) -> &mut Sale {
        self.sales.get_mut(order).expect("the shop sold the order")
    }

    /// Someone deletes an order in the shop.
    pub fn forget(&mut self, order: &str) {
        self.sales.remove(order);
    }

    /// Someone restores it.
    pub fn remember(&mut self, order: &str, sale: Sale) {
        self.sales.insert(order.to_owned(), sale);
    }

    /// An order, if it sold it.
    #[must_use]
    pub fn known(&self, order: &str) -> Option<&Sale> {
        self.sales.get(order)
    }

    /// A refund was made: its answer gets lost, if that is the shop's manner.
    fn loses_answer(&mut self) {
        self.is_answer_lost = self.loses_refund_answers > 0;
        self.loses_refund_answers = self.loses_refund_answers.saturating_sub(1);
    }

    fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

impl Sale {
    /// Every number that the customer sees, as often as it is shown.
    #[must_use]
    pub fn numbers(&self) -> Vec<&str> {
        self.parcels.iter().map(|parcel| parcel.number.as_str()).collect()
    }
}

fn json(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string().into_bytes() }
}
