//! EasyPost's JSON. Inches and ounces, and decimals as numbers.

use std::fmt;

use domain::money::{Currency, Money};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::label::{Customs, CustomsItem, LabelRequest, ParcelSize, Party};

/// Billionths of a gram in a tenth of an ounce.
const NANOGRAMS_PER_TENTH_OUNCE: u64 = 2_834_952_312;

/// A number with decimals, as it is written.
struct Decimal(String);

impl Decimal {
    fn tenths(tenths: u64) -> Self {
        Self(format!("{}.{}", tenths / 10, tenths % 10))
    }

    /// Rounded up, since too light a parcel is billed again, and higher.
    fn ounces(grams: u32) -> Self {
        Self::tenths((u64::from(grams) * 1_000_000_000).div_ceil(NANOGRAMS_PER_TENTH_OUNCE))
    }

    /// Rounded up.
    fn inches(millimetres: u32) -> Self {
        Self::tenths((u64::from(millimetres) * 100).div_ceil(254))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone())
            .expect("digits and a point are JSON")
            .serialize(serializer)
    }
}

/// An address, or EasyPost's id of one.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Place {
    Known { id: String },
    New(Box<Written>),
}

/// An address, written out. Personal data.
#[derive(Serialize)]
pub(super) struct Written {
    name: String,
    company: Option<String>,
    street1: String,
    street2: Option<String>,
    city: String,
    state: Option<String>,
    zip: Option<String>,
    country: Option<String>,
    phone: Option<String>,
    email: Option<String>,
}

impl Place {
    pub(super) fn of(party: Party<'_>) -> Self {
        let address = party.address;
        let mut lines =
            address.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let street1 = lines.next().unwrap_or_default().to_owned();
        let rest: Vec<&str> = lines.collect();
        Self::New(Box::new(Written {
            name: address.name.clone(),
            company: address.company.clone(),
            street1,
            street2: (!rest.is_empty()).then(|| rest.join(", ")),
            city: address.city.clone(),
            state: address.region.clone(),
            zip: address.postal_code.clone(),
            country: address.country.map(String::from),
            phone: party.phone.map(str::to_owned),
            email: party.email.map(str::to_owned),
        }))
    }
}

#[derive(Serialize)]
pub(super) struct Body<'a> {
    shipment: NewShipment<'a>,
}

#[derive(Serialize)]
struct NewShipment<'a> {
    reference: &'a str,
    to_address: Place,
    from_address: Place,
    parcel: Parcel,
    is_return: bool,
    options: Options,
    #[serde(skip_serializing_if = "Option::is_none")]
    customs_info: Option<CustomsInfo<'a>>,
}

#[derive(Serialize)]
struct Options {
    label_format: &'static str,
    label_size: &'static str,
}

#[derive(Serialize)]
struct Parcel {
    weight: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<Decimal>,
}

impl Parcel {
    fn of(size: ParcelSize) -> Self {
        let inches = |millimetres: u32| (millimetres > 0).then(|| Decimal::inches(millimetres));
        Self {
            weight: Decimal::ounces(size.weight_g),
            length: inches(size.length_mm),
            width: inches(size.width_mm),
            height: inches(size.height_mm),
        }
    }
}

#[derive(Serialize)]
struct CustomsInfo<'a> {
    contents_type: &'static str,
    restriction_type: &'static str,
    non_delivery_option: &'static str,
    customs_certify: bool,
    customs_signer: &'a str,
    customs_items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    description: &'a str,
    quantity: u32,
    value: Decimal,
    currency: Currency,
    weight: Decimal,
    hs_tariff_number: &'a str,
    origin_country: &'a str,
}

impl<'a> CustomsInfo<'a> {
    fn of(customs: &'a Customs, is_return: bool) -> Self {
        let item = |item: &'a CustomsItem| Item {
            description: &item.description,
            quantity: item.quantity,
            value: Decimal(item.value.currency.format_minor(item.value.minor)),
            currency: item.value.currency,
            weight: Decimal::ounces(item.weight_g),
            hs_tariff_number: &item.hs_code,
            origin_country: &item.origin,
        };
        Self {
            contents_type: if is_return { "returned_goods" } else { "merchandise" },
            restriction_type: "none",
            non_delivery_option: "return",
            customs_certify: true,
            customs_signer: &customs.signer,
            customs_items: customs.items.iter().map(item).collect(),
        }
    }
}

