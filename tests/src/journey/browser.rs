//! A customer at a browser: it keeps cookies, fills in forms, follows links and redirects, and opens what came by mail.

use std::collections::BTreeMap;

use connectors::customer_link::{self, Purpose};
use domain::id::OrderId;
use ports::memory::UPLOAD_URL;
use ports::{Inbound, Reply};

use crate::journey::Journey;
use crate::system::PUBLIC_URL;

/// A customer at a browser.
pub struct Browser {
    /// What it says in `Accept-Language`.
    pub language: &'static str,
    /// The network address that it calls from.
    pub caller: &'static str,
    /// Whether what it opens shows in a frame of the page, as it does of a form whose target is one.
    pub is_in_frame: bool,
    cookies: BTreeMap<String, String>,
    /// The form's token on the page that is open.
    form: String,
    /// How many returns that page knows of.
    known: String,
    /// What is on that page.
    page: String,
}

impl Browser {
    /// A browser that was never here.
    #[must_use]
    pub fn new(language: &'static str) -> Self {
        Self {
            language,
            caller: "192.0.2.1",
            is_in_frame: false,
            cookies: BTreeMap::new(),
            form: String::new(),
            known: String::new(),
            page: String::new(),
        }
    }

    /// Opens a page.
    pub fn opens(&mut self, journey: &mut Journey, path: &str) -> Reply {
        self.calls(journey, "GET", path, &[])
    }

    /// Sends a form of the page that is open; the page that this leads to, and its path.
    pub fn sends(
        &mut self,
        journey: &mut Journey,
        path: &str,
        fields: &[(&str, &str)],
    ) -> (String, Reply) {
        let (form, known) = (self.form.clone(), self.known.clone());
        let hidden = [("form", form.as_str()), ("known", known.as_str())];
        let fields: Vec<_> = hidden.iter().chain(fields).copied().collect();
        let reply = self.calls(journey, "POST", path, &fields);
        match location(&reply) {
            Some(to) => {
                let path = beside(path, to);
                let page = self.opens(journey, &path);
                (path, page)
            }
            None => (path.to_owned(), reply),
        }
    }

    /// Sends a form that some other site made up.
    pub fn is_tricked_into(
        &mut self,
        journey: &mut Journey,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Reply {
        self.calls(journey, "POST", path, fields)
    }

    /// Uploads a file with one of the forms for photos on the page that is open, counted from 1, as S3 takes it: no more
    /// than it may be, and where it is to lie. The page that S3 sends the browser back to; none if S3 refuses.
    ///
    /// # Panics
    /// When the page has no such form.
    pub fn uploads(&mut self, journey: &mut Journey, form: usize, file: &[u8]) -> Option<Reply> {
        let begin = format!("<form method=\"post\" action=\"{UPLOAD_URL}\"");
        let form = self.page.split(&begin).nth(form).expect("the page has such a form").to_owned();
        let field = |name: &str| hidden(&form, name);
        let bytes_max: usize = field("bytes_max").parse().expect("it is a number");
        if file.is_empty() || file.len() > bytes_max {
            return None;
        }
        let key = field("key");
        journey.system.world.uploads.borrow_mut().insert(key.clone(), file.to_vec());
        let then = field("success_action_redirect");
        let path = then.strip_prefix(PUBLIC_URL).expect("it leads back to us").to_owned();
        Some(self.opens(journey, &format!("{path}?bucket=photos&key={key}&etag=1")))
    }

    /// Asks for a link to the returns of an order.
    pub fn asks(&mut self, journey: &mut Journey, order: &str, proof: &str) -> Reply {
        let fields = [("order", order), ("proof", proof)];
        let (_, page) = self.sends(journey, "/returns", &fields);
        journey.settles();
        page
    }

    /// Asks for a link, opens it, and goes on to what can be returned.
    pub fn enters(&mut self, journey: &mut Journey, order: &str) -> Reply {
        self.asks(journey, order, "customer@example.com");
        let link = mailed_link(journey).expect("a link came by mail");
        self.opens(journey, &link);
        self.sends(journey, &link, &[]).1
    }

    fn calls(
        &mut self,
        journey: &mut Journey,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Reply {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (route, parameters) = route(path);
        let shown_in = if self.is_in_frame { "iframe" } else { "document" };
        let inbound = Inbound {
            method: method.to_owned(),
            route,
            parameters,
            headers: vec![
                ("accept-language".to_owned(), self.language.to_owned()),
                ("cookie".to_owned(), cookies.collect::<Vec<_>>().join("; ")),
                ("sec-fetch-dest".to_owned(), shown_in.to_owned()),
            ],
            query: query.to_owned(),
            caller: self.caller.to_owned(),
            body: written(fields).into_bytes(),
        };
        let reply = journey.tells_alone(&inbound);
        for (_, cookie) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie has a name");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        (self.form, self.known) = (hidden(&reply.body, "form"), hidden(&reply.body, "known"));
        self.page.clone_from(&reply.body);
        reply
    }
}

/// The value of the first hidden field of a name.
fn hidden(html: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let value = html.split_once(&begin).and_then(|(_, rest)| rest.split_once('"'));
    value.map_or(String::new(), |(value, _)| value.to_owned())
}

/// The path that the newest mail with a link to the portal leads to.
#[must_use]
pub fn mailed_link(journey: &Journey) -> Option<String> {
    let letters = journey.system.world.letters.borrow();
    let begin = format!("{PUBLIC_URL}/returns/");
    let mut links = letters.iter().filter_map(|letter| letter.text.split_once(&begin));
    let token =
        links.next_back().and_then(|(_, rest)| rest.split_whitespace().next().map(str::to_owned));
    token.map(|token| format!("/returns/{token}"))
}

/// The path of the page that shows where an order is.
///
/// # Panics
/// When there is no secret for links.
#[must_use]
pub fn tracking_link(journey: &Journey, order_id: &OrderId) -> String {
    let secrets = journey.system.world.secrets.borrow();
    let secret = &secrets[customer_link::SECRET][0];
    let order = journey.order(order_id);
    let token = customer_link::token(secret, Purpose::Track, order_id, &order, journey.now());
    format!("/track/{token}")
}

/// The route that the API finds for a path, and its parameters.
fn route(path: &str) -> (String, BTreeMap<String, String>) {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let (route, parameter) = match segments[..] {
        ["order", "returns", id] => ("/order/returns/{id}", Some(("id", id))),
        ["order", "returns", id, "cancellations"] => {
            ("/order/returns/{id}/cancellations", Some(("id", id)))
        }
        ["order", "returns", id, "photos"] => ("/order/returns/{id}/photos", Some(("id", id))),
        ["returns", token] => ("/returns/{token}", Some(("token", token))),
        ["track", token] => ("/track/{token}", Some(("token", token))),
        _ => (path, None),
    };
    let parameters = parameter.map(|(name, value)| (name.to_owned(), value.to_owned()));
    (route.to_owned(), parameters.into_iter().collect())
}

fn location(reply: &Reply) -> Option<&str> {
    let mut headers = reply.headers.iter();
    headers.find(|(name, _)| name == "location").map(|(_, to)| to.as_str())
}

/// Where a relative link leads from a path (RFC 3986, 5.2).
fn beside(path: &str, to: &str) -> String {
    let mut segments: Vec<&str> = path.split('/').collect();
    segments.pop();
    for segment in to.split('/') {
        match segment {
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    segments.join("/")
}

/// Fields as a browser writes them.
fn written(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}
