# `make demo` and `make test` need git, make, Rust (rustup.rs) and Python 3.11, and set up everything else.
PYTHON ?= python3
ARCHITECTURE ?= arm64
STACK_NAME ?= onward
SECONDS ?= 60
FUNCTIONS = --workspace --exclude tests --exclude cli --exclude fuzz
STACK = .venv/bin/python tests/local/stack.py
# Of the deployed API against openapi.yaml; of customers' pages in a real browser; then of all that happened: functions may
# do what they did and no more, and no log holds anything private.
PROPERTIES = .venv/bin/python tests/openapi/properties.py
BROWSER = .venv-browser/bin/python tests/browser/portal.py
PRIVILEGES = .venv/bin/python tests/local/privileges.py
SILENCE = .venv/bin/python tests/local/silence.py

demo: .venv/ready build ## Twenty orders from webhook to doorstep, on a stack of its own
	$(STACK) run cargo run --bin demo

up: .venv/ready build ## A stack that stays; prints its addresses
	$(STACK) up

down: .venv/ready ## Ends what `up` started
	$(STACK) down

# End to end they mostly wait, and can do it side by side.
test: export RUST_TEST_THREADS := 16
test: .venv/ready .venv-browser/ready build ## Every test, on a stack of its own
	.venv/bin/python tests/shopify/validate_graphql.py
	cargo test --workspace --no-run --quiet
	$(STACK) run sh -c 'cargo test --workspace && $(PROPERTIES) && $(BROWSER) && $(PRIVILEGES) && $(SILENCE)'

browser: .venv/ready .venv-browser/ready build ## Customers' pages in Chromium, with pictures in target/screens: apt-get install chromium
	$(STACK) run $(BROWSER)

soak: export RUST_BACKTRACE := 0
soak: ## Orders in a world in which everything goes wrong: make soak SECONDS=600; one seed again: make soak SEED=17
	cargo run --quiet --profile soak --package tests --bin soak -- --seed "$(SEED)" --seconds "$(if $(SEED),,$(SECONDS))" --steps "$(STEPS)" --order "$(ORDER)"

invoke: .venv/ready ## One event to one function of the stack that is up: make invoke FUNCTION=routing EVENT=events/routing.json
	$(STACK) invoke $(FUNCTION) $(EVENT)

redrive: ## What failed five times, and why: make redrive QUEUE=supplier-forwarding; CONFIRM=yes sends it again
	@set -a && if [ -z "$$TABLE_EVENTS" ]; then . .local/functions.env; fi && cargo run --quiet --bin onward -- redrive $(QUEUE) $(if $(CONFIRM),--yes)

build: ## What runs on this machine
	cargo build --workspace --bins

lint: .venv/ready deny ## Format, code, what it is made of, and template
	cargo fmt --check && cargo clippy --workspace --all-targets -- -D warnings
	.venv/bin/cfn-lint template.yaml && SAM_CLI_TELEMETRY=0 .venv/bin/sam validate --lint --region us-east-1
	.venv-security/bin/python -m checkov.main --config-file .checkov.yaml

deny: export PATH := $(CURDIR)/.venv-security/bin:$(PATH)
deny: .venv-security/ready ## Licences, duplicates and sources of every crate; known holes, where the list of them can be had
	cargo deny --log-level error check licenses bans sources
	if cargo deny fetch db; then cargo deny check --disable-fetch advisories; else echo "NOT CHECKED: known holes (RustSec can't be reached)" >&2; fi

sbom: .venv-security/ready ## What is in the functions, as CycloneDX
	.venv-security/bin/python shared/cli/sbom.py $(ARCHITECTURE) > target/onward-$(ARCHITECTURE).cdx.json

fuzz: export PATH := $(CURDIR)/.venv-security/bin:$(PATH)
fuzz: .venv-security/ready ## Hostile bytes at every parser, led by coverage; needs a C++ compiler: make fuzz SECONDS=600
	for target in $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs))); do mkdir -p target/corpus/$$target && \
	cargo fuzz run --dev --sanitizer none --features libfuzzer $$target target/corpus/$$target fuzz/corpus/$$target -- \
	-max_total_time=$(SECONDS) -verbosity=0 -print_final_stats=1 || exit 1; done

bench: ## What an order costs on AWS, and how fast it is, as AWS gets it: a table, and target/bench.json; one part: make bench PART=cost
	mkdir -p target
	$(if $(filter-out start cpu billed,$(or $(PART),start)),,cargo build --quiet --release $(FUNCTIONS) --bins --example empty)
	cargo run --quiet $(if $(filter cost,$(PART)),,--release) --package tests --bin bench -- $(PART) > target/bench.log; status=$$?; cat target/bench.txt; exit $$status

release: export PATH := $(CURDIR)/.venv/bin:$(PATH)
release: .venv/ready-release ## What runs on Amazon Linux 2023: make release ARCHITECTURE=x86_64
	cargo lambda build --release --output-format zip --$(subst _,-,$(ARCHITECTURE)) $(FUNCTIONS)

deploy: release ## To AWS: make deploy ARCHITECTURE=x86_64 PARAMETERS="AlarmEmail=you@example.com"; what is not given stays as it was
	.venv/bin/sam deploy --stack-name $(STACK_NAME) --parameter-overrides Architecture=$(ARCHITECTURE) $(PARAMETERS)

environment: .venv/ready ## What the `onward` command must know of a stack on AWS: eval "$(make --silent environment)"
	@.venv/bin/python shared/cli/environment.py $(STACK_NAME)

.venv/ready: requirements.txt
	$(PYTHON) -m venv --clear .venv && .venv/bin/python -m pip install --quiet --requirement $< && touch $@

.venv-security/ready: requirements-security.txt
	$(PYTHON) -m venv --clear .venv-security && .venv-security/bin/python -m pip install --quiet --requirement $< && touch $@

.venv-browser/ready: requirements-browser.txt
	$(PYTHON) -m venv --clear .venv-browser && .venv-browser/bin/python -m pip install --quiet --requirement $< && touch $@

.venv/ready-release: requirements-release.txt .venv/ready
	.venv/bin/python -m pip install --quiet --requirement $< && touch $@

.PHONY: demo up down test browser soak invoke redrive build bench lint release deploy environment deny sbom fuzz
