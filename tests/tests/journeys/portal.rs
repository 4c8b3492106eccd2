//! The returns portal and the tracking page, as customers see them: every page, and every way in which it says no.

use domain::language::Language;
use domain::message::Message;
use domain::order::Order;
use domain::order::returns::Stage;
use ports::Reply;
use ports::memory::UPLOAD_URL;
use serde_json::{Value, json};
use tests::journey::Journey;
use tests::journey::browser::{Browser, mailed_link, tracking_link};
use tests::purchase::Purchase;

use crate::{BACKPACK, MUG, alpenshop, arrives, units};

const EMAIL: &str = "customer@example.com";
const LINE: &str = "100101";

/// A journey in which two mugs were bought and have arrived.
fn two_mugs() -> (Journey, Purchase) {
    let purchase = alpenshop(&[units(2, MUG)]);
    let mut journey = Journey::begin();
    journey.sells(&purchase);
    arrives(&mut journey);
    (journey, purchase)
}

fn order(journey: &Journey, purchase: &Purchase) -> Order {
    journey.order(&purchase.order_id())
}

fn asks_for(
    browser: &mut Browser,
    journey: &mut Journey,
    quantity: &str,
    reason: &str,
) -> (String, Reply) {
    let (quantity_of, reason_of) = (format!("quantity:{LINE}"), format!("reason:{LINE}"));
    let fields = [(quantity_of.as_str(), quantity), (&reason_of, reason), ("comment", "")];
    browser.sends(journey, "/order/returns", &fields)
}

#[track_caller]
fn says(page: &Reply, text: &str) {
    assert!(page.body.contains(text), "`{text}` is not on this page: {}", page.body);
}

#[test]
fn a_customer_returns_a_mug_at_their_own_cost_and_thinks_better_of_it() {
    let (mut journey, purchase) = two_mugs();
    let mut browser = Browser::new("en-GB");
    says(&browser.opens(&mut journey, "/returns"), "Returns and complaints");
    says(&browser.asks(&mut journey, " #1001", EMAIL), "Check your e-mails");
    let link = mailed_link(&journey).expect("a mail");
    says(&browser.opens(&mut journey, &link), "Go on");
    let (path, page) = browser.sends(&mut journey, &link, &[]);
    assert_eq!((path.as_str(), page.status), ("/order/returns", 200));
    says(&page, "Order #1001");

    let (path, page) = asks_for(&mut browser, &mut journey, "1", "changed_mind");
    assert_eq!((path.as_str(), page.status), ("/order/returns/R1", 200));
    for text in [
        "Please send it back",
        "Send it by 14 December 2026",
        "at your own cost",
        "Alpen Trade",
        "Write the number alpenshop/1001/R1",
        "<svg",
        "I changed my mind",
    ] {
        says(&page, text);
    }
    let (path, page) = browser.sends(&mut journey, "/order/returns/R1/cancellations", &[]);
    assert_eq!(path, "/order/returns/R1");
    says(&page, "It was called off");
    assert!(!page.body.contains("cancellations"), "it can't be called off twice");
    assert_eq!(order(&journey, &purchase).returns.values().last().unwrap().stage, Stage::Cancelled);
    // The same again, after all, is another return.
    browser.opens(&mut journey, "/order/returns");
    let (path, _) = asks_for(&mut browser, &mut journey, "1", "changed_mind");
    assert_eq!(path, "/order/returns/R2");
}

#[test]
fn a_fault_of_quality_comes_with_a_label_to_open() {
    let purchase = alpenshop(&[BACKPACK]);
    let mut journey = Journey::begin_with(|settings| {
        settings.returns.reasons.iter_mut().for_each(|reason| reason.photos = false);
    });
    journey.sells(&purchase);
    arrives(&mut journey);
    let mut browser = Browser::new("de");
    browser.enters(&mut journey, "1001");
    let (path, page) = asks_for(&mut browser, &mut journey, "1", "defective");
    says(&page, "Wir besorgen ein Etikett");
    journey.settles();
    let page = browser.opens(&mut journey, &path);
    says(&page, "Etikett öffnen");
    says(&page, "href=\"https://");
}

