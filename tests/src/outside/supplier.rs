//! The suppliers of the outside world: they take orders by our protocol, ship them, and can be told to misbehave.

use std::collections::{BTreeMap, VecDeque};

use connectors::signature::{sign_standard, verify_standard};
use jiff::Timestamp;
use ports::{Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::json_response;

/// Every supplier, by the name that the settings give it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suppliers {
    suppliers: BTreeMap<String, Supplier>,
    /// Calls to us that they want to make: signed, to be delivered by whoever plays the network.
    pub outbox: VecDeque<Request>,
    /// Where they reach us.
    pub public_url: String,
    parcels: u64,
}

/// One supplier.
#[derive(Debug, Clone, PartialEq)]
pub struct Supplier {
    url: String,
    secret: String,
    /// What it does with what comes.
    pub manner: Manner,
    /// What it was asked for, by our reference.
    pub orders: BTreeMap<String, Order>,
}

/// What a supplier does with what comes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manner {
    /// What it says to an order.
    pub says: Says,
    /// Its own article numbers that it turns out not to have, whatever it says otherwise.
    pub has_no: Vec<String>,
    /// So many calls from now on it acts on, and the answer gets lost.
    pub loses_answers: u32,
    /// So many calls from now on find nobody there.
    pub is_away: u32,
    /// It answers each of these calls with status 503.
    pub is_busy: u32,
    /// Its answers take so long; only where time passes by itself, see `bin/outside.rs`.
    pub delay_ms: u64,
    /// It knows no idempotency: what comes again it buys again.
    pub buys_again: bool,
    /// It says everything twice.
    pub repeats: bool,
    /// What it says to a cancellation; none means what fits the order.
    pub cancels: Option<Cancels>,
    /// What it says to another address; none means what fits the order.
    pub readdresses: Option<Cancels>,
}

/// What a supplier says to an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Yes, at once.
    #[default]
    Accepted,
    /// That it has it; yes or no comes later.
    Received,
    /// Yes to one unit of each line, no to the others.
    One,
    /// No.
    OutOfStock,
}

/// What a supplier says to a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancels {
    /// That it will say later.
    Pending,
    /// No.
    Refused,
}

/// An order at a supplier.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Order {
    /// How it stands: `received`, `accepted`, `rejected`, `cancelled` …
    pub status: String,
    /// Units that it will ship, by its own article number.
    pub accepted: BTreeMap<String, u32>,
    /// Units that it will not ship.
    pub rejected: BTreeMap<String, u32>,
    /// How often it was bought: 1, whatever happens.
    pub purchases: u32,
    /// How often it came.
    pub submissions: u32,
    /// The numbers of its parcels.
    pub parcels: Vec<String>,
    /// What it was sent, as it came last.
    pub submission: Value,
    /// The newest address that it was told later, and where it sends what it has not shipped.
    pub change: u64,
    /// Where it sends it; where its submission says, until it changes that.
    pub ship_to: Value,
}

impl Suppliers {
    /// Opens a supplier: the URL that the settings give it, and the secret that signs both ways.
    pub fn open(&mut self, id: &str, url: &str, secret: &str) {
        let supplier = Supplier {
            url: url.to_owned(),
            secret: secret.to_owned(),
            manner: Manner::default(),
            orders: BTreeMap::new(),
        };
        self.suppliers.insert(id.to_owned(), supplier);
    }

    /// The supplier of that name.
    ///
    /// # Panics
    /// When it was never opened.
    pub fn supplier(&mut self, id: &str) -> &mut Supplier {
        self.suppliers.get_mut(id).expect("the supplier was opened")
    }

