//! Furnishes a stack that was just deployed: opens the demo's shops and suppliers in the outside world, and puts the
//! demo's settings and catalogue in force.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use cli::command::Command;
use serde_json::json;
use tests::stack::Stack;

/// What each shop speaks.
const SHOPS: [(&str, &str); 3] =
    [("alpenshop", "shopify"), ("teahouse", "woocommerce"), ("onward-direct", "onward")];

/// Suppliers that are reached by API.
const SUPPLIERS: [&str; 3] = ["nordwaren", "own-warehouse", "shenzhen-direct"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let stack = Stack::from_env()?.context("ONWARD_STACK names no stack")?;
    open_outside(&stack).await?;

    let settings = concat!(
        include_str!("../../demo/settings.toml"),
        include_str!("../../demo/endpoints.toml")
    );
    let settings = settings.replace("{OUTSIDE_URL}", &stack.outside);
    // Minutes instead of hours, so that one can watch.
    let settings = settings.replace("poll_minutes = 240", "poll_minutes = 1");
    #[expect(clippy::disallowed_methods, reason = "the settings lie beside the stack's own file")]
    let folder = std::env::var("ONWARD_STACK")?;
    let file = Path::new(&folder).with_file_name("settings.toml");
    std::fs::write(&file, settings)?;
    run(Command::PutSettings { file: file.display().to_string() }).await?;
    let catalog = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/catalog.csv").to_owned();
    run(Command::ImportCatalog { file: catalog, refused: None }).await
}

async fn open_outside(stack: &Stack) -> Result<()> {
    stack.direct("PUT", "public-url", &json!({"url": stack.api})).await?;
    stack.direct("PUT", "tracking", &json!({"key": stack.secret("tracking")})).await?;
    let easypost = stack.secret("carriers/easypost");
    stack.direct("PUT", "labels", &json!({"key": easypost, "manner": {}})).await?;
    for (shop, kind) in SHOPS {
        let secret = stack.secret(&format!("shops/{shop}/api"));
        stack
            .direct("PUT", &format!("shops/{shop}"), &json!({"kind": kind, "secret": secret}))
            .await?;
    }
    for supplier in SUPPLIERS {
        let secret = stack.secret(&format!("suppliers/{supplier}"));
        stack.direct("PUT", &format!("suppliers/{supplier}"), &json!({"secret": secret})).await?;
    }
    Ok(())
}

async fn run(command: Command) -> Result<()> {
    let (mut out, mut progress) = (Vec::new(), std::io::sink());
    let is_well = cli::run(command, aws::World::from_env, &mut out, &mut progress).await?;
    ensure!(is_well, "{}", String::from_utf8_lossy(&out));
    Ok(())
}
