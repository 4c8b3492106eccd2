//! DynamoDB's expressions, as far as our adapters write them: comparisons joined by `AND` and `OR`, `ADD` and `SET`.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// An item in DynamoDB's JSON: `{"pk": {"S": "alpenshop/1001"}}`.
pub type Item = Map<String, Value>;

/// What a request says beside its expression: `ExpressionAttributeNames` and `ExpressionAttributeValues`.
pub struct Words<'a>(pub &'a Value);

impl Words<'_> {
    fn name<'a>(&'a self, word: &'a str) -> &'a str {
        self.0["ExpressionAttributeNames"][word].as_str().unwrap_or(word)
    }

    fn value<'a>(&'a self, item: &'a Item, word: &'a str) -> Option<&'a Value> {
        if word.starts_with(':') {
            self.0["ExpressionAttributeValues"].get(word)
        } else {
            item.get(self.name(word))
        }
    }

    /// Whether a condition holds for an item, which is empty where there is none.
    ///
    /// # Errors
    /// When it is of a kind that none of our adapters used to write.
    pub fn holds(&self, condition: &str, item: &Item) -> Result<bool> {
        for either in condition.split(" OR ") {
            let mut all = true;
            for term in either.split(" AND ") {
                all = all && self.term_holds(term.trim(), item)?;
            }
            if all {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn term_holds(&self, term: &str, item: &Item) -> Result<bool> {
        if let Some((function, rest)) = term.split_once('(') {
            let is_there = item.contains_key(self.name(rest.trim_end_matches(')')));
            return match function {
                "attribute_exists" => Ok(is_there),
                "attribute_not_exists" => Ok(!is_there),
                _ => bail!("nobody knows the function `{function}`"),
            };
        }
        let [left, operator, right] = term.split(' ').collect::<Vec<_>>()[..] else {
            bail!("nobody can read the term `{term}`");
        };
        let (left, right) = (self.value(item, left), self.value(item, right));
        Ok(match operator {
            "=" => left.is_some() && left == right,
            ">=" => left.is_some() && number(left)? >= number(right)?,
            "<" => left.is_some() && number(left)? < number(right)?,
            _ => bail!("nobody knows the comparison `{operator}`"),
        })
    }

    /// Changes an item by an update expression.
    ///
    /// # Errors
    /// As [`Self::holds`].
    pub fn update(&self, expression: &str, item: &mut Item) -> Result<()> {
        let (verb, changes) = expression.split_once(' ').context("an update has a verb")?;
        let before = item.clone();
        for change in at_top_level(changes) {
            match verb {
                "ADD" => {
                    let (name, by) = change.split_once(' ').context("`ADD` adds something")?;
                    let sum =
                        number(before.get(name)).unwrap_or(0) + number(self.value(&before, by))?;
                    item.insert(name.to_owned(), json!({ "N": sum.to_string() }));
                }
                "SET" => {
                    let (name, value) = change.split_once(" = ").context("`SET` sets something")?;
                    let (first, less) = value.split_once(" - ").unwrap_or((value, ""));
                    let less = if less.is_empty() { 0 } else { self.operand(less, &before)? };
                    let value = self.operand(first, &before)? - less;
                    item.insert(name.to_owned(), json!({ "N": value.to_string() }));
                }
                _ => bail!("nobody knows the verb `{verb}`"),
            }
        }
        Ok(())
    }

    fn operand(&self, operand: &str, item: &Item) -> Result<i64> {
        let alternatives =
            operand.strip_prefix("if_not_exists(").map(|rest| rest.trim_end_matches(')'));
        match alternatives.and_then(|rest| rest.split_once(", ")) {
            Some((name, otherwise)) => {
                number(item.get(name).or_else(|| self.value(item, otherwise)))
            }
            None => number(self.value(item, operand)),
        }
    }
}

fn number(value: Option<&Value>) -> Result<i64> {
    let digits = value.and_then(|value| value["N"].as_str()).context("it is no number")?;
    Ok(digits.parse()?)
}

/// The parts between commas that stand in no brackets.
fn at_top_level(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in list.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(list[start..].trim());
    parts
}
