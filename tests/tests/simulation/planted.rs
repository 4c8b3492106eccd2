//! Shows that the simulation bites: faults that are planted in a copy of the code, each of which it must catch.
//!
//! The copy lies below `target/`, has all faults at once, each behind a switch, and is built once. It leaves out what
//! speaks to AWS, and takes the dependencies that are built already.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// Seeds that a fault may take until it shows; those of [`super::ORDERS`] orders each.
const SEEDS: u64 = 30;

/// Files of the tests that the simulation needs.
const TESTS: [&str; 6] =
    ["fonts.rs", "outside", "outside.rs", "purchase.rs", "simulation", "simulation.rs"];
/// What the functions and the tests depend on, and the simulation does not.
const LEFT_OUT: [&str; 8] = [
    "aws",
    "aws-credential-types",
    "aws-sigv4",
    "cli",
    "http-body-util",
    "hyper",
    "hyper-util",
    "tokio",
];

#[derive(Deserialize)]
struct Plants {
    plant: Vec<Plant>,
}

/// A fault.
#[derive(Deserialize)]
struct Plant {
    name: String,
    what: String,
    /// The seed in which it showed last.
    #[serde(default = "first")]
    seed: u64,
    edits: Vec<Edit>,
}

fn first() -> u64 {
    1
}

/// Text that takes another's place.
#[derive(Deserialize)]
struct Edit {
    file: String,
    find: String,
    put: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The copy, and where it lies.
struct Copy {
    place: PathBuf,
    plants: Vec<Plant>,
}

impl Copy {
    fn new() -> Self {
        let plants = fs::read_to_string(root().join("tests/planted/plants.toml")).unwrap();
        let Plants { plant: plants } = toml::from_str(&plants).unwrap();
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planted");
        Self { place, plants }
    }

    /// Writes a file, unless it is there already: what has not changed is not built again.
    fn write(&self, file: &str, bytes: &[u8]) {
        let path = self.place.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read(&path).ok().as_deref() != Some(bytes) {
            fs::write(&path, bytes).unwrap();
        }
    }

    /// Copies a file, with the faults in it.
    fn plant(&self, file: &str) {
        let bytes = fs::read(root().join(file)).unwrap();
        let edits = self.plants.iter().flat_map(|plant| &plant.edits);
        let edits: Vec<&Edit> = edits.filter(|edit| edit.file == file).collect();
        if edits.is_empty() {
            return self.write(file, &bytes);
        }
        let mut text = String::from_utf8(bytes).unwrap();
        for Edit { find, put, .. } in edits {
            let count = text.matches(find.as_str()).count();
            assert_eq!(count, 1, "{file} has {count} times what a fault is planted at:\n{find}");
            text = text.replace(find, put);
        }
        self.write(file, text.as_bytes());
    }

    fn plant_all(&self, path: &str) {
        // What is wired to AWS is not part of it.
        if path.ends_with("/main.rs") {
            return;
        }
        if root().join(path).is_file() {
            return self.plant(path);
        }
        let mut names: Vec<String> = fs::read_dir(root().join(path))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        for name in names {
            self.plant_all(&format!("{path}/{name}"));
        }
    }

    /// A package's manifest, without what is left out.
    fn package(&self, path: &str) {
        let manifest = fs::read_to_string(root().join(path).join("Cargo.toml")).unwrap();
        let (manifest, _) = manifest.split_once("[dev-dependencies]").unwrap_or((&manifest, ""));
        let is_kept = |line: &&str| {
            let name = line.split([' ', '.', '=']).next().unwrap_or_default();
            !LEFT_OUT.contains(&name)
        };
        let kept: Vec<&str> = manifest.lines().filter(is_kept).collect();
        let dependency = "\nplanted = { path = \"";
        let up = "../".repeat(path.split('/').count());
        let manifest = kept
            .join("\n")
            .replace("[dependencies]", &format!("[dependencies]{dependency}{up}planted\" }}"));
        self.write(&format!("{path}/Cargo.toml"), manifest.as_bytes());
    }

    /// All else of a package but its tests.
    fn plant_rest(&self, path: &str) {
        for name in fs::read_dir(root().join(path)).unwrap() {
            let name = name.unwrap().file_name().into_string().unwrap();
            if !["Cargo.toml", "tests"].contains(&name.as_str()) {
                self.plant_all(&format!("{path}/{name}"));
            }
        }
    }

