//! What each notice says.

use domain::id::{FulfillmentOrderId, ItemId, LineId, ParcelId, RefundId, ReturnId};
use domain::order::fact::{ScanStatus, Units};
use domain::order::notice::Notice;
use domain::order::refund::Stage;
use domain::order::returns::Return;
use domain::order::returns::fact::Resolution;
use domain::order::{FulfillmentOrder, Parcel, cancelled, delay};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use language::FluentValue;

use crate::{Block, Content, Scene};

impl Content {
    /// What a notice says; none of what the order does not have.
    #[must_use]
    pub fn of(notice: Notice, scene: Scene<'_>) -> Option<Self> {
        match notice {
            Notice::Confirmed => scene.confirmed(),
            Notice::Split { .. } => scene.split(),
            Notice::Backordered { .. } => scene.backordered(),
            Notice::Cancelled { .. } => Some(scene.cancelled()),
            Notice::PartCancelled { .. } => scene.part_cancelled(),
            Notice::Shipped(parcel_id) => scene.shipped(parcel_id),
            Notice::Corrected { parcel_id, .. } => scene.corrected(parcel_id),
            Notice::Delayed(fulfillment_order_id) => scene.delayed(fulfillment_order_id),
            Notice::Delivered(parcel_id) => scene.delivered(parcel_id),
            Notice::ReturnRequested(return_id) => scene.returned("return-requested", return_id),
            Notice::ReturnPhotosAsked(return_id) => {
                scene.returned("return-photos-asked", return_id)
            }
            Notice::ReturnApproved(return_id) => scene.return_approved(return_id),
            Notice::ReturnLabel(return_id) => scene.return_label(return_id),
            Notice::ReturnDeclined(return_id) => scene.return_declined(return_id),
            Notice::ReturnCancelled(return_id) => scene.returned("return-cancelled", return_id),
            Notice::ReturnReceived { return_id, .. } => {
                scene.returned("return-received", return_id)
            }
            Notice::Refunded(refund_id) => scene.refunded(refund_id),
        }
    }
}

/// Titles and quantities.
type Articles = Vec<(String, u32)>;