/// What `POST /shipments` takes.
pub(super) fn shipment<'a>(request: &LabelRequest<'a>, to: Place, from: Place) -> Body<'a> {
    let is_return = request.is_return;
    Body {
        shipment: NewShipment {
            reference: request.reference,
            to_address: to,
            from_address: from,
            parcel: Parcel::of(request.parcel),
            is_return,
            options: Options { label_format: "PDF", label_size: "4x6" },
            customs_info: request.customs.map(|customs| CustomsInfo::of(customs, is_return)),
        },
    }
}

/// Something that was made.
#[derive(Deserialize)]
pub(super) struct Created {
    pub(super) id: String,
}

/// Shipments, newest first.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) shipments: Vec<Shipment>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// A shipment, as far as we need it.
#[derive(Debug, Deserialize)]
pub(super) struct Shipment {
    pub(super) id: String,
    #[serde(default)]
    pub(super) reference: Option<String>,
    #[serde(default)]
    pub(super) rates: Vec<Rate>,
    #[serde(default)]
    pub(super) refund_status: Option<String>,
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    tracking_code: Option<String>,
    #[serde(default)]
    postage_label: Option<PostageLabel>,
    #[serde(default)]
    selected_rate: Option<Rate>,
}

/// What it costs to send a shipment.
#[derive(Debug, Deserialize)]
pub(super) struct Rate {
    pub(super) id: String,
    pub(super) carrier: String,
    pub(super) service: String,
    pub(super) rate: String,
    #[serde(default, deserialize_with = "known_currency")]
    pub(super) currency: Option<Currency>,
}

/// What a carrier had against a shipment.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    carrier: Option<String>,
    #[serde(default)]
    message: Value,
}

#[derive(Debug, Deserialize)]
struct PostageLabel {
    #[serde(default)]
    label_url: Option<String>,
    #[serde(default)]
    label_pdf_url: Option<String>,
}

fn known_currency<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Currency>, D::Error> {
    let code = Option::<String>::deserialize(deserializer)?;
    Ok(code.and_then(|code| Currency::parse(&code).ok()))
}

impl Shipment {
    /// Whether money was spent on it.
    pub(super) fn is_bought(&self) -> bool {
        self.postage_label.is_some() || self.selected_rate.is_some() || self.tracking_code.is_some()
    }

    /// Number, label, carrier and cost; none when it lacks one of them.
    pub(super) fn label(&self) -> Option<(&str, &str, &str, Money)> {
        let rate = self.selected_rate.as_ref()?;
        let label = self.postage_label.as_ref()?;
        let url = label.label_pdf_url.as_deref().or(label.label_url.as_deref())?;
        Some((self.tracking_code.as_deref()?, url, &rate.carrier, rate.cost()?))
    }

    /// Why nothing that is wanted is offered.
    pub(super) fn why_no_rate(&self, services: &[String]) -> String {
        let said = self.messages.iter().map(|message| {
            let carrier = message.carrier.as_deref().unwrap_or("EasyPost");
            format!("{carrier}: {}", words(&message.message))
        });
        let said: Vec<String> = said.collect();
        let wanted =
            if services.is_empty() { "any carrier".to_owned() } else { services.join(", ") };
        format!("there is no rate of {wanted}; {}", said.join("; "))
    }
}

/// What EasyPost calls an error.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    message: Value,
    #[serde(default)]
    errors: Vec<Value>,
}

impl Problem {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Envelope {
            error: Problem,
        }
        Some(serde_json::from_slice::<Envelope>(body).ok()?.error)
    }

    pub(super) fn is_country_unsupported(&self) -> bool {
        let is_unsupported =
            |error: &Value| error["code"].as_str().is_some_and(|code| code.contains("UNSUPPORTED"));
        !self.errors.is_empty() && self.errors.iter().all(is_unsupported)
    }
}

impl fmt::Display for Problem {
    /// Fields first, since they are what can be mended; the address itself is never repeated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = self.errors.iter().map(|error| match error["field"].as_str() {
            Some(field) => format!("`{field}`: {}", words(&error["message"])),
            None => words(error),
        });
        let each: Vec<String> = each.collect();
        if !each.is_empty() {
            write!(f, "{}: ", each.join("; "))?;
        }
        write!(f, "{} ({})", words(&self.message), self.code)
    }
}

/// A text, or whatever stands in its place.
fn words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