    /// Each supplier and what it was asked for.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Supplier)> {
        self.suppliers.iter()
    }

    /// Forgets how often each order came; how often it was bought stays.
    pub(super) fn forget_calls(&mut self) {
        let orders = self.suppliers.values_mut().flat_map(|supplier| supplier.orders.values_mut());
        orders.for_each(|order| order.submissions = 0);
    }

    /// Answers a call to one of the suppliers; none if it is to none of them. The inner none is an answer that never
    /// comes.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> Option<Option<Response>> {
        let supplier = self.suppliers.values_mut().find(|supplier| supplier.is_asked(request))?;
        Some(supplier.answer(request, now))
    }

    /// How long the answer to a call takes.
    #[must_use]
    pub fn delay_ms(&self, request: &Request) -> u64 {
        let asked = self.suppliers.values().find(|supplier| supplier.is_asked(request));
        asked.map_or(0, |supplier| supplier.manner.delay_ms)
    }

    /// Has a supplier say something of an order of its own accord, as our protocol has it.
    pub fn say(&mut self, id: &str, reference: &str, what: &Value, now: Timestamp) {
        let mut body = what.clone();
        body["reference"] = json!(reference);
        self.send(id, &body, now);
    }

    /// Has a supplier report its stock of one article.
    pub fn report_stock(
        &mut self,
        id: &str,
        location: &str,
        sku: &str,
        on_hand: u32,
        now: Timestamp,
    ) {
        let body = json!({"type": "stock", "location": location, "lines": [{"sku": sku, "on_hand": on_hand}]});
        self.send(id, &body, now);
    }

    /// Has a supplier accept an order that it only received.
    pub fn accept(&mut self, id: &str, reference: &str, now: Timestamp) {
        let order = self.supplier(id).order(reference);
        order.status = "accepted".to_owned();
        self.say(id, reference, &json!({"type": "accepted"}), now);
    }

    /// Has a supplier ship all that it accepted of an order, in one parcel; gives its number.
    pub fn ship(&mut self, id: &str, reference: &str, carrier: &str, now: Timestamp) -> String {
        self.parcels += 1;
        let number = format!("OW{:09}CN", self.parcels);
        let url = self.supplier(id).url.clone();
        let order = self.supplier(id).order(reference);
        order.status = "shipped".to_owned();
        order.parcels.push(number.clone());
        let units = order.accepted.iter().filter(|(_, quantity)| **quantity > 0);
        let lines: Vec<Value> =
            units.map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
        let what = json!({
            "type": "shipped",
            "lines": lines,
            "carrier": carrier,
            "number": number,
            "ship_date": now.to_zoned(jiff::tz::TimeZone::UTC).date(),
            "label_url": format!("{url}/labels/{number}.pdf"),
        });
        self.say(id, reference, &what, now);
        number
    }

    fn send(&mut self, id: &str, body: &Value, now: Timestamp) {
        let supplier = self.suppliers.get(id).expect("the supplier was opened");
        let body = body.to_string().into_bytes();
        let webhook_id = format!("msg_{}", self.parcels + self.outbox.len() as u64 + 1);
        let signature = sign_standard(&supplier.secret, &webhook_id, now, &body)
            .expect("the secret of an outside supplier is one");
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", webhook_id),
            ("webhook-timestamp", now.as_second().to_string()),
            ("webhook-signature", signature),
        ];
        let request = Request {
            method: "POST",
            url: format!("{}/suppliers/{id}/answers", self.public_url),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body,
        };
        if supplier.manner.repeats {
            self.outbox.push_back(request.clone());
        }
        self.outbox.push_back(request);
    }
}

impl Supplier {
    /// An order that it has.
    ///
    /// # Panics
    /// When it was never asked for it.
    pub fn order(&mut self, reference: &str) -> &mut Order {
        self.orders.get_mut(reference).expect("the supplier was asked for the order")
    }

    fn is_asked(&self, request: &Request) -> bool {
        request.url.strip_prefix(&self.url).is_some_and(|rest| rest.starts_with('/'))
    }

    fn answer(&mut self, request: &Request, now: Timestamp) -> Option<Response> {
        if take_one(&mut self.manner.is_away) {
            return None;
        }
        if take_one(&mut self.manner.is_busy) {
            return Some(json_response(503, &json!({})));
        }
        let response = self.act(request, now);
        if take_one(&mut self.manner.loses_answers) {
            return None;
        }
        Some(response)
    }

    fn act(&mut self, request: &Request, now: Timestamp) -> Response {
        let path = request.url[self.url.len()..].trim_start_matches('/').to_owned();
        let segments: Vec<&str> = path.split('/').collect();
        if let ["labels", _] = segments.as_slice() {
            return label();
        }
        if !self.is_signed(request, now) {
            return json_response(401, &json!({}));
        }
        match (request.method, segments.as_slice()) {
            ("POST", ["orders"]) => self.submit(request),
            ("GET", ["orders", reference]) => match self.orders.get(&decode(reference)) {
                Some(order) => json_response(200, &order.shown()),
                None => json_response(404, &json!({})),
            },
            ("POST", ["orders", reference, "address"]) => {
                self.change_address(&decode(reference), &request.body)
            }
            ("POST", ["orders", reference, "cancel"]) => self.cancel(&decode(reference)),
            _ => json_response(404, &json!({})),
        }
    }

    fn is_signed(&self, request: &Request, now: Timestamp) -> bool {
        let header = |name| request.header(name).unwrap_or_default();
        verify_standard(
            std::slice::from_ref(&self.secret),
            header("webhook-id"),
            header("webhook-timestamp"),
            header("webhook-signature"),
            &request.body,
            now,
        )
    }