    /// Everything that the simulation is made of.
    fn fill(&self) {
        for path in ["shared", "functions"] {
            for name in fs::read_dir(root().join(path)).unwrap() {
                let name = name.unwrap().file_name().into_string().unwrap();
                if !LEFT_OUT.contains(&name.as_str()) {
                    self.package(&format!("{path}/{name}"));
                    self.plant_rest(&format!("{path}/{name}"));
                }
            }
        }
        self.package_of_tests();
        self.write("planted/Cargo.toml", PLANTED_MANIFEST.as_bytes());
        self.write("planted/src/lib.rs", PLANTED.as_bytes());
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let members = manifest.lines().find(|line| line.starts_with("members = ")).unwrap();
        let own = "members = [\"functions/*\", \"planted\", \"shared/*\", \"tests\"]";
        let manifest: Vec<&str> = manifest
            .lines()
            .map(|line| if line == members { own } else { line })
            .filter(|line| !line.starts_with("aws = ") && !line.starts_with("cli = "))
            .collect();
        self.write("Cargo.toml", manifest.join("\n").as_bytes());
        if !self.place.join("Cargo.lock").exists() {
            fs::copy(root().join("Cargo.lock"), self.place.join("Cargo.lock")).unwrap();
        }
    }

    fn package_of_tests(&self) {
        self.package("tests");
        for name in TESTS {
            self.plant_all(&format!("tests/src/{name}"));
        }
        self.plant_all("tests/src/bin/soak.rs");
        let modules =
            ["fonts", "outside", "purchase", "simulation"].map(|name| format!("pub mod {name};\n"));
        self.write(
            "tests/src/lib.rs",
            format!("//! The simulation.\n{}", modules.concat()).as_bytes(),
        );
    }

    /// Builds the copy with what is built already, and gives its program.
    fn build(&self) -> PathBuf {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned();
        let built = Command::new(env!("CARGO"))
            .args(["build", "--offline", "--quiet", "--package", "tests", "--bin", "soak"])
            .args(["--message-format", "short"])
            .current_dir(&self.place)
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let program = self.place.join("soak");
        // The next build of the project puts its own in that place.
        fs::copy(target.join("debug/soak"), &program).unwrap();
        program
    }
}

const PLANTED_MANIFEST: &str =
    "[package]\nname = \"planted\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const PLANTED: &str = r#"//! Which fault is switched on.

use std::sync::OnceLock;

/// Whether it is this one.
#[must_use]
pub fn is(name: &str) -> bool {
    static NAME: OnceLock<Option<String>> = OnceLock::new();
    NAME.get_or_init(|| std::env::var("PLANTED").ok()).as_deref() == Some(name)
}
"#;

/// Runs the copy with a fault switched on; what it says and its last line, if it finds something.
fn run(program: &Path, name: &str, seed: u64, tries: u32) -> Option<(String, String)> {
    let run = Command::new(program)
        .args(["--seed", &seed.to_string(), "--tries", &tries.to_string()])
        .env("PLANTED", name)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let last = text(&run.stderr).lines().last().unwrap_or_default().to_owned();
    (!run.status.success()).then(|| (text(&run.stdout), last))
}

/// What the simulation says of the copy with this fault in one of these seeds, if it says anything.
fn caught(program: &Path, name: &str, mut seeds: impl Iterator<Item = u64>) -> Option<String> {
    seeds.find_map(|seed| run(program, name, seed, 0)).map(|(_, last)| last)
}

#[test]
fn every_planted_fault_is_caught_and_told_small() {
    let copy = Copy::new();
    copy.fill();
    let program = copy.build();
    assert_eq!(run(&program, "", 1, 0), None, "the copy fails with no fault switched on");
    let mut missed = Vec::new();
    for Plant { name, what, seed, .. } in &copy.plants {
        let others = (1..=SEEDS).filter(|other| other != seed);
        match caught(&program, name, std::iter::once(*seed).chain(others)) {
            Some(said) => println!("{name}: {said}"),
            None => missed.push(format!("{name}: {what}")),
        }
    }
    assert!(missed.is_empty(), "the simulation does not see:\n{}", missed.join("\n"));

    // What is told of a fault is one order, and little that goes wrong with it.
    let (told, _) = run(&program, "bought_before_the_intent", 1, 60).unwrap();
    let orders = told.lines().find(|line| line.starts_with("orders: ")).unwrap();
    assert!(!orders.contains(',') && told.contains("\ndisturbances: \n"), "{told}");
    assert!(told.contains("WRONG: F1 is bought with no intent on record"), "{told}");
    assert!(told.lines().count() < 60, "{told}");
}
