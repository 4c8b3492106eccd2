//! How a person, or the demo, directs the outside world: `/_control/…`, JSON in and out.
//!
//! | call | what it does |
//! | --- | --- |
//! | `GET  log` | all that was sent here: method, URL, the status of the answer |
//! | `PUT  public-url` `{"url"}` | where suppliers reach us from now on |
//! | `PUT  tracking` `{"key", "throttled"}` | 17TRACK's key, and how many calls it refuses |
//! | `PUT  shops/{shop}` `{"kind", "secret"}` | opens a shop; its API is at `/shops/{shop}` |
//! | `POST shops/{shop}/orders` `{"order", "lines": [{"line_id", "quantity", "location"}], "books", "body"}` | sells; `books` are its [`Books`], `body` is what its webhook carries, for lists |
//! | `GET  shops/{shop}/orders/{order}` | what the shop shows of an order, and what it paid back |
//! | `PUT  shops/{shop}/gateway` `{"gateway", "loses_refund_answers"}` | how the shop's [`Gateway`] behaves |
//! | `PUT  labels` `{"key", "manner"}` | EasyPost's key, and a [`Manner`](super::labels::Manner); it is at `/easypost` |
//! | `GET  labels` | every shipment, and which were bought |
//! | `PUT  suppliers/{supplier}` `{"secret"}` | opens a supplier; its API is at `/suppliers/{supplier}` |
//! | `PUT  suppliers/{supplier}/manner` | a [`Manner`](super::supplier::Manner): how it behaves |
//! | `GET  suppliers` | every supplier's orders, and how often each was bought |
//! | `POST suppliers/{supplier}/accept` `{"reference"}` | accepts what it only received |
//! | `POST suppliers/{supplier}/ship` `{"reference", "carrier"}` | ships; gives the number |
//! | `POST suppliers/{supplier}/say` `{"reference", "type", …}` | says anything, signed |
//! | `POST suppliers/{supplier}/stock` `{"location", "sku", "on_hand"}` | reports stock |
//! | `PUT  endpoints/{endpoint}/manner` | a [`Manner`](super::endpoint::Manner): how it behaves |
//! | `GET  endpoints/{endpoint}` | what it was told |
//! | `POST parcels/{number}/advance`, `…/deliver` | moves a parcel one stage on, or to the door |
//! | `POST parcels/{number}/report` `{"sub_status"}` | lets a carrier say anything of it |
//! | `POST parcels/{number}/push` `{"service", "secret"}` | has `seventeen_track` or `aftership` tell us of it |
//!
//! A call that names a shop, a supplier or an order that is not there ends without an answer.

