//! Shopify's Admin GraphQL, as far as orders that changed are asked for there. The shop states its orders as webhooks do;
//! here they are turned into what GraphQL makes of them, money as plain decimals and all.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Shop;
use super::shopify::{gid, id, page};

/// The `data` of an operation; none if it is not one of these.
pub(super) fn answer(shop: &Shop, operation: &str, variables: &Value) -> Option<Value> {
    let stated = || shop.stated(id(&variables["id"]));
    match operation {
        "Orders" => Some(orders(shop, variables)),
        "StatedOrder" => Some(json!({ "order": stated().map(|body| order(&body)) })),
        "OrderLines" => Some(match stated() {
            Some(body) => page(shop, variables, each(&body["line_items"]).map(line).collect()),
            None => json!({ "owner": null }),
        }),
        "OrderNumbers" => {
            let numbers =
                |fulfillment: &Value| json!({ "trackingInfo": tracking_info(fulfillment) });
            let shown = |body: Value| each(&body["fulfillments"]).map(numbers).collect::<Vec<_>>();
            Some(json!({ "order": stated().map(|body| json!({ "fulfillments": shown(body) })) }))
        }
        _ => None,
    }
}

/// What a search finds. The only one that is understood here is `updated_at:>='…'`.
fn orders(shop: &Shop, variables: &Value) -> Value {
    let search = variables["changed"].as_str().unwrap_or_default();
    let since = search.strip_prefix("updated_at:>='").and_then(|rest| rest.strip_suffix('\''));
    let since: Option<Timestamp> = since.and_then(|since| since.parse().ok());
    // Shopify takes what it does not understand for words to search for, and finds nothing.
    let changed = since.map(|since| shop.changed(since)).unwrap_or_default();
    let start: usize =
        variables["after"].as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let end = changed.len().min(start + shop.orders_per_page);
    let brief = |body: &Value| {
        json!({
            "legacyResourceId": body["id"].to_string(),
            "updatedAt": body["updated_at"],
            "cancelledAt": body["cancelled_at"],
            "displayFinancialStatus": upper(&body["financial_status"]),
        })
    };
    let nodes: Vec<Value> = changed[start.min(end)..end].iter().map(brief).collect();
    let page_info = json!({ "hasNextPage": end < changed.len(), "endCursor": end.to_string() });
    json!({ "orders": { "nodes": nodes, "pageInfo": page_info } })
}

fn order(body: &Value) -> Value {
    let total = first_of(body, ["current_total_price", "total_price"]);
    let tax = first_of(body, ["current_total_tax", "total_tax"]);
    let tags: Vec<&str> =
        body["tags"].as_str().unwrap_or_default().split(", ").filter(|it| !it.is_empty()).collect();
    let customer = body["customer"].is_object().then(|| {
        let (email, phone) = (&body["customer"]["email"], &body["customer"]["phone"]);
        json!({
            "defaultEmailAddress": email.as_str().map(|email| json!({ "emailAddress": email })),
            "defaultPhoneNumber": phone.as_str().map(|phone| json!({ "phoneNumber": phone })),
        })
    });
    let shipping_lines = each(&body["shipping_lines"]).filter(|line| line["is_removed"] != true);
    json!({
        "id": gid("Order", &body["id"]),
        "legacyResourceId": body["id"].to_string(),
        "name": body["name"],
        "createdAt": body["created_at"],
        "processedAt": first_of(body, ["processed_at", "created_at"]),
        "updatedAt": body["updated_at"],
        "test": body["test"] == true,
        "cancelledAt": body["cancelled_at"],
        "cancelReason": upper(&body["cancel_reason"]),
        "currencyCode": body["currency"],
        "displayFinancialStatus": upper(&body["financial_status"]),
        "taxesIncluded": body["taxes_included"] == true,
        "currentTotalPriceSet": money(&total),
        "currentTotalTaxSet": money(&tax),
        "customerLocale": body["customer_locale"],
        "email": first_of(body, ["email", "contact_email"]),
        "phone": body["phone"],
        "note": body["note"],
        "tags": tags,
        "customAttributes": attributes(&body["note_attributes"]),
        "customer": customer,
        "shippingAddress": address(&body["shipping_address"]),
        "billingAddress": address(&body["billing_address"]),
        "shippingLines": { "nodes": shipping_lines.map(shipping_line).collect::<Vec<_>>() },
        "fulfillments": each(&body["fulfillments"]).map(fulfillment).collect::<Vec<_>>(),
    })
}

