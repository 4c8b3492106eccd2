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
    /// How long answers take to arrive; without it, they are there at once.
    pub latency: Option<(Latency, Rc<Prices>)>,
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
        let (call, response) = self.answer(request)?;
        if let Some((latency, prices)) = &self.latency {
            latency.wait(prices.wait(&call)).await;
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