use anyhow::{Context, Result, bail};
use domain::settings::{ShopKind, TrackingService};
use jiff::Timestamp;
use ports::{Request, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::aftership::signature;
use super::shop::Sold;
use super::shop::books::{Books, Gateway};
use super::{World, json_response};

impl World {
    /// Does what it is told; none if the call is no control.
    pub fn control(&mut self, request: &Request, now: Timestamp) -> Option<Response> {
        let path = request.url.strip_prefix(&self.base_url)?.strip_prefix("/_control/")?.to_owned();
        Some(match self.direct(request, &path, now) {
            Ok(body) => json_response(200, &body),
            Err(error) => json_response(400, &json!({"problem": format!("{error:#}")})),
        })
    }

    fn direct(&mut self, request: &Request, path: &str, now: Timestamp) -> Result<Value> {
        let segments: Vec<&str> = path.split('/').collect();
        match (request.method, segments.as_slice()) {
            ("GET", ["log"]) => Ok(self.shown_log()),
            ("PUT", ["public-url"]) => {
                self.suppliers.public_url = text(request, "url")?;
                Ok(json!({}))
            }
            ("PUT", ["tracking"]) => {
                let tracking: Tracking = read(request)?;
                self.tracking.key = tracking.key;
                self.tracking.throttled = tracking.throttled;
                Ok(json!({}))
            }
            ("PUT", ["labels"]) => {
                let Labels { key, manner } = read(request)?;
                self.labels.key = key;
                self.labels.manner = manner;
                Ok(json!({}))
            }
            ("GET", ["labels"]) => Ok(json!(self.labels.shipments)),
            (method, ["shops", shop, rest @ ..]) => self.direct_shop(request, method, shop, rest),
            ("GET", ["suppliers"]) => {
                let all = self.suppliers.all().map(|(id, known)| (id.clone(), json!(known.orders)));
                Ok(Value::Object(all.collect()))
            }
            (method, ["suppliers", supplier, rest @ ..]) => {
                self.direct_supplier(request, method, supplier, rest, now)
            }
            ("PUT", ["endpoints", endpoint, "manner"]) => {
                self.endpoints.endpoint(endpoint).manner = read(request)?;
                Ok(json!({}))
            }
            ("GET", ["endpoints", endpoint]) => Ok(json!(self.endpoints.endpoint(endpoint))),
            ("POST", ["parcels", number, what]) => self.direct_parcel(request, number, what, now),
            _ => bail!("there is no such control"),
        }
    }

    fn direct_parcel(
        &mut self,
        request: &Request,
        number: &str,
        what: &str,
        now: Timestamp,
    ) -> Result<Value> {
        match what {
            "advance" => self.tracking.advance(number, now),
            "deliver" => self.tracking.deliver(number, now),
            "report" => self.tracking.report(number, now, &text(request, "sub_status")?),
            "push" => {
                let Push { service, secret } = read(request)?;
                let body = self.tracking.told(service, number).to_string().into_bytes();
                let content = ("content-type".to_owned(), "application/json".to_owned());
                self.suppliers.outbox.push_back(Request {
                    method: "POST",
                    url: format!("{}/tracking/{}", self.suppliers.public_url, service.name()),
                    headers: vec![content, signature(service, &secret, &body)],
                    body,
                });
            }
            _ => bail!("there is no such control of a parcel"),
        }
        Ok(json!({}))
    }

    fn direct_shop(
        &mut self,
        request: &Request,
        method: &str,
        shop: &str,
        rest: &[&str],
    ) -> Result<Value> {
        match (method, rest) {
            ("PUT", []) => {
                let Shop { kind, secret } = read(request)?;
                let api = format!("{}/shops/{shop}", self.base_url);
                self.shops.open(shop, kind, &api, &secret);
                Ok(json!({ "api": api }))
            }
            ("POST", ["orders"]) => {
                let Sale { order, lines, books, body } = read(request)?;
                let sold = |line: &SoldLine| (line.line_id.clone(), line.quantity, line.location);
                let sold: Vec<_> = lines.iter().map(sold).collect();
                let sold: Vec<Sold<'_>> = sold
                    .iter()
                    .map(|(line_id, quantity, location)| Sold {
                        line_id,
                        quantity: *quantity,
                        location: *location,
                    })
                    .collect();
                let shop = self.shops.shop(shop);
                shop.sell(&order, &sold);
                // What was paid back stays so when an order is sold anew.
                let refunds = std::mem::take(&mut shop.sale(&order).books.refunds);
                shop.sale(&order).books = Books { refunds, ..books };
                shop.state(&order, &body);
                Ok(json!({}))
            }
            ("PUT", ["gateway"]) => {
                let ShopGateway { gateway, loses_refund_answers } = read(request)?;
                let shop = self.shops.shop(shop);
                shop.gateway = gateway;
                shop.loses_refund_answers = loses_refund_answers;
                Ok(json!({}))
            }
            ("GET", ["orders", order]) => Ok(json!(self.shops.shop(shop).sale(order))),
            _ => bail!("there is no such control of a shop"),
        }
    }

    fn direct_supplier(
        &mut self,
        request: &Request,
        method: &str,
        supplier: &str,
        rest: &[&str],
        now: Timestamp,
    ) -> Result<Value> {
        match (method, rest) {
            ("PUT", []) => {
                let url = format!("{}/suppliers/{supplier}", self.base_url);
                self.suppliers.open(supplier, &url, &text(request, "secret")?);
                return Ok(json!({ "url": url }));
            }
            ("PUT", ["manner"]) => self.suppliers.supplier(supplier).manner = read(request)?,
            ("POST", ["accept"]) => {
                self.suppliers.accept(supplier, &text(request, "reference")?, now);
            }
            ("POST", ["ship"]) => {
                let carrier = text(request, "carrier")?;
                let reference = text(request, "reference")?;
                let number = self.suppliers.ship(supplier, &reference, &carrier, now);
                return Ok(json!({ "number": number }));
            }
            ("POST", ["say"]) => {
                let reference = text(request, "reference")?;
                self.suppliers.say(supplier, &reference, &read(request)?, now);
            }
            ("POST", ["stock"]) => {
                let Stock { location, sku, on_hand } = read(request)?;
                self.suppliers.report_stock(supplier, &location, &sku, on_hand, now);
            }
            _ => bail!("there is no such control of a supplier"),
        }
        Ok(json!({}))
    }

    fn shown_log(&self) -> Value {
        let entry = |(request, status): &(Request, Option<u16>)| json!({"method": request.method, "url": request.url, "status": status});
        self.log.iter().map(entry).collect()
    }
}

#[derive(Deserialize)]
struct Tracking {
    key: String,
    #[serde(default)]
    throttled: u32,
}

#[derive(Deserialize)]
struct Push {
    service: TrackingService,
    secret: String,
}

#[derive(Deserialize)]
struct Shop {
    kind: ShopKind,
    secret: String,
}

#[derive(Deserialize)]
struct Sale {
    order: String,
    lines: Vec<SoldLine>,
    #[serde(default)]
    books: Books,
    #[serde(default)]
    body: Value,
}

#[derive(Deserialize)]
struct ShopGateway {
    #[serde(default)]
    gateway: Gateway,
    #[serde(default)]
    loses_refund_answers: u32,
}

#[derive(Deserialize)]
struct Labels {
    key: String,
    #[serde(default)]
    manner: super::labels::Manner,
}

#[derive(Deserialize)]
struct SoldLine {
    line_id: String,
    quantity: u32,
    #[serde(default)]
    location: u64,
}

#[derive(Deserialize)]
struct Stock {
    location: String,
    sku: String,
    on_hand: u32,
}

fn read<T: DeserializeOwned>(request: &Request) -> Result<T> {
    serde_json::from_slice(&request.body).context("failed to read the body")
}

fn text(request: &Request, name: &str) -> Result<String> {
    let body: Value = read(request)?;
    body[name].as_str().map(str::to_owned).with_context(|| format!("`{name}` is missing"))
}
