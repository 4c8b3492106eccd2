//! AWS and the outside world behind one address on loopback.

use std::cell::RefCell;
use std::net::TcpListener;
use std::rc::Rc;

use anyhow::Result;
use ports::{Request, Response};
use tokio::task::spawn_local;

use super::cloud::Cloud;
use super::cpu::Meter;
use super::latency::Latency;
use super::prices::Prices;
use super::rounds::{ROUND, Rounds};
use super::usage::Measure;
use crate::{loopback, outside};

/// Who answers: AWS, and everyone else.
#[derive(Clone)]
pub struct Everyone {
    /// AWS.
    pub cloud: Rc<RefCell<Cloud>>,
    /// Shops, suppliers, the tracking service.
    pub outside: Rc<RefCell<outside::World>>,
    /// Where all of them are, without a slash at the end.
    pub url: String,
    /// What answering takes.
    pub meter: Meter,
    /// How long answers take to arrive.
    pub delay: Delay,
}

/// How long answers take to arrive, and in whose time.
#[derive(Clone)]
pub enum Delay {
    /// They are there at once.
    None,
    /// As the price table has it, in made-up time.
    MadeUp(Latency, Rc<Prices>),
    /// Each takes a second of made-up time; who was called when is written down.
    Rounds(Latency, Rounds),
    /// As the price table has it, in real time.
    Real(Rc<Prices>),
}

/// Answers for ever.
///
/// # Errors
/// When the port can't be listened at.
pub async fn serve(listener: TcpListener, everyone: Everyone) -> Result<()> {
    let (url, meter) = (everyone.url.clone(), everyone.meter.clone());
    let answer = async move |request| everyone.answer_in_time(request).await;
    let run = |connection| drop(spawn_local(meter.measured(connection)));
    loopback::serve(listener, &url, answer, run).await
}

impl Everyone {
    async fn answer_in_time(&self, request: Request) -> Result<Response> {
        let asked = matches!(self.delay, Delay::Rounds(..)).then(|| request.clone());
        let (call, response) = self.answer(request)?;
        match &self.delay {
            Delay::None => {}
            Delay::MadeUp(latency, prices) => latency.wait(prices.wait(&call)).await,
            Delay::Rounds(latency, rounds) => {
                asked.iter().for_each(|asked| rounds.note(latency.now(), &call, asked));
                latency.wait(ROUND).await;
            }
            Delay::Real(prices) => tokio::time::sleep(prices.wait(&call)).await,
        }
        Ok(response)
    }

    /// The answer, and what was called, by service and operation.
    fn answer(&self, request: Request) -> Result<(String, Response)> {
        let known = self.cloud.borrow_mut().answer(&request)?;
        known.map_or_else(|| Ok(("outside".to_owned(), self.ask_outside(request)?)), Ok)
    }

    fn ask_outside(&self, request: Request) -> Result<Response> {
        let mut cloud = self.cloud.borrow_mut();
        let whom = request.url.split('/').nth(3).unwrap_or_default().to_owned();
        cloud.usage().add(Measure::OutsideCalls, &whom, 1);
        self.outside.borrow_mut().answer(request, cloud.tables.now)
    }
}
