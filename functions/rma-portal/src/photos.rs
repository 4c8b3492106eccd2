//! Photos of what is wrong: they go from the browser straight into the bucket, one with each form, and back comes the page of
//! the return. Whatever lies there when that page is shown is looked at, cleaned and put on record; so nothing is lost when a
//! browser is closed half-way, and nobody sees what was not cleaned.
//!
//! What is too big S3 refuses with a page of its own, in no customer's language. A script tells of it before; where there is
//! none, that page shows in a frame beside the words that explain it, and so does ours when all went well.

use std::collections::BTreeMap;

use anyhow::Result;
use askama::Template;
use connectors::form;
use domain::id::{OrderId, ReturnId};
use domain::order::Order;
use domain::order::returns::fact::{Photo, RequestedLine};
use domain::order::returns::request::keep_photo;
use domain::order::returns::{PHOTOS_MAX, Return, Stage};
use domain::settings::Settings;
use photo::Unfit;
use ports::returns::decide_with_photos;
use ports::{Catalog, Clock, Events, Inbound, Photos, Queues, Reply, Upload, UploadForm, transact};
use sha2::{Digest as _, Sha256};

use crate::access::Access;
use crate::page::{Allowed, Page, redirect};
use crate::show;

/// What was wrong with the last upload of a line, by the line's number in the return, which counts from 1.
pub(crate) type Problems = BTreeMap<usize, Unfit>;

/// How long the form of a page is sent without asking for a new one, somewhat less than S3 takes it.
const FORM_SECONDS_MAX: u32 = 55 * 60;

const SCRIPT: &str = include_str!("../scripts/photos.js");

/// The script that looks at photos before they are sent, of which no page needs more than its own version.
pub(crate) fn script() -> Reply {
    let headers = [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Reply { status: 200, headers, body: SCRIPT.to_owned() }
}

/// What the page shows of photos while they are asked for.
pub(crate) struct PhotosAsked {
    /// Which version of the script goes with it.
    pub(crate) script: String,
    pub(crate) bytes_max: usize,
    pub(crate) seconds_max: u32,
    pub(crate) lines: Vec<LinePhotos>,
    /// Whether there is one of each line, so that the customer may go on.
    pub(crate) is_enough: bool,
}

/// The photos of a line.
pub(crate) struct LinePhotos {
    pub(crate) title: String,
    /// What is there, each in words.
    pub(crate) taken: Vec<String>,
    pub(crate) problem: Option<String>,
    /// The next one; none once there are enough.
    pub(crate) form: Option<UploadForm>,
    pub(crate) send: String,
}

/// Takes in what was uploaded for a return that waits for photos: the order after that, and what could not be taken.
pub(crate) async fn take_in(
    world: &(impl Clock + Events + Photos + Queues),
    access: &Access,
    return_id: ReturnId,
    known: &Return,
) -> Result<(Option<Order>, Problems)> {
    let (mut order, mut problems) = (None, Problems::new());
    if known.stage != Stage::PhotosAsked {
        return Ok((order, problems));
    }
    let folder = uploads(&access.order_id, return_id);
    for upload in world.uploads(&folder).await? {
        let number =
            upload.strip_prefix(&folder).and_then(|rest| rest.split('/').next()?.parse().ok());
        let line = number.and_then(|number: usize| {
            Some((number, known.requested.lines.get(number.checked_sub(1)?)?))
        });
        if let (Some((number, line)), Some(bytes)) = (line, world.upload(&upload).await?) {
            match photo::clean(&bytes) {
                Ok(clean) => {
                    order = Some(keep(world, access, return_id, line, &clean).await?);
                    problems.remove(&number);
                }
                Err(unfit) => drop(problems.insert(number, unfit)),
            }
        }
        // Last, so that whoever fails before comes here again.
        world.discard_upload(&upload).await?;
    }
    Ok((order, problems))
}

/// Keeps a photo and puts it on record. One that is there already, or one too many, changes nothing.
async fn keep(
    world: &(impl Clock + Events + Photos + Queues),
    access: &Access,
    return_id: ReturnId,
    line: &RequestedLine,
    clean: &photo::Clean,
) -> Result<Order> {
    let order_id = &access.order_id;
    let sha256 = format!("{:x}", Sha256::digest(&clean.bytes));
    let (media_type, extension) = (clean.kind.media_type(), clean.kind.extension());
    let photo = Photo {
        key: format!("photos/{order_id}/{return_id}/{sha256}.{extension}"),
        sha256,
        bytes: clean.bytes.len() as u64,
        media_type: media_type.to_owned(),
    };
    world.keep_photo(&photo.key, media_type, &clean.bytes).await?;
    let done = transact(world, order_id, async |order, _| {
        Ok(keep_photo(order, return_id, &line.line_id, &photo))
    })
    .await?;
    Ok(done.order)
}

#[derive(Template)]
#[template(path = "arrived.html")]
struct Arrived<'a> {
    page: &'a Page,
    return_id: ReturnId,
    problem: Option<String>,
}