/// A photo that tells who took it and where, and how it becomes one that tells nothing.
const PHOTO: &[u8] = include_bytes!("../../../fuzz/corpus/photo/progressive.jpg");
const OTHER_PHOTO: &[u8] = include_bytes!("../../../fuzz/corpus/photo/extended.webp");

/// One mug arrived damaged; a browser with the page that asks for photos of it.
fn damaged(language: &'static str) -> (Journey, Purchase, Browser) {
    let (mut journey, purchase) = two_mugs();
    let mut browser = Browser::new(language);
    browser.enters(&mut journey, "1001");
    let (path, page) = asks_for(&mut browser, &mut journey, "1", "damaged");
    assert_eq!((path.as_str(), page.status), ("/order/returns/R1", 200));
    assert_eq!(
        order(&journey, &purchase).returns.values().last().expect("there is a return").stage,
        Stage::PhotosAsked
    );
    (journey, purchase, browser)
}

fn stage(journey: &Journey, purchase: &Purchase) -> Stage {
    order(journey, purchase).returns.values().last().expect("there is a return").stage
}

#[test]
fn photos_are_shown_one_by_one_and_then_it_is_decided() {
    let (mut journey, purchase, mut browser) = damaged("en");
    let page = browser.opens(&mut journey, "/order/returns/R1");
    says(&page, "We need photos");
    says(&page, "up to 10 MB");
    assert!(!page.body.contains("That is all"), "there is no photo yet");
    let policy = page.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap();
    for allowed in [
        "form-action 'self' https://photos.example;",
        "frame-src 'self' https://photos.example;",
        "script-src 'self';",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.1.contains(allowed), "{}", policy.1);
    }

    let page = browser.uploads(&mut journey, 1, PHOTO).unwrap();
    says(&page, "Photo 1 is here (1 kB)");
    says(&page, "Send another photo");
    // The same again is the same.
    says(&browser.uploads(&mut journey, 1, PHOTO).unwrap(), "Photo 1 is here");
    let page = browser.uploads(&mut journey, 1, OTHER_PHOTO).unwrap();
    says(&page, "Photo 2 is here (1 kB)");
    assert_eq!(stage(&journey, &purchase), Stage::PhotosAsked, "the customer may show more");
    let (path, page) = browser.sends(&mut journey, "/order/returns/R1/photos", &[]);
    assert_eq!(path, "/order/returns/R1");
    says(&page, "We send it again");
    assert!(!page.body.contains("type=\"file\""));
    assert!(journey.system.world.uploads.borrow().is_empty(), "what was taken is discarded");
}

#[test]
fn nobody_sees_more_of_a_photo_than_what_it_shows() {
    let (mut journey, purchase, mut browser) = damaged("en");
    browser.uploads(&mut journey, 1, PHOTO).unwrap();
    let photos = journey.system.world.photos.borrow().clone();
    let (key, (media_type, bytes)) = photos.first_key_value().unwrap();
    assert!(PHOTO.windows(12).any(|word| word == b"Unverkennbar"));
    assert!(!bytes.windows(12).any(|word| word == b"Unverkennbar"));
    assert_eq!((photos.len(), media_type.as_str()), (1, "image/jpeg"));

    let page = journey.page(&purchase.order_id());
    let shown = &page["returns"][0]["photos"][0];
    assert_eq!(shown["link"], format!("{UPLOAD_URL}{key}"));
    assert_eq!((&shown["line_id"], &shown["bytes"]), (&json!(LINE), &json!(bytes.len())));
    assert!(key.starts_with("photos/alpenshop/1001/R1/") && key.ends_with(".jpg"), "{key}");
}

