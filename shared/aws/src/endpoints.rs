//! The merchant's other systems: who of them is gone is in `Catalog`, and calls go to the public internet alone.

use anyhow::{Context, Result};
use domain::settings::Endpoint;
use ports::{Endpoints, Request, Response};

use crate::items::{item, text, text_of};
use crate::world::World;

fn gone_pk(endpoint: &Endpoint) -> String {
    format!("gone#{}", endpoint.id)
}

impl Endpoints for World {
    async fn is_gone(&self, endpoint: &Endpoint) -> Result<bool> {
        let read = self
            .dynamodb()
            .get_item()
            .table_name(&self.config.table_catalog)
            .key("pk", text(gone_pk(endpoint)))
            .send()
            .await;
        let read =
            read.with_context(|| format!("failed to read about endpoint `{}`", endpoint.id))?;
        let Some(found) = read.item else { return Ok(false) };
        // At another address it is another.
        Ok(text_of(&found, "url")? == endpoint.url)
    }

    async fn note_gone(&self, endpoint: &Endpoint) -> Result<()> {
        let note = item([("pk", text(gone_pk(endpoint))), ("url", text(&endpoint.url))]);
        let noted = self
            .dynamodb()
            .put_item()
            .table_name(&self.config.table_catalog)
            .set_item(Some(note))
            .send()
            .await;
        noted.map(drop).with_context(|| format!("failed to note that `{}` is gone", endpoint.id))
    }

    async fn tell(&self, request: Request) -> Result<Response> {
        let or_private = self.config.endpoints_may_be_private;
        self.away(self.transport.call_public(request, or_private)).await
    }
}