impl Scene<'_> {
    fn number(&self) -> &str {
        self.order.received.as_ref().map_or("", |received| received.number.as_str())
    }

    /// `mail-<name>-subject` and `mail-<name>-heading`, with these arguments and the order's number.
    fn begin(&self, name: &str, arguments: &[(&str, FluentValue<'_>)]) -> Content {
        let mut arguments = arguments.to_vec();
        arguments.push(("number", self.number().into()));
        let text = |part: &str| self.texts.with(&format!("mail-{name}-{part}"), &arguments);
        Content { subject: text("subject"), heading: text("heading"), blocks: Vec::new() }
    }

    fn paragraph(&self, key: &str, arguments: &[(&str, FluentValue<'_>)]) -> Block {
        Block::Paragraph(self.texts.with(key, arguments))
    }

    fn detail(&self, key: &str, value: String) -> Block {
        Block::Detail(self.texts.text(key), vec![value])
    }

    fn track(&self) -> Option<Block> {
        let link = self.links.track.clone()?;
        Some(Block::Button(self.texts.text("mail-track"), link))
    }

    /// The same page, where nothing is on its way any more.
    fn order_page(&self) -> Option<Block> {
        let link = self.links.track.clone()?;
        Some(Block::Button(self.texts.text("mail-order"), link))
    }

    fn portal(&self) -> Option<Block> {
        let link = self.links.returns.clone()?;
        Some(Block::Button(self.texts.text("mail-returns"), link))
    }

    /// What customers know an item by: the line that they read, or the part of a bundle.
    fn title(&self, item: &ItemId) -> String {
        let parts = self.order.items().filter(|known| known.id.line == item.line).count();
        let lines = self.order.received.iter().flat_map(|received| &received.lines);
        let line = lines.into_iter().find(|line| line.line_id == item.line && parts == 1);
        let own = self.order.items().find(|known| known.id == *item);
        let title = line.map(|line| &line.title).filter(|title| !title.is_empty());
        title.or(own.map(|own| &own.title)).cloned().unwrap_or_default()
    }

    fn articles(&self, units: &[Units]) -> Articles {
        units.iter().map(|units| (self.title(&units.item), units.quantity)).collect()
    }

    fn days(&self, (first, last): (Date, Date)) -> String {
        let (first, last) = (self.texts.weekday(first), self.texts.weekday(last));
        if first == last {
            return first;
        }
        self.texts.with("mail-expected-between", &[("first", first.into()), ("last", last.into())])
    }

    /// Each part that somebody ships, and what waits, with the days on which they are expected.
    fn parts(&self) -> Vec<Block> {
        let parts: Vec<&FulfillmentOrder> = self.shares().collect();
        let mut blocks = Vec::new();
        for (part, known) in (1_usize..).zip(&parts) {
            let arguments = [("part", FluentValue::from(part)), ("parts", parts.len().into())];
            let heading = (parts.len() > 1).then(|| self.texts.with("mail-part", &arguments));
            blocks.push(Block::Articles(heading, self.articles(&known.active())));
            blocks.push(self.detail("mail-expected", self.days(known.planned.arrives)));
        }
        blocks.extend(self.waiting());
        blocks
    }

    fn shares(&self) -> impl Iterator<Item = &FulfillmentOrder> {
        self.order.fulfillment_orders.values().filter(|known| !known.active().is_empty())
    }

    /// What nobody has now.
    fn waiting(&self) -> Vec<Block> {
        let waiting = &self.order.backorders;
        let Some(last) = waiting.values().map(|known| known.expected_on).max() else {
            return Vec::new();
        };
        let articles =
            waiting.iter().map(|(item, known)| (self.title(item), known.quantity)).collect();
        let date = self.texts.date(last);
        let around = self.texts.with("mail-expected-around", &[("date", date.into())]);
        let heading = self.texts.text("mail-waiting");
        vec![Block::Articles(Some(heading), articles), self.detail("mail-expected", around)]
    }

    fn confirmed(&self) -> Option<Content> {
        let mut content = self.begin("confirmed", &[]);
        let parts = [("parts", self.shares().count().max(1).into())];
        content.blocks.push(self.paragraph("mail-confirmed-text", &parts));
        content.blocks.extend(self.parts());
        content.blocks.extend(self.track());
        Some(content)
    }

    fn split(&self) -> Option<Content> {
        let mut content = self.begin("split", &[("parts", self.shares().count().into())]);
        content.blocks.push(self.paragraph("mail-split-text", &[]));
        content.blocks.extend(self.parts());
        content.blocks.extend(self.track());
        Some(content)
    }

    fn backordered(&self) -> Option<Content> {
        let mut content = self.begin("backordered", &[]);
        content.blocks.push(self.paragraph("mail-backordered-text", &[]));
        content.blocks.extend(self.waiting());
        content.blocks.extend(self.track());
        Some(content)
    }

    fn cancelled(&self) -> Content {
        let mut content = self.begin("cancelled", &[]);
        content.blocks.push(self.paragraph("mail-cancelled-text", &[]));
        content.blocks.extend(self.given_back());
        content.blocks.extend(self.order_page());
        content
    }

    fn part_cancelled(&self) -> Option<Content> {
        let units = cancelled::units(self.order);
        if units.is_empty() {
            return None;
        }
        let mut content = self.begin("part-cancelled", &[]);
        content.blocks.push(self.paragraph("mail-part-cancelled-text", &[]));
        let articles = units.iter().map(|(item, quantity)| (self.title(item), *quantity));
        content.blocks.push(Block::Articles(None, articles.collect()));
        let is_unwanted = self.order.cancel_requested.is_some();
        let rest =
            if is_unwanted { "mail-part-cancelled-left" } else { "mail-part-cancelled-rest" };
        content.blocks.push(self.paragraph(rest, &[]));
        content.blocks.extend(self.given_back());
        content.blocks.extend(self.track());
        Some(content)
    }

    /// Money that goes back, or went back, for what does not come: only what is on record, nothing that someone may owe.
    fn given_back(&self) -> Option<Block> {
        let is_lost = |stage: &Stage| matches!(stage, Stage::Failed { .. } | Stage::InDoubt { .. });
        let known = self.order.refunds.values();
        let known = known.filter(|it| it.planned.return_id.is_none() && !is_lost(&it.stage));
        let amounts: Vec<String> =
            known.map(|refund| self.texts.money(refund.planned.amount)).collect();
        let name = self.texts.text("mail-refund");
        (!amounts.is_empty()).then_some(Block::Detail(name, amounts))
    }

    fn number_of(&self, parcel: &Parcel) -> [Block; 2] {
        let (carrier, number) = (parcel.carrier.clone(), parcel.number.clone());
        [self.detail("mail-carrier", carrier), self.detail("mail-tracking-number", number)]
    }

    fn shipped(&self, parcel_id: ParcelId) -> Option<Content> {
        let parcel = self.order.parcels.get(&parcel_id)?;
        let mut content = self.begin("shipped", &[]);
        let carrier = [("carrier", parcel.carrier.as_str().into())];
        content.blocks.push(self.paragraph("mail-shipped-text", &carrier));
        content.blocks.push(Block::Articles(None, self.articles(&parcel.units)));
        content.blocks.extend(self.number_of(parcel));
        let share = self.order.fulfillment_orders.get(&parcel.fulfillment_order_id);
        if let Some(share) = share.filter(|_| parcel.status() != ScanStatus::Delivered) {
            content.blocks.push(self.detail("mail-expected", self.days(share.planned.arrives)));
        }
        content.blocks.extend(self.track());
        let is_open = |item| {
            self.order.unallocated(item) > 0
                || self.order.allocated(&item.id) > self.order.shipped(&item.id)
        };
        if self.order.cancel_requested.is_none() && self.order.items().any(is_open) {
            content.blocks.push(self.paragraph("mail-rest", &[]));
        }
        Some(content)
    }

    fn corrected(&self, parcel_id: ParcelId) -> Option<Content> {
        let parcel = self.order.parcels.get(&parcel_id)?;
        let mut content = self.begin("corrected", &[]);
        content.blocks.push(self.paragraph("mail-corrected-text", &[]));
        content.blocks.extend(self.number_of(parcel));
        content.blocks.extend(self.track());
        Some(content)
    }

    fn delayed(&self, fulfillment_order_id: FulfillmentOrderId) -> Option<Content> {
        let share = self.order.fulfillment_orders.get(&fulfillment_order_id)?;
        let parcels = self.order.parcels.values();
        let own: Vec<&Parcel> =
            parcels.filter(|known| known.fulfillment_order_id == fulfillment_order_id).collect();
        let troubled = own.iter().find(|known| known.status() == ScanStatus::Exception);
        let mut content = self.begin("delayed", &[]);
        content.blocks.push(match troubled.filter(|_| !share.delayed) {
            Some(parcel) => {
                let carrier = [("carrier", parcel.carrier.as_str().into())];
                self.paragraph("mail-delayed-carrier-text", &carrier)
            }
            None => {
                let date = self.texts.weekday(delay::expected_on(share));
                self.paragraph("mail-delayed-text", &[("date", date.into())])
            }
        });
        content.blocks.push(Block::Articles(None, self.articles(&share.active())));
        for parcel in own.iter().filter(|known| known.is_moving()) {
            content.blocks.extend(self.number_of(parcel));
        }
        content.blocks.extend(self.track());
        Some(content)
    }

    fn delivered(&self, parcel_id: ParcelId) -> Option<Content> {
        let parcel = self.order.parcels.get(&parcel_id)?;
        // The carrier's day, not ours: near midnight it can be the other one, which does no harm.
        let day = parcel.delivered_at()?.to_zoned(TimeZone::UTC).date();
        let date = self.texts.weekday(day);
        let arguments = [("carrier", parcel.carrier.as_str().into()), ("date", date.into())];
        let mut content = self.begin("delivered", &[]);
        content.blocks.push(self.paragraph("mail-delivered-text", &arguments));
        content.blocks.push(Block::Articles(None, self.articles(&parcel.units)));
        content.blocks.extend(self.track());
        content.blocks.push(self.paragraph("mail-delivered-wrong", &[]));
        content.blocks.extend(self.portal());
        Some(content)
    }

    /// The number that customers, labels and whoever unpacks know a return by.
    fn rma(&self, return_id: ReturnId) -> String {
        return_id.rma(self.order_id)
    }

    fn begin_return(&self, name: &str, return_id: ReturnId) -> Option<(Content, &Return)> {
        let known = self.order.returns.get(&return_id)?;
        Some((self.begin(name, &[("rma", self.rma(return_id).into())]), known))
    }

    fn returned_articles(&self, known: &Return) -> Block {
        let lines = self.order.received.iter().flat_map(|received| &received.lines);
        let title = |line_id: &LineId| {
            let line = lines.clone().find(|line| line.line_id == *line_id);
            line.map(|line| line.title.clone()).unwrap_or_default()
        };
        let asked = known.requested.lines.iter();
        Block::Articles(None, asked.map(|line| (title(&line.line_id), line.quantity)).collect())
    }

    /// A step that needs no more than to be told.
    fn returned(&self, name: &str, return_id: ReturnId) -> Option<Content> {
        let (mut content, known) = self.begin_return(name, return_id)?;
        content.blocks.push(self.paragraph(&format!("mail-{name}-text"), &[]));
        content.blocks.push(self.returned_articles(known));
        content.blocks.push(self.detail("mail-rma", self.rma(return_id)));
        content.blocks.extend(self.portal());
        Some(content)
    }

    fn return_approved(&self, return_id: ReturnId) -> Option<Content> {
        let approved = self.order.returns.get(&return_id)?.approved.as_ref()?;
        match approved.resolution {
            Resolution::Replace => return self.returned("return-replaced", return_id),
            Resolution::RefundWithoutReturn => return self.returned("return-kept", return_id),
            Resolution::Refund => {}
        }
        let (mut content, known) = self.begin_return("return-approved", return_id)?;
        let rma = [("rma", self.rma(return_id).into())];
        content.blocks.push(self.paragraph("mail-return-approved-text", &rma));
        content.blocks.extend(self.destination(known));
        content.blocks.push(self.returned_articles(known));
        content.blocks.extend(self.send_by(known));
        content.blocks.extend(self.portal());
        Some(content)
    }

    fn destination(&self, known: &Return) -> Option<Block> {
        let id = known.approved.as_ref()?.destination.as_ref()?;
        let destinations = &self.settings.returns.destinations;
        let address = &destinations.iter().find(|known| known.id == *id)?.address;
        let postal_code = address.postal_code.as_deref().unwrap_or_default();
        let city = format!("{postal_code} {}", address.city).trim().to_owned();
        let country = address.country.map(|country| country.to_string());
        let mut lines = vec![address.name.clone()];
        lines.extend(address.company.clone());
        lines.extend(address.lines.iter().cloned());
        lines.push(city);
        lines.extend(country);
        Some(Block::Detail(self.texts.text("mail-return-address"), lines))
    }

    fn send_by(&self, known: &Return) -> Option<Block> {
        let send_by = known.approved.as_ref()?.send_by?.to_zoned(TimeZone::UTC).date();
        Some(self.detail("mail-return-send-by", self.texts.date(send_by)))
    }

    fn return_label(&self, return_id: ReturnId) -> Option<Content> {
        let (mut content, known) = self.begin_return("return-label", return_id)?;
        let (carrier, number) = known.label.number()?;
        let arguments = [("carrier", carrier.into())];
        content.blocks.push(self.paragraph("mail-return-label-text", &arguments));
        content.blocks.push(self.returned_articles(known));
        content.blocks.push(self.detail("mail-tracking-number", number.to_owned()));
        content.blocks.push(self.detail("mail-rma", self.rma(return_id)));
        content.blocks.extend(self.send_by(known));
        if let domain::order::returns::Label::Bought(bought) = &known.label {
            let name = self.texts.text("mail-return-label-open");
            content.blocks.push(Block::Button(name, bought.label_url.clone()));
        }
        content.blocks.extend(self.portal());
        Some(content)
    }

    fn return_declined(&self, return_id: ReturnId) -> Option<Content> {
        let (mut content, known) = self.begin_return("return-declined", return_id)?;
        content.blocks.push(self.paragraph("mail-return-declined-text", &[]));
        content.blocks.extend(known.why.clone().map(Block::Quote));
        content.blocks.push(self.returned_articles(known));
        content.blocks.push(self.detail("mail-rma", self.rma(return_id)));
        Some(content)
    }

    fn refunded(&self, refund_id: RefundId) -> Option<Content> {
        let amount = self.texts.money(self.order.refunds.get(&refund_id)?.planned.amount);
        let amount: FluentValue<'_> = amount.into();
        let mut content = self.begin("refunded", &[("amount", amount.clone())]);
        content.blocks.push(self.paragraph("mail-refunded-text", &[("amount", amount)]));
        content.blocks.extend(self.order_page());
        Some(content)
    }
}