#[test]
fn what_is_no_photo_is_explained_beside_the_field_and_kept_nowhere() {
    let (mut journey, purchase, mut browser) = damaged("de");
    let page = browser.uploads(&mut journey, 1, b"%PDF-1.7").unwrap();
    says(&page, "Das ist kein Foto");
    says(&page, "aria-describedby=\"photo-hint-1 photo-wrong-1\" aria-invalid=\"true\"");
    let page = browser.uploads(&mut journey, 1, &PHOTO[..300]).unwrap();
    says(&page, "lässt sich nicht lesen");
    let big = vec![0; photo::BYTES_MAX + 1];
    assert!(browser.uploads(&mut journey, 1, &big).is_none(), "S3 refuses it");
    let world = &journey.system.world;
    assert!(world.uploads.borrow().is_empty() && world.photos.borrow().is_empty());
    // It says so once, and asks again.
    let page = browser.opens(&mut journey, "/order/returns/R1");
    assert!(!page.body.contains("photo-wrong-1"));
    browser.sends(&mut journey, "/order/returns/R1/photos", &[]);
    assert_eq!(stage(&journey, &purchase), Stage::PhotosAsked, "nothing can be decided yet");
}

#[test]
fn where_no_script_runs_the_answer_to_a_photo_shows_in_a_frame_of_its_page() {
    let (mut journey, purchase, mut browser) = damaged("fr");
    says(&browser.opens(&mut journey, "/order/returns/R1"), "<iframe name=\"answer-1\"");
    browser.is_in_frame = true;
    let answer = browser.uploads(&mut journey, 1, b"%PDF-1.7").unwrap();
    says(&answer, "Ce n’est pas une photo");
    says(&answer, "<a href=\"R1\" target=\"_top\">");
    let policy = answer.headers.iter().find(|(name, _)| name == "content-security-policy");
    assert!(policy.unwrap().1.ends_with("frame-ancestors 'self'"), "{policy:?}");

    browser.is_in_frame = false;
    browser.opens(&mut journey, "/order/returns/R1");
    browser.is_in_frame = true;
    let answer = browser.uploads(&mut journey, 1, PHOTO).unwrap();
    says(&answer, "Votre photo est arrivée.");
    assert!(!answer.body.contains("<form") && !answer.body.contains("<script"), "{}", answer.body);
    assert_eq!(order(&journey, &purchase).returns.values().last().unwrap().photos.len(), 1);
}

#[test]
fn only_where_photos_are_asked_for_a_script_of_ours_runs_and_it_says_nothing_of_its_own() {
    let (mut journey, _, mut browser) = damaged("zh");
    let page = browser.opens(&mut journey, "/order/returns/R1");
    let (_, rest) = page.body.split_once("<script src=\"../photos.js?").unwrap();
    assert!(rest.contains("\" defer></script>") && !rest.contains("<script"), "{rest}");
    says(&page, "data-bytes-max=\"10000000\"");
    says(&page, "data-too-big=\"这张照片超过 10 MB。");
    says(&page, "data-wrong-kind=\"这不是照片。");
    let script = browser.opens(&mut journey, "/order/photos.js");
    let is_script = |(name, value): &(String, String)| {
        name == "content-type" && value.starts_with("text/javascript")
    };
    assert!(script.headers.iter().any(is_script), "{:?}", script.headers);
    browser.opens(&mut journey, "/order/returns/R1");
    for text in ["tooBig", "wrongKind", "tooOld", "sending"] {
        assert!(script.body.contains(text), "{text}");
        let name: String = text
            .chars()
            .flat_map(
                |c| if c.is_uppercase() { vec!['-', c.to_ascii_lowercase()] } else { vec![c] },
            )
            .collect();
        says(&page, &format!(" data-{name}=\""));
    }
    browser.uploads(&mut journey, 1, PHOTO).unwrap();
    let (_, page) = browser.sends(&mut journey, "/order/returns/R1/photos", &[]);
    assert!(!page.body.contains("<script"));
}

