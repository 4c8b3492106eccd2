//! The corpus, and mutations of it that are the same in each run. `make fuzz`, which `.ci/run` has run for seconds, looks for
//! more, led by coverage.

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tests::hostile::mutation::{Dice, mutate};
use tests::hostile::{TARGETS, target};

/// How long one target is thrown at. Together they take no longer than the slowest test of the workspace.
const TARGET_TIME: Duration = Duration::from_secs(3);

/// Throws that each target gets in any case, however slow the machine is.
const THROWS_MIN: u64 = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The kept inputs of a target, by their names.
fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(root().join("corpus").join(name)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| (file.display().to_string(), fs::read(&file).unwrap())).collect()
}

/// Throws each kept input, and mutations of all of them. What breaks is told with its bytes, to be kept in the corpus.
fn check(name: &str) {
    let target = target(name);
    let corpus = corpus(name);
    assert!(!corpus.is_empty());
    for (file, bytes) in &corpus {
        throw(target.throw, bytes, file);
    }
    let started = Instant::now();
    let mut seed = 0;
    while seed < THROWS_MIN || started.elapsed() < TARGET_TIME {
        let mut dice = Dice::new(seed);
        let (_, input) = &corpus[usize::try_from(seed).unwrap() % corpus.len()];
        throw(target.throw, &mutate(input, &mut dice), &format!("seed {seed}"));
        seed += 1;
    }
}

#[expect(clippy::print_stderr, reason = "whoever looks for what broke it needs the bytes")]
fn throw(target: fn(&[u8]), bytes: &[u8], what: &str) {
    if let Err(panicked) = panic::catch_unwind(|| target(bytes)) {
        let text = String::from_utf8_lossy(bytes);
        eprintln!("{what} broke it:\n{}", text.chars().take(4_000).collect::<String>());
        panic::resume_unwind(panicked);
    }
}

#[test]
fn every_target_has_a_corpus_and_is_fuzzed() {
    for target in TARGETS {
        assert!(!corpus(target.name).is_empty(), "{}", target.name);
        let file = root().join(format!("fuzz_targets/{}.rs", target.name));
        assert!(file.exists(), "{} is missing", file.display());
    }
    let files = fs::read_dir(root().join("fuzz_targets")).unwrap().count();
    assert_eq!(files, TARGETS.len());
}

macro_rules! withstands {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                check($name);
            }
        )*

        #[test]
        fn no_target_is_left_out() {
            let thrown = [$($name),*];
            assert_eq!(thrown, TARGETS.map(|target| target.name));
        }
    };
}

withstands! {
    a_catalogue_file_can_be_anything: "catalog",
    an_operators_decision_can_be_anything: "console",
    the_token_of_a_link_can_be_anything: "link",
    an_order_in_our_own_json_can_be_anything: "onward",
    what_a_customer_uploads_can_be_anything: "photo",
    a_settings_file_can_be_anything: "settings",
    an_order_of_shopify_can_be_anything: "shopify",
    what_shopify_replies_can_be_anything: "shopify_reply",
    what_a_supplier_tells_us_can_be_anything: "supplier_answer",
    the_form_of_a_link_can_be_anything: "supplier_form",
    what_a_supplier_replies_can_be_anything: "supplier_reply",
    what_a_tracking_service_pushes_can_be_anything: "tracking_push",
    what_17track_replies_can_be_anything: "tracking_reply",
    an_unsigned_call_can_be_anything: "unsigned",
    an_order_of_woocommerce_can_be_anything: "woocommerce",
    what_woocommerce_replies_can_be_anything: "woocommerce_reply",
}
