//! Carriers, spelled as Shopify spells them: only then does it make a link of the tracking number.

use crate::shipment::{plain, plain_letters};

/// The names that Shopify knows in every country, from the description of `FulfillmentTrackingInfo.company` in its
/// schema. Those that it knows in some countries only are not here: we send a link with them.
const COMPANIES: &[&str] = &[
    "4PX",
    "AGS",
    "Amazon",
    "Amazon Logistics UK",
    "An Post",
    "Anjun Logistics",
    "APC",
    "Asendia USA",
    "Australia Post",
    "Bonshaw",
    "BPost",
    "BPost International",
    "Canada Post",
    "Canpar",
    "CDL Last Mile",
    "China Post",
    "Chronopost",
    "Chukou1",
    "Colissimo",
    "Comingle",
    "Coordinadora",
    "Correios",
    "Correos",
    "CTT",
    "CTT Express",
    "Cyprus Post",
    "Delnext",
    "Deutsche Post",
    "DHL eCommerce",
    "DHL eCommerce Asia",
    "DHL Express",
    "DPD",
    "DPD Local",
    "DPD UK",
    "DTD Express",
    "DX",
    "Eagle",
    "Estes",
    "Evri",
    "FedEx",
    "First Global Logistics",
    "First Line",
    "FSC",
    "Fulfilla",
    "GLS",
    "Guangdong Weisuyi Information Technology (WSE)",
    "Heppner Internationale Spedition GmbH & Co.",
    "Iceland Post",
    "IDEX",
    "Israel Post",
    "Japan Post (EN)",
    "Japan Post (JA)",
    "La Poste Colissimo",
    "La Poste Burkina Faso",
    "Lasership",
    "Latvia Post",
    "Lietuvos Paštas",
    "Logisters",
    "Lone Star Overnight",
    "M3 Logistics",
    "Meteor Space",
    "Mondial Relay",
    "New Zealand Post",
    "NinjaVan",
    "North Russia Supply Chain (Shenzhen) Co.",
    "OnTrac",
    "Packeta",
    "Pago Logistics",
    "Ping An Da Tengfei Express",
    "Pitney Bowes",
    "Portal PostNord",
    "Poste Italiane",
    "PostNL",
    "PostNord DK",
    "PostNord NO",
    "PostNord SE",
    "Purolator",
    "Qxpress",
    "Qyun Express",
    "Royal Mail",
    "Royal Shipments",
    "Sagawa (EN)",
    "Sagawa (JA)",
    "Sendle",
    "SF Express",
    "SFC Fulfillment",
    "ShipBob",
    "SHREE NANDAN COURIER",
    "Singapore Post",
    "Southwest Air Cargo",
    "StarTrack",
    "Step Forward Freight",
    "Swiss Post",
    "TForce Final Mile",
    "Tinghao",
    "TNT",
    "Toll IPEC",
    "United Delivery Service",
    "UPS",
    "USPS",
    "Venipak",
    "We Post",
    "Whistl",
    "Wizmo",
    "WMYC",
    "Xpedigo",
    "XPO Logistics",
    "Yamato (EN)",
    "Yamato (JA)",
    "YiFan Express",
    "YunExpress",
];

/// What suppliers also call them, see [`plain`].
const ALIASES: &[(&str, &str)] = &[
    ("4pxexpress", "4PX"),
    ("anjun", "Anjun Logistics"),
    ("chinapostairmail", "China Post"),
    ("chinapostregistered", "China Post"),
    ("chinapostsmallpacket", "China Post"),
    ("dhlecommercechina", "DHL eCommerce Asia"),
    ("epacket", "China Post"),
    ("fedexexpress", "FedEx"),
    ("fedexinternational", "FedEx"),
    ("hermesuk", "Evri"),
    ("sf", "SF Express"),
    ("sfexpressinternational", "SF Express"),
    ("sfinternational", "SF Express"),
    ("shunfeng", "SF Express"),
    ("singpost", "Singapore Post"),
    ("yuntu", "YunExpress"),
    ("yunexpressglobal", "YunExpress"),
];

/// Shopify's name of a carrier, if it has one.
pub(super) fn company(carrier: &str) -> Option<&'static str> {
    let wanted = plain(carrier);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == wanted).map(|(_, company)| *company);
    let is_wanted = |company: &&str| plain_letters(company).eq(wanted.chars());
    alias.or_else(|| COMPANIES.iter().copied().find(is_wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_is_spelled_as_shopify_spells_it() {
        for (carrier, spelled) in [
            ("sf-express", Some("SF Express")),
            ("Shunfeng", Some("SF Express")),
            ("YUNEXPRESS", Some("YunExpress")),
            ("China Post small packet", Some("China Post")),
            ("Fedex", Some("FedEx")),
            ("DHL eCommerce", Some("DHL eCommerce")),
            // Not on Shopify's list, or not in every country.
            ("Yanwen", None),
            ("ZTO", None),
            ("DHL", None),
            ("", None),
        ] {
            assert_eq!(company(carrier), spelled, "{carrier}");
        }
    }

    #[test]
    fn every_alias_leads_to_a_name_on_the_list() {
        for (alias, company) in ALIASES {
            assert!(COMPANIES.contains(company), "{alias}");
            assert_eq!(plain(alias), *alias);
        }
    }
}
