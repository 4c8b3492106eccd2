//! The contracts of the ports, on AWS: on the stack that the environment variable `ONWARD_STACK` describes (a file that
//! `tests/local/stack.py` writes). `make test` gives one.
//!
//! The functions of that stack see what is written here. It calls for nothing.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::{Context as _, Result};
use aws::{Config, SkuEntry, World};
use domain::settings::Settings;
use ports::contracts::{self, Catalogue, Run};
use ports::{Catalog as _, Clock as _, Http as _, Request};

/// Runs a check on the stack. Without a stack it says so, and proves nothing.
fn on_the_stack(check: impl AsyncFn(&World, &Run) -> Result<()>) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a test is told where its stack is")]
    let Ok(file) = std::env::var("ONWARD_STACK") else {
        #[expect(clippy::print_stderr, reason = "nobody may believe that it was checked")]
        {
            eprintln!("ONWARD_STACK is not set: nothing was checked on AWS; `make test` does it");
        }
        return Ok(());
    };
    let stack = std::fs::read(&file).with_context(|| format!("failed to read `{file}`"))?;
    let stack: serde_json::Value = serde_json::from_slice(&stack)?;
    let variable = |name: &str| stack["environment"][name].as_str().map(str::to_owned);
    let world = World::new(Config::read(variable)?);
    let run = Run::new(&format!("t{}p{}", world.now().as_millisecond(), std::process::id()));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(check(&world, &run))
}

#[test]
fn the_clock_keeps_its_contract() -> Result<()> {
    on_the_stack(async |world, _| {
        contracts::check_clock(world);
        Ok(())
    })
}

#[test]
fn events_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_events(world, run).await)
}

#[test]
fn of_all_who_append_at_once_one_does() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_race(world, run).await)
}

#[test]
fn the_last_ten_units_go_to_ten_of_fifty_orders() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_last_units(world, run).await)
}

#[test]
fn stock_keeps_its_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_stock(world, run).await)
}

#[test]
fn people_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_people(world, run).await)
}

#[test]
fn notes_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_notes(world, run).await)
}

#[test]
fn attempts_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_attempts(world, run).await)
}

#[test]
fn notices_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_notices(world, run).await)
}

#[test]
fn the_post_keeps_its_contract() -> Result<()> {
    on_the_stack(async |world, _| contracts::check_post(world, "orders@example.com").await)
}

#[test]
fn the_catalogue_keeps_its_contract() -> Result<()> {
    on_the_stack(async |world, run| {
        let stored = Catalogue::new(run);
        let entry = |(shop, sku, mapping): &(_, String, _)| SkuEntry {
            shop: Clone::clone(shop),
            sku: sku.clone(),
            mapping: Clone::clone(mapping),
        };
        let entries: Vec<SkuEntry> = stored.sku_mappings.iter().map(entry).collect();
        world.put_sku_mappings(&entries).await?;
        world.put_articles(&stored.articles).await?;
        contracts::check_catalog(world, run, &stored).await
    })
}

/// Whatever settings the stack has stay as they are; only their version is counted up.
#[test]
fn settings_that_are_stored_are_in_force_with_the_next_version() -> Result<()> {
    on_the_stack(async |world, _| {
        let known = world.settings().await.map(|known| Settings::clone(&known));
        let settings = known.or_else(|_| some_settings())?;
        let (first, second) =
            (world.put_settings(&settings).await?, world.put_settings(&settings).await?);
        assert_eq!(second, first + 1);
        assert_eq!(*world.settings().await?, Settings { version: second, ..settings });
        Ok(())
    })
}

fn some_settings() -> Result<Settings> {
    let settings = serde_json::json!({
        "seller": { "name": "Contracts", "address": [] },
        "shops": [], "suppliers": [], "locations": [], "services": [],
        "routing": {
            "rank": [], "split": "never", "margin_floor_percent": 0, "cooling_off_seconds": 0,
        },
    });
    Ok(serde_json::from_value(settings)?)
}

#[test]
fn bookmarks_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_bookmarks(world, run).await)
}

#[test]
fn the_queues_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_queues(world, run).await)
}

#[test]
fn views_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_views(world, run).await)
}

#[test]
fn the_archives_keep_their_contract() -> Result<()> {
    on_the_stack(async |world, run| contracts::check_archive(world, run).await)
}

#[test]
fn secrets_keep_their_contract() -> Result<()> {
    let stored: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../../tests/local/secrets.json"))?;
    let stored = stored.into_iter().map(|(name, secret)| (name, vec![secret])).collect();
    on_the_stack(async |world, _| contracts::check_secrets(world, &stored).await)
}

#[test]
fn mail_keeps_its_contract() -> Result<()> {
    on_the_stack(async |world, _| contracts::check_mail(world).await)
}

#[test]
fn http_keeps_its_contract() -> Result<()> {
    let url = serve(|mut caller, request| {
        let response = contracts::echo(&request);
        let head: String =
            response.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = response.body.len();
        let head =
            format!("HTTP/1.1 {} .\r\n{head}content-length: {length}\r\n\r\n", response.status);
        caller.write_all(&[head.as_bytes(), &response.body].concat())
    })?;
    off_the_stack(async |world| contracts::check_http(world, &url).await)
}

#[test]
fn the_pace_keeps_its_contract() -> Result<()> {
    off_the_stack(async |world| {
        contracts::check_pace(world).await;
        Ok(())
    })
}

#[test]
fn an_answer_without_end_is_refused() -> Result<()> {
    let url = serve(|mut caller, _| {
        caller.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
        let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
        while caller.write_all(&chunk).is_ok() {}
        Ok(())
    })?;
    off_the_stack(async |world| {
        let request = Request {
            method: "GET",
            url: format!("{url}/?token=secret"),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let error = format!("{:#}", world.call(request).await.err().context("it was taken")?);
        let host = url.trim_start_matches("http://");
        assert_eq!(
            error,
            format!("failed to call `GET {host}`: the answer is longer than 10485760 bytes")
        );
        Ok(())
    })
}

/// Runs a check that calls no AWS.
fn off_the_stack(check: impl AsyncFn(&World) -> Result<()>) -> Result<()> {
    let value = |name: &str| match name {
        "TIMEOUT_SECONDS" => "20".to_owned(),
        "RETRY_SECONDS" => "140".to_owned(),
        name => name.to_owned(),
    };
    let world = World::new(Config::read(|name| Some(value(name)))?);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(check(&world))
}

/// Serves HTTP, one request per connection, until the test ends. Gives its URL.
fn serve(
    answer: impl Fn(TcpStream, Request) -> std::io::Result<()> + Send + 'static,
) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for caller in listener.incoming().flatten() {
            // A caller that hangs up is no failure of the server.
            let _ = read_request(&caller).and_then(|request| answer(caller, request));
        }
    });
    Ok(url)
}

fn read_request(caller: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(caller);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let method = if words.next() == Some("POST") { "POST" } else { "GET" };
    let url = words.next().unwrap_or_default().to_owned();
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name == "content-length" {
            length = value.parse().unwrap_or_default();
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Request { method, url, headers, body })
}