#[test]
fn whoever_shows_photos_and_leaves_is_answered_half_an_hour_later() {
    let (mut journey, purchase, mut browser) = damaged("fr");
    browser.uploads(&mut journey, 1, PHOTO).unwrap();
    journey.minutes(20);
    browser.enters(&mut journey, "1001");
    browser.opens(&mut journey, "/order/returns/R1");
    browser.uploads(&mut journey, 1, OTHER_PHOTO).unwrap();
    journey.minutes(28);
    assert_eq!(stage(&journey, &purchase), Stage::PhotosAsked, "another one may follow");
    journey.minutes(4);
    assert_eq!(stage(&journey, &purchase), Stage::Closed, "it is sent again");
}

#[test]
fn of_a_line_five_photos_are_taken_and_no_more() {
    let (mut journey, purchase, mut browser) = damaged("en");
    browser.opens(&mut journey, "/order/returns/R1");
    // Each is another: one byte of the picture differs.
    for number in 1..=5_u8 {
        let mut other = PHOTO.to_vec();
        let scan = other.windows(2).position(|pair| pair == b"\xff\xda").unwrap() + 14;
        other[scan] = number;
        browser.uploads(&mut journey, 1, &other).unwrap();
    }
    let page = browser.opens(&mut journey, "/order/returns/R1");
    says(&page, "Photo 5 is here");
    says(&page, "More photos are not needed.");
    assert!(!page.body.contains("type=\"file\""));
    // Who kept an old form fills no more than the bucket, for a day.
    let key = "uploads/alpenshop/1001/R1/1/9".to_owned();
    journey.system.world.uploads.borrow_mut().insert(key, OTHER_PHOTO.to_vec());
    browser.opens(&mut journey, "/order/returns/R1");
    let order = order(&journey, &purchase);
    assert_eq!(order.returns.values().last().unwrap().photos.len(), 5);
}

#[test]
fn what_was_uploaded_for_one_return_is_seen_by_no_other() {
    let (mut journey, purchase, mut browser) = damaged("en");
    for foreign in ["uploads/alpenshop/1002/R1/1/1", "uploads/alpenshop/1001/R11/1/1"] {
        let uploads = &journey.system.world.uploads;
        uploads.borrow_mut().insert(foreign.to_owned(), PHOTO.to_vec());
    }
    browser.opens(&mut journey, "/order/returns/R1");
    assert_eq!(journey.system.world.uploads.borrow().len(), 2);
    assert!(journey.system.world.photos.borrow().is_empty());
    // A line that there is not, and another site's form.
    let key = "uploads/alpenshop/1001/R1/7/1".to_owned();
    journey.system.world.uploads.borrow_mut().insert(key, PHOTO.to_vec());
    browser.opens(&mut journey, "/order/returns/R1");
    assert_eq!(journey.system.world.uploads.borrow().len(), 2, "it is discarded");
    browser.uploads(&mut journey, 1, PHOTO).unwrap();
    browser.is_tricked_into(&mut journey, "/order/returns/R1/photos", &[]);
    assert_eq!(stage(&journey, &purchase), Stage::PhotosAsked);
}

#[test]
fn what_is_missing_is_sent_again_and_nothing_comes_back() {
    let (mut journey, _) = two_mugs();
    let mut browser = Browser::new("fr-CH, en;q=0.5");
    browser.enters(&mut journey, "1001");
    let (_, page) = asks_for(&mut browser, &mut journey, "1", "missing");
    says(&page, "Réclamation alpenshop/1001/R1");
    says(&page, "Nous vous le renvoyons");
    assert!(!page.body.contains("<address>"));
}