    /// The same key again buys nothing more and is answered as the order stands.
    fn submit(&mut self, request: &Request) -> Response {
        let submission: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let reference = submission["reference"].as_str().unwrap_or_default().to_owned();
        if reference.is_empty() || request.header("idempotency-key") != Some(&reference) {
            return json_response(400, &json!({"detail": "idempotency-key is not the reference"}));
        }
        let manner = self.manner.clone();
        let order = self.orders.entry(reference).or_default();
        order.submissions += 1;
        order.submission = submission;
        let is_new = order.status.is_empty();
        if is_new {
            order.decide(&manner);
            order.ship_to = order.submission["ship_to"].clone();
        }
        if !is_new && manner.buys_again {
            order.purchases += 1;
        }
        let status = match order.status.as_str() {
            "cancelled" => 409,
            "rejected" => 422,
            _ if is_new => 201,
            _ => 200,
        };
        json_response(status, &order.shown())
    }

    /// An older address than the one that it has changes nothing.
    fn change_address(&mut self, reference: &str, body: &[u8]) -> Response {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let readdresses = self.manner.readdresses;
        let Some(order) = self.orders.get_mut(reference) else {
            return json_response(404, &json!({}));
        };
        let refused = |why: &str| json_response(409, &json!({"status": "refused", "detail": why}));
        match readdresses {
            _ if !matches!(order.status.as_str(), "received" | "accepted" | "partly_accepted") => {
                refused("it has left")
            }
            Some(Cancels::Refused) => refused("it is packed"),
            Some(Cancels::Pending) => json_response(202, &json!({"status": "pending"})),
            None => {
                let change = body["change"].as_u64().unwrap_or_default();
                if change > order.change {
                    (order.change, order.ship_to) = (change, body["ship_to"].clone());
                }
                json_response(200, &json!({"status": "changed"}))
            }
        }
    }

    /// What never came is remembered, and refused when it comes.
    fn cancel(&mut self, reference: &str) -> Response {
        let cancels = self.manner.cancels;
        let order = self.orders.entry(reference.to_owned()).or_default();
        let refused = |why: &str| json_response(409, &json!({"status": "refused", "detail": why}));
        match cancels {
            _ if order.status == "shipped" => refused("it has left"),
            Some(Cancels::Refused) if !order.status.is_empty() => refused("it is packed"),
            Some(Cancels::Pending) if !order.status.is_empty() => {
                json_response(202, &json!({"status": "pending"}))
            }
            _ => {
                order.status = "cancelled".to_owned();
                json_response(200, &json!({"status": "cancelled"}))
            }
        }
    }
}

impl Order {
    fn decide(&mut self, manner: &Manner) {
        let says = manner.says;
        let lines = self.submission["lines"].as_array().cloned().unwrap_or_default();
        for line in lines {
            let sku = line["sku"].as_str().unwrap_or_default().to_owned();
            let quantity =
                line["quantity"].as_u64().and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
            let accepted = match says {
                _ if manner.has_no.contains(&sku) => 0,
                Says::Accepted | Says::Received => quantity,
                Says::One => quantity.min(1),
                Says::OutOfStock => 0,
            };
            *self.accepted.entry(sku.clone()).or_default() += accepted;
            *self.rejected.entry(sku).or_default() += quantity - accepted;
        }
        let has_none = |counts: &BTreeMap<String, u32>| counts.values().all(|count| *count == 0);
        self.status = match says {
            _ if has_none(&self.accepted) => "rejected",
            Says::Received => "received",
            _ if has_none(&self.rejected) => "accepted",
            _ => "partly_accepted",
        }
        .to_owned();
        self.purchases += u32::from(self.status != "rejected");
    }

    fn shown(&self) -> Value {
        let line = |(sku, accepted): (&String, &u32)| {
            let rejected = self.rejected.get(sku).copied().unwrap_or(0);
            let mut line = json!({"sku": sku, "accepted": accepted, "rejected": rejected});
            if rejected > 0 {
                line["reason"] = json!("out_of_stock");
            }
            line
        };
        let lines: Vec<Value> = self.accepted.iter().map(line).collect();
        let reference = self.submission["reference"].as_str().map(|name| format!("S-{name}"));
        json!({"reference": reference, "status": self.status, "lines": lines})
    }
}

/// The smallest PDF that is one.
pub(super) fn label() -> Response {
    let body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj \
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 283 425]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    let headers = vec![("content-type".to_owned(), "application/pdf".to_owned())];
    Response { status: 200, headers, body: body.to_vec() }
}

pub(super) fn take_one(count: &mut u32) -> bool {
    let is_one = *count > 0;
    *count = count.saturating_sub(1);
    is_one
}

pub(super) fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
