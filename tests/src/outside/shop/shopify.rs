//! Shopify's Admin GraphQL, as far as parcels and refunds need it. `tests/shopify` checks against Shopify's own schema that what is
//! answered here could have come from there.

mod refunds;

use std::collections::BTreeMap;

use ports::{Request, Response};
use serde_json::{Value, json};

use super::{Parcel, Remaining, Sale, Shop, ToFulfill, json as respond};

pub(super) fn answer(shop: &mut Shop, request: &Request, path: &str) -> Response {
    if request.header("x-shopify-access-token") != Some(&shop.secret) {
        let errors = "[API] Invalid API key or access token (unrecognized login or wrong password)";
        return respond(401, &json!({ "errors": errors }));
    }
    let is_graphql = path.starts_with("admin/api/") && path.ends_with("/graphql.json");
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if request.method != "POST" || !is_graphql {
        return respond(404, &json!({ "errors": "Not Found" }));
    }
    if shop.throttled > 0 {
        shop.throttled -= 1;
        let error = json!({ "message": "Throttled", "extensions": { "code": "THROTTLED" } });
        return respond(200, &json!({ "errors": [error] }));
    }
    let variables = &body["variables"];
    let data = match operation(body["query"].as_str().unwrap_or_default()) {
        Some("Order") => order(shop, variables),
        Some("FulfillmentLines") => fulfillment_lines(shop, variables),
        Some("FulfillmentOrderLines") => fulfillment_order_lines(shop, variables),
        Some("FulfillmentCreate") => fulfillment_create(shop, &variables["fulfillment"]),
        Some("TrackingUpdate") => tracking_update(shop, variables),
        Some("OrderAnswer") => order_answer(shop, variables),
        Some("FulfillmentEventCreate") => event_create(shop, &variables["fulfillmentEvent"]),
        Some("Refunds") => refunds::refunds(shop, variables),
        Some("RefundCreate") => refunds::refund_create(shop, variables),
        operation => match super::shopify_listing::answer(shop, operation.unwrap_or(""), variables)
        {
            Some(data) => data,
            None => {
                let error = json!({ "message": "No operation of that name is played here" });
                return respond(200, &json!({ "errors": [error] }));
            }
        },
    };
    respond(200, &json!({ "data": data }))
}

/// The name of the operation: the word after `query` or `mutation`.
fn operation(document: &str) -> Option<&str> {
    let line = document
        .lines()
        .find(|line| line.starts_with("query ") || line.starts_with("mutation "))?;
    line.split([' ', '(']).nth(1)
}

pub(super) fn gid(kind: &str, id: impl std::fmt::Display) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// The id inside a `gid://shopify/…/…`.
pub(super) fn id(gid: &Value) -> &str {
    gid.as_str().and_then(|gid| gid.rsplit('/').next()).unwrap_or_default()
}

fn order(shop: &Shop, variables: &Value) -> Value {
    let Some(sale) = shop.sales.get(id(&variables["id"])) else {
        return json!({ "order": null });
    };
    let fulfillments: Vec<Value> = sale.parcels.iter().map(fulfillment).collect();
    let fulfillment_orders: Vec<Value> = sale.to_fulfill.iter().map(fulfillment_order).collect();
    json!({ "order": {
        "fulfillments": fulfillments,
        "fulfillmentOrders": { "nodes": fulfillment_orders },
    }})
}

fn fulfillment(parcel: &Parcel) -> Value {
    let event = json!({ "id": gid("FulfillmentEvent", &parcel.reference), "status": "DELIVERED" });
    json!({
        "id": gid("Fulfillment", &parcel.reference),
        "status": if parcel.is_cancelled { "CANCELLED" } else { "SUCCESS" },
        "trackingInfo": [{ "number": parcel.number }],
        "events": { "nodes": vec![event; parcel.deliveries as usize] },
    })
}