#[test]
fn nobody_learns_whether_there_is_such_an_order() {
    let (mut journey, _) = two_mugs();
    let mails = |journey: &Journey| journey.system.world.letters.borrow().len();
    let before = mails(&journey);
    let mut browser = Browser::new("en");
    let wrong = [("#4711", EMAIL), ("#1001", "someone@example.com"), ("#1001", "99999")]
        .map(|(order, proof)| browser.asks(&mut journey, order, proof));
    assert_eq!(mails(&journey), before, "nobody gets a mail for a guess");
    let right = browser.asks(&mut journey, "#1001", "04109");
    assert_eq!(mails(&journey), before + 1, "a postal code is enough");
    for page in wrong {
        assert_eq!(page, right);
    }
}

#[test]
fn the_link_comes_as_html_and_as_text_in_the_language_of_the_page() {
    for (language, says) in [("en", "once"), ("de", "einmal"), ("fr", "une fois"), ("zh", "一次")]
    {
        let (mut journey, _) = two_mugs();
        Browser::new(language).asks(&mut journey, "1001", EMAIL);
        let link = mailed_link(&journey).expect("a mail");
        let letter = journey.system.world.letters.borrow().last().cloned().unwrap();
        for part in [&letter.html, &letter.text] {
            assert!(part.contains(&link) && part.contains(says), "{language}: {part}");
        }
        assert!(letter.html.contains("background: #1f4f46"), "as the pages: {}", letter.html);
        assert_eq!(
            (letter.to.as_str(), letter.from.1),
            (EMAIL, None),
            "the shop itself does not write"
        );
        assert!(letter.recipient.is_some(), "whether it bounces is told");
    }
}

#[test]
fn what_is_queued_names_nobody() {
    let (mut journey, _) = two_mugs();
    let mut browser = Browser::new("zh-CN");
    browser.sends(&mut journey, "/returns", &[("order", "1001"), ("proof", EMAIL)]);
    let queued = journey.system.world.take().expect("a message");
    let Message::MailLink { number, evidence, language } = queued else { panic!("{queued:?}") };
    assert_eq!((number.as_str(), language), ("1001", Language::Chinese));
    assert!(evidence.len() == 64 && !evidence.contains("customer"));
}

#[test]
fn a_form_that_is_wrong_comes_back_as_it_was_typed() {
    let (mut journey, _) = two_mugs();
    let mut browser = Browser::new("en");
    let script = "<script>alert(1)</script>";
    let page = browser.asks(&mut journey, script, "");
    assert_eq!(page.status, 422);
    says(&page, "id=\"order-wrong\"");
    says(&page, "aria-describedby=\"order-hint order-wrong\"");
    says(&page, "Enter your e-mail address or your postal code.");
    assert!(!page.body.contains(script) && page.body.contains("alert(1)"), "{}", page.body);
    assert!(journey.system.world.queue.borrow().is_empty());

    browser.enters(&mut journey, "1001");
    let fields = [("quantity:100101", "1"), ("reason:100101", ""), ("comment", "it \"is\" <b>")];
    let (_, page) = browser.sends(&mut journey, "/order/returns", &fields);
    assert_eq!(page.status, 422);
    says(&page, "Choose a reason.");
    says(&page, "<option value=\"1\" selected>");
    assert!(page.body.contains("it &#34;is&#34; &#60;b&#62;"), "{}", page.body);
}

