//! The words around the figures, so that another language is another value.

/// Every word and mark on the paper that the invoice itself does not bring.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the English word it holds by default")]
pub struct Wording {
    /// The language tag for screen readers, as in RFC 3066.
    pub language: &'static str,
    /// Between the whole and the decimals.
    pub decimal_mark: char,
    /// Between groups of three digits.
    pub group_mark: char,
    pub invoice_number: &'static str,
    pub date: &'static str,
    pub order_number: &'static str,
    pub from: &'static str,
    pub billed_to: &'static str,
    pub description: &'static str,
    pub quantity: &'static str,
    pub unit_price: &'static str,
    pub amount: &'static str,
    pub sku: &'static str,
    pub subtotal: &'static str,
    pub shipping: &'static str,
    pub discount: &'static str,
    pub total: &'static str,
    /// Before a tax that the total contains already.
    pub of_which: &'static str,
    pub page: &'static str,
    /// Between the page and the number of pages.
    pub of: &'static str,
}

impl Wording {
    /// English.
    pub const ENGLISH: Self = Self {
        language: "en",
        decimal_mark: '.',
        group_mark: ',',
        invoice_number: "Number",
        date: "Date",
        order_number: "Order",
        from: "From",
        billed_to: "Billed to",
        description: "Description",
        quantity: "Qty",
        unit_price: "Unit price",
        amount: "Amount",
        sku: "SKU",
        subtotal: "Subtotal",
        shipping: "Shipping",
        discount: "Discount",
        total: "Total",
        of_which: "of which",
        page: "Page",
        of: "of",
    };
}