/// What became of an upload, for the frame beside its form; none for a whole window.
pub(crate) fn answer(
    inbound: &Inbound,
    page: &Page,
    return_id: ReturnId,
    problems: &Problems,
) -> Result<Option<Reply>> {
    if inbound.header("sec-fetch-dest") != Some("iframe") {
        return Ok(None);
    }
    let problem = problems.values().next().map(|unfit| page.say(wrong(*unfit)));
    let allowed = Allowed { is_framed: true, ..Allowed::default() };
    page.reply_allowing(allowed, 200, &Arrived { page, return_id, problem }).map(Some)
}

/// Where S3 sends the browser back to. Nobody but the browser itself can have it called another host, and a function can't
/// be told the address of its own API by the template that makes both.
pub(crate) fn own_address(public_url: &str, inbound: &Inbound) -> String {
    let host = inbound.header("host").unwrap_or_default();
    if public_url.is_empty() { format!("https://{host}") } else { public_url.to_owned() }
}

/// The folder of what was uploaded for a return, and not looked at.
fn uploads(order_id: &OrderId, return_id: ReturnId) -> String {
    format!("uploads/{order_id}/{return_id}/")
}

/// What the page shows; nothing unless photos are asked for. `address` is ours.
pub(crate) fn asked(
    world: &(impl Clock + Photos),
    address: &str,
    page: &Page,
    access: &Access,
    (return_id, known): (ReturnId, &Return),
    problems: &Problems,
) -> Result<Option<PhotosAsked>> {
    if known.stage != Stage::PhotosAsked {
        return Ok(None);
    }
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(&known.requested.lines) {
        if !known.needs_photos(&line.line_id) {
            continue;
        }
        let form = (line.photos < PHOTOS_MAX).then(|| {
            // A form for one file; whoever sends it twice sends the same one.
            let next = world.now().as_millisecond();
            let key = format!("{}{number}/{next}", uploads(&access.order_id, return_id));
            let then = format!("{address}/order/returns/{return_id}");
            world.upload_form(&Upload { key, bytes_max: photo::BYTES_MAX, then })
        });
        let send = if line.photos == 0 { "photo-send" } else { "photo-send-another" };
        lines.push(LinePhotos {
            title: show::title(access, line),
            taken: known.photos_of(&line.line_id).zip(1..).map(|it| said(page, it)).collect(),
            problem: problems.get(&number).map(|unfit| page.say(wrong(*unfit))),
            form: form.transpose()?,
            send: page.say(send),
        });
    }
    Ok(Some(PhotosAsked {
        script: format!("{:x}", Sha256::digest(SCRIPT)),
        bytes_max: photo::BYTES_MAX,
        seconds_max: FORM_SECONDS_MAX,
        lines,
        is_enough: known.has_all_photos(),
    }))
}

/// A photo that is there: the customer knows it by its number and its size.
fn said(page: &Page, (photo, number): (&Photo, u32)) -> String {
    let kilobytes = photo.bytes.div_ceil(1000);
    let kilobytes = u32::try_from(kilobytes).unwrap_or(u32::MAX);
    page.texts.with("photo-taken", &[("number", number.into()), ("kilobytes", kilobytes.into())])
}

fn wrong(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::Foreign => "photo-wrong-kind",
        Unfit::TooBig => "photo-too-big",
        Unfit::Broken => "photo-broken",
    }
}

/// The customer says that these are all: it is decided, if there are enough. What is missing is said by the page it leads to.
pub(crate) async fn go_on(
    world: &(impl Catalog + Clock + Events + Queues),
    inbound: &Inbound,
    page: &Page,
    access: &Access,
    settings: &Settings,
) -> Result<Reply> {
    let Some((return_id, _)) = show::find(inbound, access) else {
        return page.gone("../../../returns");
    };
    let fields = form::fields(&inbound.body).unwrap_or_default();
    if access.is_own_form(fields.get("form").map_or("", String::as_str)) {
        transact(world, &access.order_id, async |order, now| {
            decide_with_photos(world, order, return_id, settings, now).await
        })
        .await?;
    }
    Ok(redirect(&format!("../{return_id}"), None))
}
