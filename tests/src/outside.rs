//! The outside world: shops, suppliers, EasyPost, 17TRACK and AfterShip, as one state machine that speaks their real wire
//! formats, keeps a log of all that it was sent, and can be told to misbehave.
//!
//! It does no I/O: a test gives it to the world in memory, `bin/outside.rs` serves it on loopback.

pub mod aftership;
pub mod control;
pub mod endpoint;
pub mod labels;
pub mod shop;
pub mod supplier;
pub mod tracking;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use ports::{Request, Response};
use serde_json::Value;

/// Everything outside.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    /// Where all of it is, without a slash at its end; a test that opens shops and suppliers by URL needs none.
    pub base_url: String,
    /// Storefronts.
    pub shops: shop::Shops,
    /// Suppliers with an API.
    pub suppliers: supplier::Suppliers,
    /// EasyPost, at `/easypost`.
    pub labels: labels::Labels,
    /// The merchant's other systems.
    pub endpoints: endpoint::Endpoints,
    /// 17TRACK and AfterShip.
    pub tracking: tracking::Tracking,
    /// All that was sent here, in order, and the status that it was answered with; none for an answer that got lost.
    pub log: Vec<(Request, Option<u16>)>,
}

impl World {
    /// Answers a call.
    ///
    /// # Errors
    /// When nobody answers: nobody is there, or the answer gets lost.
    pub fn answer(&mut self, request: Request, now: Timestamp) -> Result<Response> {
        let response = self.respond(&request, now);
        let status = response.as_ref().ok().map(|response| response.status);
        self.log.push((request, status));
        response
    }

    /// Forgets how often it was asked, and keeps what came of it: what is left differs only if something was done twice.
    pub fn forget_calls(&mut self) {
        self.log.clear();
        self.shops.forget_calls();
        self.suppliers.forget_calls();
        self.endpoints.forget_calls();
    }

    fn respond(&mut self, request: &Request, now: Timestamp) -> Result<Response> {
        if let Some(response) = self.endpoints.answer(request) {
            return Ok(response);
        }
        if let Some((_, action)) = request.url.split_once("/track/v2.4/") {
            return Ok(self.tracking.answer(request, action));
        }
        if let Some((_, path)) = request.url.split_once("/tracking/2026-07/") {
            return Ok(self.tracking.answer_as_aftership(request, path));
        }
        if let Some(answer) = self.labels.answer(request, now) {
            return answer.with_context(|| format!("no answer from `{}`", request.url));
        }
        if let Some(answer) = self.suppliers.answer(request, now) {
            return answer.with_context(|| format!("no answer from `{}`", request.url));
        }
        if let Some(response) = self.shops.answer(request) {
            if self.shops.loses_answer() {
                bail!("no answer from `{}`", request.url);
            }
            return Ok(response);
        }
        bail!("nobody listens at `{}`", request.url)
    }
}

pub(crate) fn json_response(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string().into_bytes() }
}