fn line(line: &Value) -> Value {
    let current = first_of(line, ["current_quantity", "quantity"]);
    // Older webhooks say what all discounts together are, and not which there were.
    let discounts: Vec<Value> = match each(&line["discount_allocations"]).collect::<Vec<_>>() {
        none if none.is_empty() => {
            line["total_discount"].as_str().map(|it| json!(it)).into_iter().collect()
        }
        some => some.into_iter().map(|part| part["amount"].clone()).collect(),
    };
    let discounts = discounts.iter().map(|amount| json!({ "allocatedAmountSet": money(amount) }));
    let is_sent = line["fulfillment_status"] == "fulfilled";
    let open =
        if is_sent { json!(0) } else { first_of(line, ["fulfillable_quantity", "quantity"]) };
    json!({
        "id": gid("LineItem", &line["id"]),
        "sku": line["sku"],
        "title": first_of(line, ["title", "name"]),
        "name": first_of(line, ["name", "title"]),
        "quantity": line["quantity"],
        "currentQuantity": current,
        "unfulfilledQuantity": open,
        "requiresShipping": line["requires_shipping"] != false,
        "isGiftCard": line["gift_card"] == true,
        "originalUnitPriceSet": money(&line["price"]),
        "discountAllocations": discounts.collect::<Vec<_>>(),
        "customAttributes": attributes(&line["properties"]),
    })
}

fn shipping_line(line: &Value) -> Value {
    json!({
        "title": line["title"].as_str().unwrap_or_default(),
        "code": line["code"],
        "isRemoved": false,
        "originalPriceSet": money(&line["price"]),
        "discountedPriceSet": money(&first_of(line, ["discounted_price", "price"])),
    })
}

fn fulfillment(fulfillment: &Value) -> Value {
    json!({
        "id": gid("Fulfillment", &fulfillment["id"]),
        "status": upper(&fulfillment["status"]),
        "trackingInfo": tracking_info(fulfillment),
    })
}

fn tracking_info(fulfillment: &Value) -> Value {
    each(&fulfillment["tracking_numbers"]).map(|number| json!({ "number": number })).collect()
}

fn address(address: &Value) -> Value {
    if address.is_null() {
        return Value::Null;
    }
    json!({
        "name": address["name"],
        "firstName": address["first_name"],
        "lastName": address["last_name"],
        "company": address["company"],
        "address1": address["address1"],
        "address2": address["address2"],
        "city": address["city"],
        "province": address["province"],
        "provinceCode": address["province_code"],
        "zip": address["zip"],
        "countryCodeV2": address["country_code"],
        "phone": address["phone"],
    })
}

/// Names and values, out of a list of both or an object.
fn attributes(pairs: &Value) -> Value {
    let pair = |name: &Value, value: &Value| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        json!({ "key": name, "value": value })
    };
    if let Some(object) = pairs.as_object() {
        return object.iter().map(|(name, value)| pair(&json!(name), value)).collect();
    }
    each(pairs).map(|it| pair(&it["name"], &it["value"])).collect()
}

/// An amount as GraphQL's `Decimal` has it, without zeros at its end: "19.9".
fn money(amount: &Value) -> Value {
    let text = amount.as_str().map_or_else(|| amount.to_string(), str::to_owned);
    let plain = if text.contains('.') { text.trim_end_matches('0') } else { &text };
    let plain = plain.strip_suffix('.').map_or(plain.to_owned(), |whole| format!("{whole}.0"));
    json!({ "shopMoney": { "amount": if plain == "null" { "0.0" } else { &plain } } })
}

/// Of these two fields the first that is there.
fn first_of(object: &Value, names: [&str; 2]) -> Value {
    names
        .into_iter()
        .map(|name| &object[name])
        .find(|value| !value.is_null())
        .cloned()
        .unwrap_or_default()
}

fn upper(word: &Value) -> Value {
    word.as_str().map_or(Value::Null, |word| json!(word.to_uppercase()))
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
