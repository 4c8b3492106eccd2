//! How suppliers answer our calls: by `SUPPLIERS.md`.

use std::collections::BTreeMap;

use connectors::signature::verify_standard;
use ports::{Request, Response};
use serde_json::{Value, json};

use super::{Commission, Deed, Lot, Means, Standing, Suppliers};
use crate::simulation::company::{BUYS_AGAIN, BY_API, OUTSIDE};
use crate::simulation::disturbance::Disturbance;

impl Suppliers {
    /// Answers a call to a supplier; the outer none is a call to none of them, the inner one that nobody hears.
    pub(crate) fn answer(&mut self, request: &Request) -> Option<Option<Response>> {
        let path = request.url.strip_prefix(OUTSIDE)?.strip_prefix("/suppliers/")?.to_owned();
        let mut segments = path.split('/');
        let name = segments.next()?;
        let supplier = BY_API.into_iter().find(|known| *known == name)?;
        let now = self.now.get();
        let outage = self.outages.get(supplier);
        let is_away = outage.is_some_and(|(from, until)| (*from..*until).contains(&now));
        if is_away && !self.is_calm {
            return Some(None);
        }
        let decode = |segment: &str| {
            percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
        };
        let segments: Vec<String> = segments.map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        if let ["labels", _] = segments.as_slice() {
            return Some(Some(respond(200, b"%PDF-1.4\n%%EOF\n".to_vec())));
        }
        if !self.is_signed(supplier, request) {
            return Some(Some(said(401, &json!({}))));
        }
        Some(Some(match (request.method, segments.as_slice()) {
            ("POST", ["orders"]) => self.submit(supplier, request),
            ("GET", ["orders", reference]) => match self.books.get(*reference) {
                Some(commission) => said(200, &shown(commission)),
                None => said(404, &json!({})),
            },
            ("POST", ["orders", reference, "cancel"]) => self.cancel(supplier, reference),
            ("POST", ["orders", reference, "address"]) => self.readdress(reference, &request.body),
            _ => said(404, &json!({})),
        }))
    }

    fn is_signed(&self, supplier: &str, request: &Request) -> bool {
        let header = |name| request.header(name).unwrap_or_default();
        // Whoever signs says when, and clocks are off.
        let at = header("webhook-timestamp").parse().ok();
        let at = at.and_then(|second| jiff::Timestamp::from_second(second).ok());
        verify_standard(
            std::slice::from_ref(&self.secrets[&format!("suppliers/{supplier}")]),
            header("webhook-id"),
            header("webhook-timestamp"),
            header("webhook-signature"),
            &request.body,
            at.unwrap_or_default(),
        )
    }

    /// The same key again buys nothing more; no key is a new purchase each time.
    fn submit(&mut self, supplier: &'static str, request: &Request) -> Response {
        let submission: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let reference = submission["reference"].as_str().unwrap_or_default().to_owned();
        let is_new = !self.books.contains_key(&reference);
        if is_new {
            let lots = lots(&submission);
            let mut commission = self.commission(supplier, &reference, lots);
            commission.address.0 = street(&submission);
            self.decide(&mut commission, &reference);
            self.books.insert(reference.clone(), commission);
            self.says_what_it_refuses(&reference);
        }
        let commission = self.books.get_mut(&reference).expect("it is there");
        let is_known =
            request.header("idempotency-key") == Some(&reference) && supplier != BUYS_AGAIN;
        if is_new || !is_known {
            commission.purchases += 1;
        }
        let status = match commission.standing {
            Standing::Off if commission.is_cancelled && commission.shipped() == 0 => 409,
            Standing::Off if commission.shipped() == 0 => 422,
            _ if is_new => 201,
            _ => 200,
        };
        said(status, &shown(commission))
    }

    /// What it refuses it says twice: in its answer, which may get lost, and by itself. If it did not, units that a lost
    /// answer refused would be taken for accepted once a parcel with others was told of: nobody asks again then.
    pub(super) fn says_what_it_refuses(&mut self, reference: &str) {
        let Some(commission) = self.books.get(reference) else { return };
        let lots = commission.lots.iter().filter(|(_, lot)| lot.refused > 0);
        let line = |(sku, lot): (&String, &Lot)| json!({"sku": sku, "quantity": lot.refused});
        let lines: Vec<Value> = lots.map(line).collect();
        if !lines.is_empty() && commission.standing == Standing::Promised {
            let what = json!({"type": "rejected", "lines": lines, "reason": "out_of_stock"});
            self.say(reference, Means::Word, &what, "");
        }
    }

    /// What a supplier says at once, and what it will do later.
    fn decide(&mut self, commission: &mut Commission, reference: &str) {
        let mut dice = commission.dice.clone();
        let is_slow = self.errs(&mut dice, Disturbance::Silence, 250);
        let is_dumb = self.errs(&mut dice, Disturbance::Silence, 150);
        let raves = self.errs(&mut dice, Disturbance::ImpossibleAnswers, 60);
        let (answers_in, raves_in) = (dice.spread(30 * 3600), dice.spread(30 * 3600));
        let ships_at_once = dice.happens(100);
        commission.dice = dice;
        if raves {
            self.later(reference, raves_in, Deed::Nonsense);
        }
        if is_slow {
            // Some ship and never say that they accept; some never say anything.
            match (is_dumb, ships_at_once) {
                (true, _) => {}
                (false, true) => self.later(reference, answers_in, Deed::Ship),
                (false, false) => self.later(reference, answers_in, Deed::Answer),
            }
            return;
        }
        let willing = self.willing(commission);
        for (sku, lot) in &mut commission.lots {
            lot.promised = willing[sku];
            lot.refused = lot.asked - lot.promised;
        }
        if commission.open() == 0 {
            commission.standing = Standing::Off;
            return;
        }
        commission.standing = Standing::Promised;
        self.ships_later_by(&mut commission.dice, reference);
    }