#[test]
fn a_link_that_is_good_for_nothing_shows_the_same_page_whatever_is_wrong() {
    let (mut journey, purchase) = two_mugs();
    let mut browser = Browser::new("en");
    let forged = browser.opens(&mut journey, "/returns/Zm9yZ2Vk.00ff");
    assert_eq!(forged.status, 404);
    browser.asks(&mut journey, "1001", EMAIL);
    let link = mailed_link(&journey).expect("a mail");
    let tracking = tracking_link(&journey, &purchase.order_id());
    // What opens one thing opens no other.
    let token = tracking.rsplit('/').next().unwrap();
    assert_eq!(browser.opens(&mut journey, &format!("/returns/{token}")), forged);
    let token = link.rsplit('/').next().unwrap();
    assert_eq!(browser.opens(&mut journey, &format!("/track/{token}")), forged);
    assert_eq!(browser.opens(&mut journey, "/order/returns"), forged, "no session");

    assert_eq!(browser.opens(&mut journey, &link).status, 200);
    journey.hours(1);
    assert_eq!(browser.opens(&mut journey, &link), forged, "expired");

    let mut browser = Browser::new("en");
    assert_eq!(browser.enters(&mut journey, "1001").status, 200);
    let revoke = json!({"revoked_before": 0});
    journey.decides(&purchase.order_id(), "link-revocations", &revoke);
    journey.decides(&purchase.order_id(), "link-revocations", &revoke);
    assert_eq!(order(&journey, &purchase).link_revocations, 1);
    assert_eq!(browser.opens(&mut journey, "/order/returns"), forged, "revoked");
    assert_eq!(browser.opens(&mut journey, &tracking), forged, "revoked");
    let new = tracking_link(&journey, &purchase.order_id());
    assert_eq!(browser.opens(&mut journey, &new).status, 200);
}

#[test]
fn a_link_works_once_though_its_button_may_be_pressed_twice() {
    let (mut journey, _) = two_mugs();
    let mut browser = Browser::new("en");
    browser.asks(&mut journey, "1001", EMAIL);
    let link = mailed_link(&journey).expect("a mail");
    // A mail scanner looks first.
    assert_eq!(Browser::new("en").opens(&mut journey, &link).status, 200);
    browser.opens(&mut journey, &link);
    for _ in 0..2 {
        let (path, page) = browser.sends(&mut journey, &link, &[]);
        assert_eq!((path.as_str(), page.status), ("/order/returns", 200));
    }
    let mut thief = Browser::new("en");
    thief.caller = "198.51.100.1";
    thief.opens(&mut journey, &link);
    for _ in 0..3 {
        assert_eq!(thief.sends(&mut journey, &link, &[]).1.status, 404);
    }
    assert_eq!(browser.opens(&mut journey, "/order/returns").status, 200);
}

#[test]
fn tries_are_limited_for_an_order_and_for_a_caller() {
    let (mut journey, _) = two_mugs();
    let mut browser = Browser::new("en");
    for postal_code in 0..5 {
        let page = browser.asks(&mut journey, "1001", &postal_code.to_string());
        assert_eq!(page.status, 200);
    }
    let page = browser.asks(&mut journey, "1001", "04109");
    assert_eq!(page.status, 429);
    says(&page, "value=\"04109\"");
    let mut elsewhere = Browser::new("en");
    elsewhere.caller = "192.0.2.2";
    assert_eq!(elsewhere.asks(&mut journey, "#1001", "04109").status, 429, "the same order");
    for order in 2..=15 {
        assert_eq!(browser.asks(&mut journey, &order.to_string(), "1").status, 200);
    }
    assert_eq!(browser.asks(&mut journey, "16", "1").status, 429, "the same caller");
    journey.hours(1);
    assert_eq!(browser.asks(&mut journey, "1001", "04109").status, 200);
}

#[test]
fn a_form_that_another_site_sends_does_nothing() {
    let (mut journey, purchase) = two_mugs();
    let mut browser = Browser::new("en");
    browser.enters(&mut journey, "1001");
    let fields = [("quantity:100101", "1"), ("reason:100101", "changed_mind"), ("form", "00")];
    let page = browser.is_tricked_into(&mut journey, "/order/returns", &fields);
    assert_eq!(page.status, 403);
    assert!(order(&journey, &purchase).returns.is_empty());
    browser.opens(&mut journey, "/order/returns");
    asks_for(&mut browser, &mut journey, "1", "changed_mind");
    browser.is_tricked_into(&mut journey, "/order/returns/R1/cancellations", &[]);
    let order = order(&journey, &purchase);
    assert_eq!(order.returns.values().last().unwrap().stage, Stage::Approved);
}

