//! EasyPost as the outside world has it: shipments get rates, and are bought once.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ports::{Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::json_response;
use super::supplier::{decode, label, take_one};

/// The label service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    /// The key that calls must carry; empty lets every call in.
    pub key: String,
    /// What it does with what comes.
    pub manner: Manner,
    /// Every shipment, oldest first.
    pub shipments: Vec<Shipment>,
}

/// What the label service does with what comes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manner {
    /// So many shipments from now on are made, and the answer gets lost.
    pub loses_shipments: u32,
    /// So many labels from now on are bought, and the answer gets lost.
    pub loses_purchases: u32,
    /// So many calls from now on find nobody there.
    pub is_away: u32,
    /// It answers each of these calls with status 503.
    pub is_busy: u32,
    /// It finds no shipment by its reference, only by its id.
    pub forgets_references: bool,
    /// The field of the customer's address that is wrong.
    pub wrong_field: Option<String>,
    /// What it says instead of buying: a status and a code.
    pub refuses: Option<(u16, String)>,
    /// Shipments on a page, at the most.
    pub page_size: Option<usize>,
}

/// A shipment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shipment {
    /// EasyPost's id.
    pub id: String,
    /// Ours.
    pub reference: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it was made of, as it came.
    pub asked: Value,
    /// The tracking number of its label, once it is bought.
    pub number: Option<String>,
    /// The rate that was bought.
    pub rate: Option<usize>,
    /// `submitted` when its label was given back.
    pub refund_status: Option<String>,
}

/// What each shipment is offered: carrier, service, price.
const RATES: [(&str, &str, &str); 3] =
    [("USPS", "Express", "51.20"), ("USPS", "Priority", "11.01"), ("UPS", "Ground", "8.20")];

impl Labels {
    /// How many labels were bought for each reference: one, whatever happens.
    #[must_use]
    pub fn purchases(&self) -> BTreeMap<&str, u32> {
        let mut purchases = BTreeMap::new();
        for shipment in self.shipments.iter().filter(|shipment| shipment.number.is_some()) {
            *purchases.entry(shipment.reference.as_str()).or_default() += 1;
        }
        purchases
    }

    /// The reference of the shipment that a call names by EasyPost's id.
    #[must_use]
    pub fn reference(&self, request: &Request) -> Option<&str> {
        let (_, path) = request.url.split_once("/v2/shipments/")?;
        let id = decode(path.split('/').next()?);
        let named = self.shipments.iter().find(|shipment| shipment.id == id)?;
        Some(named.reference.as_str())
    }

    /// Answers a call to EasyPost; none if it is to somebody else. The inner none is an answer that never comes.
    pub fn answer(&mut self, request: &Request, now: Timestamp) -> Option<Option<Response>> {
        let (base, path) =
            request.url.split_once("/v2/").or_else(|| request.url.split_once("/labels/"))?;
        if !base.ends_with("easypost") && !base.ends_with("api.easypost.com") {
            return None;
        }
        if request.url.ends_with(".pdf") {
            return Some(Some(label()));
        }
        if take_one(&mut self.manner.is_away) {
            return Some(None);
        }
        if take_one(&mut self.manner.is_busy) {
            return Some(Some(json_response(503, &json!({}))));
        }
        let authorization = format!("Basic {}", STANDARD.encode(format!("{}:", self.key)));
        if !self.key.is_empty() && request.header("authorization") != Some(&authorization) {
            return Some(Some(problem(
                401,
                "APIKEY.INACTIVE",
                "This api key is no longer active.",
            )));
        }
        Some(self.act(request, base, path, now))
    }

    fn act(
        &mut self,
        request: &Request,
        base: &str,
        path: &str,
        now: Timestamp,
    ) -> Option<Response> {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let segments: Vec<&str> = path.split('/').collect();
        match (request.method, segments.as_slice()) {
            ("POST", ["addresses"]) => Some(self.verify(&body)),
            ("POST", ["shipments"]) => {
                let response = self.create(&body["shipment"], base, now);
                (!take_one(&mut self.manner.loses_shipments)).then_some(response)
            }
            ("GET", ["shipments"]) => Some(self.list(query, base)),
            ("GET", ["shipments", name]) => Some(match self.position(&decode(name)) {
                Some(at) => json_response(200, &self.shipments[at].shown(base)),
                None => problem(404, "NOT_FOUND", "The requested resource could not be found."),
            }),
            ("POST", ["shipments", name, "buy"]) => self.buy(&decode(name), &body, base),
            _ => Some(problem(404, "NOT_FOUND", "The requested resource could not be found.")),
        }
    }

    /// By id, or by reference: the newest that has it.
    fn position(&self, name: &str) -> Option<usize> {
        let by_id = self.shipments.iter().position(|shipment| shipment.id == name);
        let by_reference =
            || self.shipments.iter().rposition(|shipment| shipment.reference == name);
        by_id.or_else(|| by_reference().filter(|_| !self.manner.forgets_references))
    }

