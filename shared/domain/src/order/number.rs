//! A tracking number that was wrong: the parcel's journey begins anew under the right one.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::id::{FulfillmentOrderId, ParcelId};
use crate::order::fact::{Fact, Milestone};
use crate::order::{Order, Parcel};

impl Order {
    /// The parcel of a fulfillment order that has this number, or had it before it was corrected.
    #[must_use]
    pub fn parcel_of_number(
        &self,
        fulfillment_order_id: FulfillmentOrderId,
        number: &str,
    ) -> Option<(ParcelId, &Parcel)> {
        let is_known = |parcel: &Parcel| {
            parcel.fulfillment_order_id == fulfillment_order_id
                && (parcel.number == number || parcel.former_numbers.contains(number))
        };
        let parcels = self.parcels.iter().map(|(parcel_id, parcel)| (*parcel_id, parcel));
        parcels.into_iter().find(|(_, parcel)| is_known(parcel))
    }
}

/// The supplier had named a wrong number; this one is the parcel's.
#[must_use]
pub fn correct(
    parcel_id: ParcelId,
    parcel: &Parcel,
    carrier: &str,
    number: &str,
    ship_date: Date,
) -> Vec<Fact> {
    // What was once corrected away is not taken up again: it is an older word that came late.
    if parcel.number == number || parcel.former_numbers.contains(number) {
        return Vec::new();
    }
    let (carrier, number) = (carrier.to_owned(), number.to_owned());
    vec![Fact::NumberCorrected { parcel_id, carrier, number, ship_date }]
}

impl Parcel {
    /// Begins the journey anew: what was seen of the wrong number was another's parcel.
    pub(super) fn renumber(&mut self, at: Timestamp, carrier: &str, number: &str, ship_date: Date) {
        self.former_numbers.insert(std::mem::replace(&mut self.number, number.to_owned()));
        carrier.clone_into(&mut self.carrier);
        self.ship_date = ship_date;
        self.shipped_at = at;
        self.registered = false;
        self.stopped = None;
        self.scans.clear();
        self.pushed.remove(&Milestone::Delivered);
        self.refused.retain(|milestone, _| *milestone != Milestone::Delivered);
    }
}
