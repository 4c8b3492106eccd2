//! A shop that sold an order and was paid for it, and the label service.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::Result;
use connectors::refund::{Refund, RefundLine, RefundOutcome};
use connectors::shipment::Access;
use connectors::{onward, shopify, woocommerce};
use domain::id::LineId;
use domain::money::{Currency, Money};
use domain::settings::ShopKind;
use ports::memory::World;
use ports::{Clock as _, Request, Response};
use tests::outside;
use tests::outside::shop::books::{Books, PaidBack};
use tests::outside::shop::{Shop, Sold};

pub(crate) const KINDS: [ShopKind; 3] =
    [ShopKind::Shopify, ShopKind::Woocommerce, ShopKind::Onward];

/// The tests' order in the shop, and its one line.
pub(crate) const ORDER: &str = "450789469";
pub(crate) const LINE: &str = "466157049";
const API: &str = "https://alpenshop.example";
const SECRET: &str = "whsec_b253YXJk";

/// A shop that sold an order, and what is between it and us.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) outside: Rc<RefCell<outside::World>>,
    /// Every request with its answer.
    pub(crate) exchanges: Rc<RefCell<Vec<(Request, Response)>>>,
    kind: ShopKind,
}

impl Scene {
    /// Two lamps, paid with so much.
    pub(crate) fn new(kind: ShopKind, paid: Money) -> Self {
        let scene = Self {
            world: World::new("2026-11-20T10:00:00Z".parse().unwrap()),
            outside: Rc::default(),
            exchanges: Rc::default(),
            kind,
        };
        let (outside, exchanges) = (Rc::clone(&scene.outside), Rc::clone(&scene.exchanges));
        let now = scene.world.now.get();
        *scene.world.outside.borrow_mut() = Box::new(move |request: Request| {
            let response = outside.borrow_mut().answer(request.clone(), now)?;
            exchanges.borrow_mut().push((request, response.clone()));
            Ok(response)
        });
        scene.outside.borrow_mut().shops.open("alpenshop", kind, API, SECRET);
        scene.shop(|shop| {
            shop.sell(ORDER, &[Sold { line_id: LINE, quantity: 2, location: 1 }]);
            shop.sale(ORDER).books.paid = Some(paid);
        });
        scene
    }

    pub(crate) fn euros(kind: ShopKind, minor: i64) -> Self {
        Self::new(kind, money(minor, "EUR"))
    }

    pub(crate) fn shop<T>(&self, act: impl FnOnce(&mut Shop) -> T) -> T {
        act(self.outside.borrow_mut().shops.shop("alpenshop"))
    }

    pub(crate) fn books<T>(&self, act: impl FnOnce(&mut Books) -> T) -> T {
        self.shop(|shop| act(&mut shop.sale(ORDER).books))
    }

    pub(crate) fn paid_back(&self) -> Vec<PaidBack> {
        self.books(|books| books.refunds.clone())
    }

    /// Has the shop pay back.
    pub(crate) fn refund(&self, refund: &Refund<'_>) -> Result<RefundOutcome> {
        let secrets = [SECRET.to_owned()];
        let access = Access { api: API, secrets: &secrets };
        let (world, now) = (&self.world, self.world.now());
        wait(async {
            match self.kind {
                ShopKind::Shopify => shopify::refund::refund(world, access, refund).await,
                ShopKind::Woocommerce => woocommerce::refund::refund(world, access, refund).await,
                ShopKind::Onward => onward::refund::refund(world, access, refund, now).await,
            }
        })
    }

    /// The body of the last request.
    pub(crate) fn last_body(&self) -> serde_json::Value {
        let outside = self.outside.borrow();
        serde_json::from_slice(&outside.log.last().unwrap().0.body).unwrap()
    }

    /// How many requests contained this.
    pub(crate) fn sent(&self, text: &str) -> usize {
        let outside = self.outside.borrow();
        let bodies = outside.log.iter().map(|(request, _)| String::from_utf8_lossy(&request.body));
        bodies.filter(|body| body.contains(text)).count()
    }
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(crate) fn money(minor: i64, currency: &str) -> Money {
    Money { minor, currency: Currency::parse(currency).unwrap() }
}

/// So many lamps, for so much.
pub(crate) fn lamps(quantity: u32, amount_minor: i64) -> Vec<RefundLine> {
    vec![RefundLine { line_id: LineId::parse(LINE).unwrap(), quantity, amount_minor }]
}

/// What pays for lamps alone.
pub(crate) fn refund_of<'a>(lines: &'a [RefundLine], amount: Money) -> Refund<'a> {
    Refund {
        order: ORDER,
        key: "alpenshop/1001/R1",
        lines,
        shipping_minor: 0,
        amount,
        why: "returned: damaged",
    }
}