    fn verify(&self, body: &Value) -> Response {
        let Some(field) = &self.manner.wrong_field else {
            return json_response(201, &json!({ "id": "adr_verified", "object": "Address" }));
        };
        assert!(body["verify_strict"] == true, "what is not asked for strictly is no error");
        let error = json!({ "code": "E.ADDRESS.INVALID", "field": field,
                            "message": "Invalid", "suggestion": null });
        let error = json!({ "code": "ADDRESS.VERIFY.FAILURE",
                            "message": "Unable to verify address.", "errors": [error] });
        json_response(422, &json!({ "error": error }))
    }

    fn create(&mut self, asked: &Value, base: &str, now: Timestamp) -> Response {
        let shipment = Shipment {
            id: format!("shp_{:032}", self.shipments.len() + 1),
            reference: asked["reference"].as_str().unwrap_or_default().to_owned(),
            created_at: now,
            asked: asked.clone(),
            number: None,
            rate: None,
            refund_status: None,
        };
        let response = json_response(201, &shipment.shown(base));
        self.shipments.push(shipment);
        response
    }

    /// Those that were bought since, newest first.
    fn list(&self, query: &str, base: &str) -> Response {
        let parameters: BTreeMap<&str, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, decode(value)))
            .collect();
        let since = parameters.get("start_datetime").and_then(|at| at.parse().ok());
        let since: Timestamp = since.unwrap_or_default();
        let newest_first = self.shipments.iter().rev();
        let is_newer = |shipment: &&Shipment| Some(&shipment.id) != parameters.get("before_id");
        let rest: Vec<&Shipment> = match parameters.contains_key("before_id") {
            true => newest_first.skip_while(is_newer).skip(1).collect(),
            false => newest_first.collect(),
        };
        let bought: Vec<&&Shipment> = rest
            .iter()
            .filter(|shipment| shipment.number.is_some() && shipment.created_at >= since)
            .collect();
        let page_size = self.manner.page_size.unwrap_or(100);
        let page: Vec<Value> =
            bought.iter().take(page_size).map(|shipment| shipment.shown(base)).collect();
        json_response(200, &json!({ "has_more": bought.len() > page.len(), "shipments": page }))
    }

    fn buy(&mut self, name: &str, body: &Value, base: &str) -> Option<Response> {
        let Some(at) = self.position(name) else {
            return Some(problem(404, "NOT_FOUND", "The requested resource could not be found."));
        };
        if let Some((status, code)) = &self.manner.refuses {
            return Some(problem(*status, code, "It can't be bought."));
        }
        let number = format!("94055002083031{:08}", at + 1);
        let shipment = &mut self.shipments[at];
        if shipment.number.is_some() {
            let message = "Postage already exists for this shipment.";
            return Some(problem(422, "SHIPMENT.POSTAGE.EXISTS", message));
        }
        let wanted = body["rate"]["id"].as_str().unwrap_or_default();
        let rate = (0..RATES.len()).find(|rate| shipment.rate_id(*rate) == wanted);
        if rate.is_none() {
            return Some(problem(422, "SHIPMENT.MISSING_RATE", "The rate could not be found."));
        }
        shipment.rate = rate;
        shipment.number = Some(number);
        let response = json_response(200, &shipment.shown(base));
        (!take_one(&mut self.manner.loses_purchases)).then_some(response)
    }
}

impl Shipment {
    fn rate_id(&self, rate: usize) -> String {
        format!("rate_{}{}", rate + 1, &self.id["shp_".len() + 1..])
    }

    fn shown(&self, base: &str) -> Value {
        let rate = |rate: usize| {
            let (carrier, service, price) = RATES[rate];
            json!({
                "id": self.rate_id(rate), "object": "Rate", "carrier": carrier, "service": service,
                "rate": price, "currency": "USD", "delivery_days": 2, "shipment_id": self.id,
            })
        };
        let label = self.number.as_ref().map(|_| {
            let url = format!("{base}/labels/{}.pdf", self.id);
            json!({ "object": "PostageLabel", "label_url": url, "label_pdf_url": url,
                    "label_file_type": "application/pdf" })
        });
        json!({
            "id": self.id,
            "object": "Shipment",
            "reference": self.reference,
            "created_at": self.created_at,
            "is_return": self.asked["is_return"],
            "messages": [],
            "rates": (0..RATES.len()).map(rate).collect::<Vec<_>>(),
            "selected_rate": self.rate.map(rate),
            "tracking_code": self.number,
            "postage_label": label,
            "refund_status": self.refund_status,
        })
    }
}

fn problem(status: u16, code: &str, message: &str) -> Response {
    let error = json!({ "code": code, "message": message, "errors": [] });
    json_response(status, &json!({ "error": error }))
}
