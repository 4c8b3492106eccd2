//! What an operator sees of dead letters, and that none gets lost.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use anyhow::bail;
use domain::catalog::StockChange;
use domain::order::Recorded;
use domain::order::fact::Fact;
use ports::{Appended, memory};

use super::*;

/// The world in memory, with the dead letters of one queue.
struct Stack {
    world: memory::World,
    lying: RefCell<Vec<DeadLetter>>,
    /// What was received and neither put back nor left.
    hidden: RefCell<Vec<DeadLetter>>,
    queue: RefCell<VecDeque<String>>,
    /// The next that is put back is sent, and not taken away; then the world says not now.
    breaks_after: Cell<Option<usize>>,
}

impl Clock for Stack {
    fn now(&self) -> Timestamp {
        self.world.now()
    }
}

impl Events for Stack {
    async fn load(&self, order_id: &OrderId) -> Result<(Vec<Recorded>, u64)> {
        self.world.load(order_id).await
    }

    async fn append(
        &self,
        order_id: &OrderId,
        version: u64,
        at: Timestamp,
        facts: &[Fact],
        stock: &[StockChange],
    ) -> Result<Appended> {
        self.world.append(order_id, version, at, facts, stock).await
    }
}

impl DeadLetters for Stack {
    async fn dead_letters(&self, _: Function) -> Result<Vec<DeadLetter>> {
        let letters = self.lying.take();
        self.hidden.borrow_mut().extend(letters.iter().cloned());
        Ok(letters)
    }

    async fn reason(&self, letter: &DeadLetter) -> Result<Option<String>> {
        Ok((letter.message_id == "m1").then(|| "supplier `acme` is not in the settings".to_owned()))
    }

    async fn put_back(&self, _: Function, letter: &DeadLetter) -> Result<()> {
        self.queue.borrow_mut().push_back(letter.body.clone());
        if self.breaks_after.get() == Some(self.queue.borrow().len()) {
            bail!("not now");
        }
        self.hidden.borrow_mut().retain(|known| known != letter);
        Ok(())
    }

    async fn leave(&self, _: Function, letters: &[DeadLetter]) -> Result<()> {
        self.hidden.borrow_mut().retain(|known| !letters.contains(known));
        self.lying.borrow_mut().extend(letters.iter().cloned());
        Ok(())
    }
}

fn letter(number: usize, body: &str) -> DeadLetter {
    DeadLetter {
        message_id: format!("m{number}"),
        body: body.to_owned(),
        sent_at: "2026-11-20T05:48:00Z".parse().unwrap(),
        receipt: format!("r{number}"),
    }
}

fn stack() -> Stack {
    let bodies = [
        r#"{"type":"ForwardOrder","order_id":"alpenshop/1","fulfillment_order_id":1}"#,
        r#"{"type":"ForwardOrder","order_id":"alpenshop/2","fulfillment_order_id":1}"#,
        r#"{"type":"Mara Beispiel"}"#,
    ];
    let lying = bodies.iter().enumerate().map(|(number, body)| letter(number + 1, body));
    Stack {
        world: memory::World::new("2026-11-20T09:00:00Z".parse().unwrap()),
        lying: RefCell::new(lying.collect()),
        hidden: RefCell::default(),
        queue: RefCell::default(),
        breaks_after: Cell::new(None),
    }
}

fn run(stack: &Stack, is_confirmed: bool) -> (String, Result<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut out = Vec::new();
    let redriven = redrive(stack, Function::SupplierForwarding, is_confirmed, &mut out);
    let result = runtime.block_on(redriven);
    (String::from_utf8(out).unwrap(), result)
}

const SHOWN: &str = "\
supplier-forwarding: 3 dead letters of 2 orders
  alpenshop/1  received  3 h 12 min  supplier `acme` is not in the settings
  alpenshop/2  received  3 h 12 min  the logs don't say why
  unreadable m3  3 h 12 min  the logs don't say why
";

#[test]
fn what_would_be_sent_again_is_shown_and_stays() {
    let stack = stack();
    let (out, result) = run(&stack, false);
    result.unwrap();
    let expected = format!("{SHOWN}to send them again: onward redrive supplier-forwarding --yes\n");
    assert_eq!(out, expected);
    assert_eq!(stack.lying.borrow().len(), 3);
    assert!(stack.queue.borrow().is_empty() && stack.hidden.borrow().is_empty());
}

#[test]
fn what_is_confirmed_is_sent_again_as_it_was() {
    let stack = stack();
    let sent: Vec<String> = stack.lying.borrow().iter().map(|letter| letter.body.clone()).collect();
    let (out, result) = run(&stack, true);
    result.unwrap();
    assert_eq!(out, format!("{SHOWN}sent again: 3\n"));
    assert_eq!(Vec::from(stack.queue.take()), sent);
    assert!(stack.lying.borrow().is_empty() && stack.hidden.borrow().is_empty());
    assert_eq!(run(&stack, true).0, "supplier-forwarding: 0 dead letters of 0 orders\n");
}

#[test]
fn whoever_breaks_off_loses_nothing() {
    for sent in 1..=3 {
        let stack = stack();
        stack.breaks_after.set(Some(sent));
        let (_, result) = run(&stack, true);
        assert_eq!(
            format!("{:#}", result.unwrap_err()),
            format!("{} of 3 were sent: not now", sent - 1)
        );
        // The one in between is in both places.
        assert_eq!(stack.queue.borrow().len(), sent);
        assert_eq!(stack.lying.borrow().len(), 3 - sent + 1);
        assert!(stack.hidden.borrow().is_empty());
    }
}

#[test]
fn an_age_has_two_units_at_the_most() {
    let check = |to: &str, expected: &str| {
        assert_eq!(age("2026-11-20T09:00:00Z".parse().unwrap(), to.parse().unwrap()), expected);
    };
    check("2026-11-20T08:59:00Z", "0 min");
    check("2026-11-20T09:04:59Z", "4 min");
    check("2026-11-20T12:12:00Z", "3 h 12 min");
    check("2026-11-22T12:12:00Z", "2 d 3 h");
}