#[test]
fn what_cannot_be_returned_is_said_beside_it() {
    let (mut journey, purchase) = two_mugs();
    let mut browser = Browser::new("en");
    browser.enters(&mut journey, "1001");
    let page = |browser: &mut Browser, journey: &mut Journey, quantity, reason| {
        let (_, page) = asks_for(browser, journey, quantity, reason);
        assert_eq!(page.status, 422);
        page
    };
    says(&page(&mut browser, &mut journey, "0", "changed_mind"), "Choose at least one unit.");
    says(&page(&mut browser, &mut journey, "3", "changed_mind"), "Only 2 units can be returned.");
    says(&page(&mut browser, &mut journey, "1", "no_such"), "Choose a reason.");

    // A form that is sent twice is one return; the same from a new page is another.
    let wish = [("quantity:100101", "1"), ("reason:100101", "changed_mind"), ("known", "0")];
    for _ in 0..2 {
        browser.opens(&mut journey, "/order/returns");
        let (path, _) = browser.sends(&mut journey, "/order/returns", &wish);
        assert_eq!(path, "/order/returns/R1");
    }
    browser.opens(&mut journey, "/order/returns");
    let (path, _) = asks_for(&mut browser, &mut journey, "1", "changed_mind");
    assert_eq!(path, "/order/returns/R2");
    assert_eq!(order(&journey, &purchase).returns.len(), 2);
    let page = browser.opens(&mut journey, "/order/returns");
    says(&page, "All of it is in a return already.");
    says(&page, "href=\"returns/R1\"");
    assert!(!page.body.contains("<textarea"), "there is nothing to send");
}

#[test]
fn what_was_not_delivered_or_is_too_old_is_not_offered() {
    let purchase = alpenshop(&[MUG]);
    let mut journey = Journey::begin();
    journey.sells(&purchase);
    journey.minutes(1);
    journey.suppliers_ship();
    let mut browser = Browser::new("en");
    says(&browser.enters(&mut journey, "1001"), "Not delivered yet.");
    journey.hours(5);
    journey.carriers_deliver();
    journey.hours(24 * 800);
    let mut browser = Browser::new("en");
    says(&browser.enters(&mut journey, "1001"), "Could be returned until");
}

#[test]
fn what_a_customer_writes_is_kept_with_the_person_and_in_no_fact() {
    let (mut journey, purchase) = two_mugs();
    let mut browser = Browser::new("en");
    browser.enters(&mut journey, "1001");
    let fields = [
        ("quantity:100101", "1"),
        ("reason:100101", "changed_mind"),
        ("comment", "my aunt Erna has one"),
    ];
    browser.sends(&mut journey, "/order/returns", &fields);
    let notes = journey.system.world.notes.borrow().clone();
    assert_eq!(notes.values().collect::<Vec<_>>(), ["my aunt Erna has one"]);
    let world = &journey.system.world;
    let kept = format!("{:?} {:?}", world.streams.borrow(), world.rows.borrow());
    assert!(!kept.contains("Erna"));
    assert_eq!(order(&journey, &purchase).returns.len(), 1);
}

#[test]
fn an_operator_sees_what_the_customer_wrote_to_each_return() {
    let (mut journey, purchase) = two_mugs();
    let mut browser = Browser::new("en");
    for comment in ["my aunt Erna has one", ""] {
        browser.enters(&mut journey, "1001");
        let fields =
            [("quantity:100101", "1"), ("reason:100101", "changed_mind"), ("comment", comment)];
        browser.sends(&mut journey, "/order/returns", &fields);
    }
    let page = journey.page(&purchase.order_id());
    let comments: Vec<&Value> =
        page["returns"].as_array().unwrap().iter().map(|it| &it["comment"]).collect();
    assert_eq!(comments, [&json!("my aunt Erna has one"), &json!(null)]);
    // Who is erased has written nothing.
    journey.system.world.notes.borrow_mut().clear();
    assert_eq!(journey.page(&purchase.order_id())["returns"][0]["comment"], json!(null));
}

