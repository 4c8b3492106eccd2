//! What an invocation waits for, one after the other: rounds of calls that are made together. Where every answer takes a second
//! of made-up time, the calls of one second are a round.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use ports::Request;
use serde_json::Value;

/// What an answer takes.
pub const ROUND: Duration = Duration::from_secs(1);

/// What each function waited for, by what it was handed: each way that it went, as its rounds.
pub type Paths = BTreeMap<String, BTreeMap<String, BTreeSet<Vec<String>>>>;

/// A list of rounds, of one invocation after the other.
#[derive(Debug, Clone, Default)]
pub struct Rounds(Rc<RefCell<State>>);

#[derive(Debug, Default)]
struct State {
    began_at: Duration,
    rounds: BTreeMap<u64, BTreeSet<String>>,
    paths: Paths,
}

impl Rounds {
    /// An invocation begins.
    pub fn begin(&self, now: Duration) {
        let mut state = self.0.borrow_mut();
        state.began_at = now;
        state.rounds.clear();
    }

    /// It makes a call.
    pub fn note(&self, now: Duration, call: &str, request: &Request) {
        let mut state = self.0.borrow_mut();
        let round = now.saturating_sub(state.began_at).as_secs();
        state.rounds.entry(round).or_default().insert(named(call, request));
    }

    /// It has ended.
    pub fn end(&self, function: &str, handed: &str) {
        let mut state = self.0.borrow_mut();
        let rounds = std::mem::take(&mut state.rounds).into_values();
        let rounds = rounds.map(|calls| calls.into_iter().collect::<Vec<_>>().join(" + "));
        let rounds: Vec<String> = rounds.collect();
        let ways = state.paths.entry(function.to_owned()).or_default();
        ways.entry(handed.to_owned()).or_default().insert(rounds);
    }

    /// What was seen so far.
    #[must_use]
    pub fn paths(&self) -> Paths {
        self.0.borrow().paths.clone()
    }
}

/// A call with what it is about: `Query Views`, `SendMessageBatch routing`.
fn named(call: &str, request: &Request) -> String {
    let (_, operation) = call.split_once('.').unwrap_or(("", call));
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let mut about: BTreeSet<&str> = BTreeSet::new();
    about.extend(body["TableName"].as_str());
    about.extend(body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()));
    about.extend(
        body["RequestItems"].as_object().into_iter().flatten().map(|(table, _)| table.as_str()),
    );
    for part in body["TransactItems"].as_array().into_iter().flatten() {
        let parts = part.as_object().into_iter().flatten();
        about.extend(parts.filter_map(|(_, part)| part["TableName"].as_str()));
    }
    let about = about.into_iter().collect::<Vec<_>>().join(" and ");
    format!("{operation} {about}").trim_end().to_owned()
}

/// What a reader has to know to judge whether two rounds could be one.
const WHY: &str = "\
What functions wait for in the stories of `make bench`, round after round; customers and an endpoint are told of the orders
that come alone. The calls of a round go together, and an arrow is an answer that the next round can't do without. The test
`steps_wait_for_what_they_must_and_no_more` holds them to this; `UPDATE_EXPECT=1` writes it anew, and whoever does that says
here why a new arrow must be.

- A fact is appended to what was loaded. Who a fact is about is stored before it, and messages that it calls for are sent
  after it: whatever dies in between, no fact names what is not there, and no message tells of what did not happen.
- What an article consists of is known by its SKU, who has it by the article, and how many by who has it.
- What is bought, paid or shown at a shop is on record as an intent before and as done after it. `outside` after `outside`
  looks up before it writes; or it is the fifth label of one supplier, who is asked for four at once.
- An order's own row in Views names its other rows, and so is written after them.
- Whatever begins anew after that, with `Query Events` or `PutItem Events`, is a second wave: more than ten orders of one
  batch, as many as there are connections; or a second message of the same order, which appends to the same facts.
- Whoever is told of an order may look it up: its rows are written before. What happened first is told first, mail after
  mail, and call after call. Whether an address may be written to is known by the address, which is in the contact; whether an
  endpoint is gone, by what the settings say of it.
- An API call's token is looked at before anything is done for it.
";

/// All of it, to be read.
#[must_use]
pub fn page(paths: &Paths) -> String {
    let mut page = WHY.to_owned();
    for (function, ways) in paths {
        page.push_str(&format!("\n{function}\n"));
        for (handed, ways) in ways {
            page.push_str(&format!("  {handed}\n"));
            for rounds in ways {
                page.push_str(&format!("    {}\n", rounds.join(" → ")));
            }
        }
    }
    page
}
