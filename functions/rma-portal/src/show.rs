//! After the request: where a return stands, what to do next, and calling it off.

use anyhow::Result;
use askama::Template;
use connectors::form;
use domain::address::Address;
use domain::id::{OrderId, ReturnId};
use domain::order::refund;
use domain::order::returns::approve::{self, Side};
use domain::order::returns::fact::{RequestedLine, Resolution};
use domain::order::returns::{Label, Return, Stage, is_claim};
use domain::settings::Settings;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ports::{Clock, Events, Inbound, Photos, Queues, Reply, transact};
use qrcodegen::{QrCode, QrCodeEcc};

use crate::access::Access;
use crate::choose::{CUSTOMER, reason_title};
use crate::page::{Allowed, Page, redirect};
use crate::photos::{self, PhotosAsked};

#[derive(Template)]
#[template(path = "show.html")]
struct Show<'a> {
    page: &'a Page,
    form_token: &'a str,
    return_id: String,
    heading: String,
    rma: String,
    requested_on: String,
    standing: String,
    explanation: String,
    photos: Option<PhotosAsked>,
    way: Option<Way>,
    sent: Option<String>,
    refunds: Vec<String>,
    lines: Vec<Line>,
    may_cancel: bool,
}

/// How the goods come back.
struct Way {
    /// What to do.
    says: String,
    /// The label, where there is one to open.
    label: Option<String>,
    /// Where to send it at one's own cost, line by line.
    address: Vec<String>,
    write_number: String,
    code_alt: String,
    code: Code,
}

/// A QR code as the path of an SVG, in a square of so many units.
struct Code {
    side: i32,
    path: String,
}

/// A line of the return.
struct Line {
    title: String,
    units: String,
    reason: String,
}

/// Where a return stands, as the customer sees it: the middle of the keys of two texts.
pub(crate) fn standing(known: &Return) -> &'static str {
    let resolution = known.approved.as_ref().map(|approved| approved.resolution);
    match (known.stage, resolution) {
        (Stage::Closed, Some(Resolution::Replace)) => "replace",
        (Stage::Closed, Some(Resolution::RefundWithoutReturn)) => "keep",
        (Stage::Approved | Stage::LabelSent, _) => "approved",
        (stage, _) => stage.name(),
    }
}

/// A return's page.
pub(crate) async fn show(
    world: &(impl Clock + Events + Photos + Queues),
    public_url: &str,
    inbound: &Inbound,
    page: &Page,
    mut access: Access,
    settings: &Settings,
) -> Result<Reply> {
    let Some((return_id, known)) = find(inbound, &access) else {
        return page.gone("../../returns");
    };
    let (order, problems) = photos::take_in(world, &access, return_id, known).await?;
    if let Some(answer) = photos::answer(inbound, page, return_id, &problems)? {
        return Ok(answer);
    }
    access.order = order.unwrap_or(access.order);
    let Some((return_id, known)) = find(inbound, &access) else {
        return page.gone("../../returns");
    };
    let address = photos::own_address(public_url, inbound);
    let mut shown = show_of(page, &access, settings, return_id, known);
    shown.photos = photos::asked(world, &address, page, &access, (return_id, known), &problems)?;
    let lines = shown.photos.iter().flat_map(|photos| &photos.lines);
    let place = lines.filter_map(|line| line.form.as_ref()).map(|form| form.action.clone()).next();
    let allowed = Allowed { uploads_to: place.as_deref(), ..Allowed::default() };
    page.reply_allowing(allowed, 200, &shown)
}

/// The return that a call is about.
pub(crate) fn find<'a>(inbound: &Inbound, access: &'a Access) -> Option<(ReturnId, &'a Return)> {
    let return_id = inbound.parameter("id").parse().ok()?;
    Some((return_id, access.order.returns.get(&return_id)?))
}

fn show_of<'a>(
    page: &'a Page,
    access: &'a Access,
    settings: &Settings,
    return_id: ReturnId,
    known: &Return,
) -> Show<'a> {
    let rma = return_id.rma(&access.order_id);
    let heading = if is_claim(known) { "claim-heading" } else { "return-heading" };
    let standing = standing(known);
    let explanation = page.texts.with(
        &format!("stage-{standing}-text"),
        &[
            ("date", send_by(page, known).into()),
            ("why", known.why.clone().unwrap_or_default().into()),
        ],
    );
    let cancelled = approve::cancel(&access.order, return_id, Side::Customer, CUSTOMER, CUSTOMER);
    Show {
        page,
        form_token: &access.form_token,
        return_id: return_id.to_string(),
        heading: page.say_with(heading, "rma", rma.clone()),
        requested_on: page.say_with("requested-on", "date", day(page, known.requested_at)),
        standing: page.say(&format!("stage-{standing}")),
        explanation,
        photos: None,
        way: way(page, &access.order_id, settings, return_id, known),
        sent: known.sent.as_ref().map(|(carrier, number)| {
            let arguments =
                [("carrier", carrier.clone().into()), ("number", number.clone().into())];
            page.texts.with("sent-with", &arguments)
        }),
        refunds: refunds(page, access, return_id),
        lines: known
            .requested
            .lines
            .iter()
            .map(|line| shown_line(page, access, settings, line))
            .collect(),
        may_cancel: cancelled.is_ok_and(|facts| !facts.is_empty()),
        rma,
    }
}