fn fulfillment_order(to_fulfill: &ToFulfill) -> Value {
    let is_done = to_fulfill.lines.iter().all(|line| line.quantity == 0);
    let (status, actions) = match (is_done, to_fulfill.is_on_hold) {
        (true, _) => ("CLOSED", Vec::new()),
        (false, true) => ("ON_HOLD", vec!["RELEASE_HOLD", "HOLD", "MOVE"]),
        (false, false) => ("OPEN", vec!["CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"]),
    };
    let actions: Vec<Value> =
        actions.into_iter().map(|action| json!({ "action": action })).collect();
    json!({
        "id": gid("FulfillmentOrder", to_fulfill.id),
        "status": status,
        "supportedActions": actions,
        "assignedLocation": { "location": { "id": gid("Location", to_fulfill.location) } },
    })
}

fn fulfillment_lines(shop: &Shop, variables: &Value) -> Value {
    let wanted = id(&variables["id"]);
    let mut parcels = shop.sales.values().flat_map(|sale| &sale.parcels);
    let Some(parcel) = parcels.find(|parcel| parcel.reference == wanted) else {
        return json!({ "owner": null });
    };
    let line = |(line_id, quantity): (&String, &u32)| {
        let id = gid("FulfillmentLineItem", format!("{}{line_id}", parcel.reference));
        json!({ "id": id, "quantity": quantity, "lineItem": { "id": gid("LineItem", line_id) } })
    };
    page(shop, variables, parcel.lines.iter().map(line).collect())
}

fn fulfillment_order_lines(shop: &Shop, variables: &Value) -> Value {
    let wanted = id(&variables["id"]);
    let mut all = shop.sales.values().flat_map(|sale| &sale.to_fulfill);
    let Some(to_fulfill) = all.find(|known| known.id.to_string() == wanted) else {
        return json!({ "owner": null });
    };
    let line = |line: &Remaining| {
        json!({
            "id": gid("FulfillmentOrderLineItem", line.id),
            "quantity": line.quantity,
            "lineItem": { "id": gid("LineItem", &line.line_id) },
        })
    };
    page(shop, variables, to_fulfill.lines.iter().map(line).collect())
}

/// The page of a connection that follows the cursor `after`, which is a place in the list.
pub(super) fn page(shop: &Shop, variables: &Value, nodes: Vec<Value>) -> Value {
    let start: usize =
        variables["after"].as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let end = nodes.len().min(start + shop.lines_per_page);
    let page_info = json!({ "hasNextPage": end < nodes.len(), "endCursor": end.to_string() });
    json!({ "owner": { "lines": { "nodes": nodes[start..end], "pageInfo": page_info } } })
}

fn fulfillment_create(shop: &mut Shop, input: &Value) -> Value {
    let number = input["trackingInfo"]["number"].as_str().unwrap_or_default();
    let tracking_info = &input["trackingInfo"];
    let reference = shop.id().to_string();
    let shares = input["lineItemsByFulfillmentOrder"].as_array().cloned().unwrap_or_default();
    let first = shares.first().map_or("", |share| id(&share["fulfillmentOrderId"]));
    let is_owner = |sale: &&mut Sale| sale.to_fulfill.iter().any(|f| f.id.to_string() == first);
    let Some(sale) = shop.sales.values_mut().find(is_owner) else {
        return refused("Fulfillment order does not exist.");
    };
    let lines = match take(sale, &shares) {
        Ok(lines) => lines,
        Err(message) => return refused(message),
    };
    sale.parcels.push(Parcel {
        reference: reference.clone(),
        number: number.to_owned(),
        carrier: tracking_info["company"].as_str().unwrap_or_default().to_owned(),
        url: tracking_info["url"].as_str().map(str::to_owned),
        lines,
        deliveries: 0,
        is_cancelled: false,
    });
    json!({ "fulfillmentCreate": {
        "fulfillment": { "id": gid("Fulfillment", reference) },
        "userErrors": [],
    }})
}

fn refused(message: &str) -> Value {
    json!({ "fulfillmentCreate": {
        "fulfillment": null,
        "userErrors": [{ "field": ["fulfillment"], "message": message }],
    }})
}