#[test]
fn the_tracking_page_shows_the_way_and_takes_the_customers_word_for_the_end_of_it() {
    let purchase = alpenshop(&[units(2, MUG), BACKPACK]);
    let mut journey = Journey::begin();
    journey.sells(&purchase);
    journey.minutes(1);
    let path = tracking_link(&journey, &purchase.order_id());
    let mut browser = Browser::new("en");
    let page = browser.opens(&mut journey, &path);
    says(&page, "Still to come");
    says(&page, "Expected ");
    journey.suppliers_ship();
    journey.hours(5);
    let page = browser.opens(&mut journey, &path);
    says(&page, "Your 2 parcels");
    says(&page, "It has arrived");
    for private in ["Mara", "Testweg", "04109", "customer@", "own-warehouse", "nordwaren"] {
        assert!(!page.body.contains(private), "`{private}` is on the page");
    }
    let (_, page) = browser.sends(&mut journey, &path, &[("arrived", "P1")]);
    says(&page, "Arrived on 23 November 2026");
    says(&page, "Delivered");
    // Twice is once, and a parcel that there is not is nothing.
    browser.sends(&mut journey, &path, &[("arrived", "P1")]);
    browser.sends(&mut journey, &path, &[("arrived", "P9")]);
    let arrived = order(&journey, &purchase).parcels.into_values();
    assert_eq!(arrived.filter(|parcel| parcel.delivered_at().is_some()).count(), 1);
    says(&page, "../returns?order=1001");
    says(&browser.opens(&mut journey, "/returns?order=1001"), "value=\"1001\"");
}

#[test]
fn every_page_is_in_the_language_that_was_chosen_and_guards_itself() {
    let (mut journey, purchase) = two_mugs();
    let track = tracking_link(&journey, &purchase.order_id());
    for language in Language::ALL {
        let mut browser = Browser::new("it");
        browser.caller = language.code();
        browser.opens(&mut journey, &format!("/returns?language={}", language.code()));
        let mut pages = vec![browser.opens(&mut journey, "/returns")];
        pages.push(browser.asks(&mut journey, "", ""));
        pages.push(browser.enters(&mut journey, "1001"));
        pages.push(asks_for(&mut browser, &mut journey, "1", "changed_mind").1);
        pages.push(browser.sends(&mut journey, "/order/returns/R1/cancellations", &[]).1);
        pages.push(browser.opens(&mut journey, &track));
        pages.push(browser.opens(&mut journey, "/returns/none"));
        for page in pages {
            says(&page, &format!("<html lang=\"{}\">", language.code()));
            says(&page, "<meta name=\"viewport\"");
            assert!(!page.body.contains("<script"));
            let header = |name: &str| {
                let found = page.headers.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            };
            let policy = header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("referrer-policy"), "no-referrer");
        }
    }
}

#[test]
fn cookies_are_for_this_host_alone_and_for_no_script() {
    let (mut journey, _) = two_mugs();
    let mut browser = Browser::new("en");
    browser.asks(&mut journey, "1001", EMAIL);
    let link = mailed_link(&journey).expect("a mail");
    let opened = browser.opens(&mut journey, &link);
    let begun = browser.is_tricked_into(&mut journey, &link, &[]);
    let cookies = [opened, begun].into_iter().flat_map(|page| page.headers);
    let cookies: Vec<_> = cookies.filter(|(name, _)| name == "set-cookie").collect();
    assert_eq!(cookies.len(), 2);
    for (_, cookie) in cookies {
        for part in ["__Host-", "; HttpOnly", "; Secure", "; SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}