    /// What never came is remembered, and refused when it comes.
    fn cancel(&mut self, supplier: &'static str, reference: &str) -> Response {
        let Some(mut commission) = self.books.remove(reference) else {
            let mut commission = self.commission(supplier, reference, BTreeMap::new());
            (commission.standing, commission.is_cancelled) = (Standing::Off, true);
            self.books.insert(reference.to_owned(), commission);
            return said(200, &json!({"status": "cancelled"}));
        };
        let mut dice = commission.dice.clone();
        let is_stubborn = self.errs(&mut dice, Disturbance::StubbornSuppliers, 450);
        let is_slow = dice.happens(600) && !commission.has_refused;
        let answers_in = dice.spread(12 * 3600);
        commission.dice = dice;
        let lets_go = !is_stubborn && !commission.has_refused && commission.may_let_go();
        let has_left = commission.standing == Standing::Promised && commission.open() == 0;
        let response = if has_left {
            // What it had left open it refuses: else it would have promised that now.
            commission.lots.values_mut().for_each(|lot| lot.refused = lot.asked - lot.promised);
            said(409, &json!({"status": "refused", "detail": "it has left"}))
        } else if commission.standing == Standing::Off || lets_go {
            commission.let_go();
            commission.is_cancelled = true;
            said(200, &json!({"status": "cancelled"}))
        } else if is_slow || commission.is_asked_to_cancel {
            if !std::mem::replace(&mut commission.is_asked_to_cancel, true) {
                self.later(reference, answers_in, Deed::AnswerCancellation);
            }
            said(202, &json!({"status": "pending"}))
        } else {
            if commission.standing == Standing::Received {
                self.ships_later_by(&mut commission.dice, reference);
            }
            commission.insist();
            commission.has_refused = true;
            said(409, &json!({"status": "refused", "detail": "it is packed"}))
        };
        let keeps_some = has_left || commission.has_refused;
        self.books.insert(reference.to_owned(), commission);
        if keeps_some {
            self.says_what_it_refuses(reference);
        }
        response
    }
}

impl Suppliers {
    /// What has not left goes elsewhere, or not; an older address than the one that it has changes nothing.
    fn readdress(&mut self, reference: &str, body: &[u8]) -> Response {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(mut commission) = self.books.remove(reference) else {
            return said(404, &json!({}));
        };
        let mut dice = commission.dice.clone();
        let is_stubborn = self.errs(&mut dice, Disturbance::StubbornSuppliers, 450);
        let is_slow = dice.happens(600);
        let answers_in = dice.spread(12 * 3600);
        commission.dice = dice;
        let has_left = commission.standing == Standing::Promised && commission.open() == 0;
        let address = (street(&body), body["change"].as_u64().unwrap_or_default());
        let response = if has_left || commission.standing == Standing::Off {
            said(409, &json!({"status": "refused", "detail": "it has left"}))
        } else if !is_stubborn {
            if address.1 > commission.address.1 {
                commission.address = address;
            }
            said(200, &json!({"status": "changed"}))
        } else if is_slow {
            commission.other_address = Some(address);
            self.later(reference, answers_in, Deed::AnswerAddress);
            said(202, &json!({"status": "pending"}))
        } else {
            said(409, &json!({"status": "refused", "detail": "it is packed"}))
        };
        self.books.insert(reference.to_owned(), commission);
        response
    }
}

fn street(body: &Value) -> String {
    body["ship_to"]["lines"][0].as_str().unwrap_or_default().to_owned()
}

/// What is asked for, by article number.
fn lots(submission: &Value) -> BTreeMap<String, Lot> {
    let mut lots: BTreeMap<String, Lot> = BTreeMap::new();
    for line in submission["lines"].as_array().into_iter().flatten() {
        let sku = line["sku"].as_str().unwrap_or_default().to_owned();
        let quantity = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
        lots.entry(sku).or_default().asked += quantity.unwrap_or(0);
    }
    lots
}

fn shown(commission: &Commission) -> Value {
    let has_refused = commission.lots.values().any(|lot| lot.refused > 0);
    let has_left = commission.shipped() > 0;
    let status = match commission.standing {
        Standing::Received => "received",
        Standing::Off if commission.is_cancelled && !has_left => "cancelled",
        Standing::Off if !has_left => "rejected",
        _ if has_refused => "partly_accepted",
        _ if commission.open() == 0 => "shipped",
        _ => "accepted",
    };
    let line = |(sku, lot): (&String, &Lot)| {
        let mut line = json!({"sku": sku, "accepted": lot.promised, "rejected": lot.refused});
        if lot.refused > 0 {
            line["reason"] = json!("out_of_stock");
        }
        line
    };
    json!({"status": status, "lines": commission.lots.iter().map(line).collect::<Vec<_>>()})
}

fn said(status: u16, body: &Value) -> Response {
    respond(status, body.to_string().into_bytes())
}

fn respond(status: u16, body: Vec<u8>) -> Response {
    Response { status, headers: Vec::new(), body }
}
