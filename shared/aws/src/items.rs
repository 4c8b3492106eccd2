//! What all tables share: attributes in and out of items, and reading a query to its end.

use std::collections::HashMap;

use anyhow::{Context, Result, anyhow};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An item of a table.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A text.
pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

/// A whole number.
pub(crate) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// Anything, as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<AttributeValue> {
    Ok(AttributeValue::S(serde_json::to_string(value)?))
}

/// An item of these attributes.
pub(crate) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An attribute's text.
pub(crate) fn text_of<'a>(item: &'a Item, name: &str) -> Result<&'a str> {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.map(String::as_str).with_context(|| format!("the item has no text `{name}`"))
}

/// An attribute's number; none if the item has no such attribute.
pub(crate) fn number_if_any(item: &Item, name: &str) -> Result<Option<i64>> {
    let Some(value) = item.get(name) else { return Ok(None) };
    let number = value.as_n().ok().and_then(|digits| digits.parse().ok());
    number.map(Some).with_context(|| format!("`{name}` is no whole number"))
}

/// An attribute's number.
pub(crate) fn number_of(item: &Item, name: &str) -> Result<i64> {
    number_if_any(item, name)?.with_context(|| format!("the item has no number `{name}`"))
}

/// What an attribute holds as JSON.
pub(crate) fn json_of<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T> {
    parsed(text_of(item, name)?.as_bytes()).with_context(|| format!("failed to read `{name}`"))
}

/// Reads JSON. Its own errors would quote what they stumble over, which can be a name or a secret.
pub(crate) fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        anyhow!("unreadable JSON ({:?} error in line {line}, column {column})", error.classify())
    })
}

/// All items of a query, page by page.
pub(crate) async fn every_item(query: QueryFluentBuilder) -> Result<Vec<Item>> {
    let mut pages = query.into_paginator().items().send();
    let mut items = Vec::new();
    while let Some(item) = pages.next().await {
        items.push(item?);
    }
    Ok(items)
}