fn day(page: &Page, at: Timestamp) -> String {
    page.texts.date(at.to_zoned(TimeZone::UTC).date())
}

fn send_by(page: &Page, known: &Return) -> String {
    let send_by = known.approved.as_ref().and_then(|approved| approved.send_by);
    send_by.map_or(String::new(), |at| day(page, at))
}

fn shown_line(page: &Page, access: &Access, settings: &Settings, line: &RequestedLine) -> Line {
    Line {
        title: title(access, line),
        units: page.say_with("units", "count", line.quantity),
        reason: reason_title(page, &settings.returns, &line.reason),
    }
}

/// What was bought.
pub(crate) fn title(access: &Access, line: &RequestedLine) -> String {
    let mut lines = access.order.received.iter().flat_map(|received| &received.lines);
    let bought = lines.find(|known| known.line_id == line.line_id);
    bought.map_or(String::new(), |bought| bought.title.clone())
}

/// How the goods come back, as long as they are to be sent.
fn way(
    page: &Page,
    order_id: &OrderId,
    settings: &Settings,
    return_id: ReturnId,
    known: &Return,
) -> Option<Way> {
    let is_to_be_sent = matches!(known.stage, Stage::Approved | Stage::LabelSent);
    let approved = known.approved.as_ref().filter(|_| is_to_be_sent && known.has_goods())?;
    let destination = approved.destination.as_ref();
    let destination = destination.and_then(|known| settings.returns.destination(known));
    let (says, label, own) = match &known.label {
        Label::None => (page.say("own-postage"), None, destination),
        Label::Wanted | Label::Started { .. } => (page.say("label-soon"), None, None),
        Label::Bought(bought) => {
            let says = page.say_with("label-ready-text", "carrier", bought.carrier.clone());
            // Nobody but a seller of labels names it; a browser is not sent to anything but a page all the same.
            let is_page = bought.label_url.starts_with("https://");
            (says, is_page.then(|| bought.label_url.clone()), None)
        }
        Label::Known { .. } | Label::Failed { .. } | Label::InDoubt { .. } => {
            (page.say("label-none"), None, None)
        }
    };
    let rma = return_id.rma(order_id);
    Some(Way {
        says,
        label,
        address: own.map_or(Vec::new(), |destination| written(&destination.address)),
        write_number: page.say_with("write-number", "rma", rma.clone()),
        code_alt: page.say_with("code-alt", "rma", rma.clone()),
        code: code(&rma),
    })
}

/// An address as it is written on a parcel.
fn written(address: &Address) -> Vec<String> {
    let Address { name, company, lines, city, region, postal_code, country } = address;
    let place = [postal_code.clone(), Some(city.clone()), region.clone()];
    let place: Vec<String> = place.into_iter().flatten().collect();
    let mut written: Vec<String> =
        [Some(name.clone()), company.clone()].into_iter().flatten().collect();
    written.extend(lines.iter().cloned());
    written.push(place.join(" "));
    written.extend(country.map(|country| country.to_string()));
    written.retain(|line| !line.trim().is_empty());
    written
}

/// The number as a QR code, with the margin of four that readers need (ISO/IEC 18004).
fn code(rma: &str) -> Code {
    let code = QrCode::encode_text(rma, QrCodeEcc::Medium);
    let code = code.expect("an RMA number is shorter than what a QR code holds");
    let modules = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let dark = modules.filter(|(x, y)| code.get_module(*x, *y));
    let path = dark.map(|(x, y)| format!("M{},{}h1v1h-1z", x + 4, y + 4)).collect();
    Code { side: code.size() + 8, path }
}

fn refunds(page: &Page, access: &Access, return_id: ReturnId) -> Vec<String> {
    let refunds = access.order.refunds.values();
    let own = refunds.filter(|known| known.planned.return_id == Some(return_id));
    let said = own.map(|known| {
        let key = match known.stage {
            refund::Stage::Planned | refund::Stage::Submitted { .. } => "refund-planned",
            refund::Stage::Succeeded { .. } => "refund-succeeded",
            refund::Stage::Failed { .. } | refund::Stage::InDoubt { .. } => "refund-waits",
        };
        page.say_with(key, "amount", page.texts.money(known.planned.amount))
    });
    said.collect()
}

/// The customer calls it off.
pub(crate) async fn cancel(
    world: &(impl Clock + Events + Queues),
    inbound: &Inbound,
    page: &Page,
    access: &Access,
) -> Result<Reply> {
    let Some((return_id, _)) = find(inbound, access) else {
        return page.gone("../../../returns");
    };
    let fields = form::fields(&inbound.body).unwrap_or_default();
    let back = format!("../{return_id}");
    if !access.is_own_form(fields.get("form").map_or("", String::as_str)) {
        return Ok(redirect(&back, None));
    }
    // Too late is no error: the page it leads back to says what became of it.
    transact(world, &access.order_id, async |order, _| {
        let decided = approve::cancel(order, return_id, Side::Customer, CUSTOMER, CUSTOMER);
        Ok(decided.unwrap_or_default())
    })
    .await?;
    Ok(redirect(&back, None))
}
