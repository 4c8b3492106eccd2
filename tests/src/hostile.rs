//! Hostile bytes: targets to throw them at, one for each parser of foreign bytes, and what must be true whatever they are.
//!
//! `tests/tests/hostile` throws the corpus in `fuzz/corpus`, and seeded mutations of it, with every `cargo test`; `fuzz/` has
//! libFuzzer look for more, in the same targets and with the same corpus.
//!
//! - [`doors`]: what comes in over HTTP, through the function that takes it and all that follows.
//! - [`answers`]: what others answer to our calls, through the function that calls.
//! - [`files`]: what operators import, and orders under what was imported.
//! - [`photos`]: what customers upload.
//! - [`mutation`]: how one input becomes another.

mod answers;
mod doors;
mod files;
pub mod mutation;
mod photos;
mod stage;

/// Words of the person in every input of the corpus. Nothing that is logged, and no refusal, may repeat them.
pub const PERSONAL: [&str; 5] = [
    "Wilhelmine Unverkennbar",
    "Geheimratsgasse 77",
    "wilhelmine@unverkennbar.example",
    "+49 341 5550177",
    "Für Oma Unverkennbar",
];

/// Something to throw bytes at. It panics when they break what must be true.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// Takes the bytes.
    pub throw: fn(&[u8]),
}

/// All of them. A new parser of foreign bytes gets one, with a corpus and a file in `fuzz/fuzz_targets`.
pub const TARGETS: [Target; 16] = [
    Target { name: "catalog", throw: files::catalog },
    Target { name: "console", throw: doors::console },
    Target { name: "link", throw: doors::link },
    Target { name: "onward", throw: doors::onward },
    Target { name: "photo", throw: photos::photo },
    Target { name: "settings", throw: files::settings },
    Target { name: "shopify", throw: doors::shopify },
    Target { name: "shopify_reply", throw: answers::shopify },
    Target { name: "supplier_answer", throw: doors::supplier_answer },
    Target { name: "supplier_form", throw: doors::supplier_form },
    Target { name: "supplier_reply", throw: answers::supplier },
    Target { name: "tracking_push", throw: doors::tracking_push },
    Target { name: "tracking_reply", throw: answers::tracking },
    Target { name: "unsigned", throw: doors::unsigned },
    Target { name: "woocommerce", throw: doors::woocommerce },
    Target { name: "woocommerce_reply", throw: answers::woocommerce },
];

/// The target of that name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn target(name: &str) -> Target {
    let found = TARGETS.into_iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("there is no target `{name}`"))
}
