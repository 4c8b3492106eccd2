//! Onward deployed: the real template, the real binaries under their own roles, real AWS APIs, and the outside world on
//! loopback. Each test says what must be true of the whole, whatever else happens on the same stack at the same time.
//!
//! `make test` gives a stack. Without one each test says loudly that it proved nothing.

mod capacity;
mod changes;
mod doors;
mod ending;
mod faults;
mod journeys;
mod lost;
mod notices;
mod photos;
mod poison;
mod portal;
mod pushes;
mod reconciling;
mod records;
mod returns;
mod returns_lost;
mod status;
mod stock;
mod stream;
mod trial;

use tests::purchase::Bought;

/// Something that its supplier has plenty of, by shop as in [`tests::stack::company::SHOPS`].
const PLENTY: [Bought; 3] = [
    Bought { sku: "ALP-LAMP", quantity: 1, unit_price_minor: 3990 },
    Bought { sku: "TEA-DARJEELING", quantity: 1, unit_price_minor: 1990 },
    Bought { sku: "ONW-NOTEBOOK", quantity: 1, unit_price_minor: 1490 },
];
