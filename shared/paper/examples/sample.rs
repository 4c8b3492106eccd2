//! Writes a sample invoice to standard output: `cargo run -p paper --example sample > invoice.pdf`.
//! A number as argument asks for that many lines.

use std::io::Write;

use jiff::civil::date;
use paper::{Invoice, Line, Party, Tax, Wording};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let line_count = std::env::args().nth(1).map_or(Ok(GOODS.len()), |count| count.parse())?;
    let pdf = paper::render(&invoice(line_count), || Ok(FALLBACK))?;
    Ok(std::io::stdout().write_all(&pdf)?)
}

static FALLBACK: &[u8] = include_bytes!("../layer/fonts/DroidSansFallback.ttf");

/// Description, article number, quantity, price of one.
const GOODS: [(&str, &str, u32, i64); 6] = [
    ("Enamel mug “Fjord”, 350 ml, cobalt blue", "MUG-FJ-350-CB", 4, 1_690),
    ("Linen tea towel, set of three", "LIN-TT-3", 2, 2_450),
    (
        "Cast-iron casserole with lid, 5.2 l, oven-proof up to 260 °C; suitable for induction, gas, ceramic and \
         open fire. Handles and knob in brass.",
        "CC-52-BR",
        1,
        14_900,
    ),
    ("Кофемолка ручная «Утро», сталь", "GRIND-UT", 1, 5_990),
    ("Ελαιόλαδο Καλαμάτας, εξαιρετικό παρθένο, 750 ml", "OIL-KAL-750", 3, 1_325),
    ("急須 常滑焼 360ml", "KYUSU-360", 1, 6_800),
];

fn invoice(line_count: usize) -> Invoice {
    let lines: Vec<Line> = GOODS.iter().cycle().take(line_count).map(line).collect();
    let subtotal: i64 = lines.iter().map(|line| line.total_minor).sum();
    let (shipping_minor, discount_minor) = (690, 2_000);
    let total_minor = subtotal + shipping_minor - discount_minor;
    Invoice {
        title: "Invoice".to_owned(),
        invoice_number: "INV-2026-004711".to_owned(),
        order_number: "#10583".to_owned(),
        date: date(2026, 3, 14),
        seller: party(
            "Nordlicht Haushaltswaren GmbH",
            &["Hafenstraße 14", "20457 Hamburg", "Germany"],
        ),
        buyer: party(
            "Zoë Kowalczyk-Ångström",
            &["ul. Świętojańska 27/4", "81-368 Gdynia", "Poland"],
        ),
        currency: "EUR".to_owned(),
        currency_exponent: 2,
        lines,
        shipping_minor,
        discount_minor,
        taxes: vec![Tax { label: "VAT 19 %".to_owned(), amount_minor: total_minor * 19 / 119 }],
        taxes_included: true,
        total_minor,
        paid: Some("Paid by card on 2026-03-14".to_owned()),
        footer: vec![
            "VAT ID DE 312 345 678 · Register court Hamburg HRB 123456 · hello@nordlicht.example"
                .to_owned(),
        ],
        wording: Wording::ENGLISH,
    }
}

fn line(&(description, sku, quantity, unit_price_minor): &(&str, &str, u32, i64)) -> Line {
    let (description, sku) = (description.to_owned(), sku.to_owned());
    Line {
        description,
        sku,
        quantity,
        unit_price_minor,
        total_minor: i64::from(quantity) * unit_price_minor,
    }
}

fn party(name: &str, address: &[&str]) -> Party {
    Party { name: name.to_owned(), address: address.iter().map(ToString::to_string).collect() }
}