/// Takes the shares off what remains, all or nothing.
fn take(sale: &mut Sale, shares: &[Value]) -> Result<BTreeMap<String, u32>, &'static str> {
    let mut taken: Vec<(usize, usize, u32)> = Vec::new();
    for share in shares {
        let wanted = id(&share["fulfillmentOrderId"]);
        let known = sale.to_fulfill.iter().position(|known| known.id.to_string() == wanted);
        let of = known.ok_or("Fulfillment order does not exist.")?;
        if sale.to_fulfill[of].is_on_hold {
            return Err("The fulfillment order is not in a fulfillable state.");
        }
        for line in share["fulfillmentOrderLineItems"].as_array().into_iter().flatten() {
            let wanted = id(&line["id"]);
            let mut lines = sale.to_fulfill[of].lines.iter();
            let known = lines.position(|known| known.id.to_string() == wanted);
            let line_at = known.ok_or("Fulfillment order line item does not exist.")?;
            let quantity = line["quantity"].as_u64().and_then(|units| u32::try_from(units).ok());
            let remaining = sale.to_fulfill[of].lines[line_at].quantity;
            match quantity {
                Some(quantity) if (1..=remaining).contains(&quantity) => {
                    taken.push((of, line_at, quantity));
                }
                _ => return Err("Invalid fulfillment order line item quantity requested."),
            }
        }
    }
    let mut locations = taken.iter().map(|(of, ..)| sale.to_fulfill[*of].location);
    let first = locations.next().ok_or("Line items can't be blank.")?;
    if locations.any(|location| location != first) {
        return Err("All fulfillment orders must have the same assigned location.");
    }
    let mut lines = BTreeMap::new();
    for (of, line_at, quantity) in taken {
        let line = &mut sale.to_fulfill[of].lines[line_at];
        line.quantity -= quantity;
        *lines.entry(line.line_id.clone()).or_default() += quantity;
    }
    Ok(lines)
}

fn tracking_update(shop: &mut Shop, variables: &Value) -> Value {
    let wanted = id(&variables["fulfillmentId"]);
    let mut parcels = shop.sales.values_mut().flat_map(|sale| &mut sale.parcels);
    let known = parcels.find(|parcel| parcel.reference == wanted);
    let mut errors = Vec::new();
    match known {
        Some(parcel) => {
            let info = &variables["trackingInfoInput"];
            info["number"].as_str().unwrap_or_default().clone_into(&mut parcel.number);
            info["company"].as_str().unwrap_or_default().clone_into(&mut parcel.carrier);
            parcel.url = info["url"].as_str().map(str::to_owned);
        }
        None => errors
            .push(json!({ "field": ["fulfillmentId"], "message": "Fulfillment does not exist." })),
    }
    json!({ "fulfillmentTrackingInfoUpdate": { "userErrors": errors } })
}

/// Tags and metafields are sets: to add what is there changes nothing.
fn order_answer(shop: &mut Shop, variables: &Value) -> Value {
    let Some(sale) = shop.sales.get_mut(id(&variables["id"])) else {
        let error = json!({ "field": ["id"], "message": "Order does not exist" });
        return json!({
            "tagsAdd": { "userErrors": [error] },
            "metafieldsSet": { "userErrors": [error] },
        });
    };
    let tags = variables["tags"].as_array().into_iter().flatten();
    sale.tags.extend(tags.filter_map(Value::as_str).map(str::to_owned));
    for field in variables["metafields"].as_array().into_iter().flatten() {
        let text = |name: &str| field[name].as_str().unwrap_or_default().to_owned();
        sale.answers.insert(text("key"), text("value"));
    }
    json!({ "tagsAdd": { "userErrors": [] }, "metafieldsSet": { "userErrors": [] } })
}

fn event_create(shop: &mut Shop, input: &Value) -> Value {
    let wanted = id(&input["fulfillmentId"]);
    let mut parcels = shop.sales.values_mut().flat_map(|sale| &mut sale.parcels);
    let Some(parcel) = parcels.find(|parcel| parcel.reference == wanted) else {
        let error = json!({ "field": ["fulfillmentEvent"], "message": "Fulfillment not found." });
        return json!({ "fulfillmentEventCreate": {
            "fulfillmentEvent": null,
            "userErrors": [error],
        }});
    };
    if input["status"] == "DELIVERED" {
        parcel.deliveries += 1;
    }
    json!({ "fulfillmentEventCreate": {
        "fulfillmentEvent": { "id": gid("FulfillmentEvent", wanted) },
        "userErrors": [],
    }})
}
