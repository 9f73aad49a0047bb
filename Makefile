# Everything that a person does here. `make` alone lists it.
WHITEWATER := cargo run --release --package whitewater-cli --bin whitewater --
FIGURE_8 := scenarios/paper/figure-8.json --bug commits-older-term

.PHONY: help run test test-browser lint doc fuzz zoo paper samples bench bench-instructions
help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)
run: ## run every scenario
	$(WHITEWATER) run scenarios
test: lint doc ## lints, documentation, all tests, many seeds of every scenario, and every planted bug
	cargo test --workspace
	cargo test --package whitewater-systems --features raftbare,raft-rs --test raftbare --test raft_rs
	$(WHITEWATER) fuzz scenarios --seeds 50 --system noraft && $(WHITEWATER) fuzz scenarios --seeds 200
	$(WHITEWATER) zoo --campaigns 2 --no-shrink
test-browser: ## the pages in Chromium, which chromedriver has to be there for
	cargo test --package whitewater-cli --features browser --test browser -- --test-threads 1 --nocapture
lint: ## format and lints
	cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings
doc: ## documentation
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps
fuzz: ## five minutes of the campaigns
	$(WHITEWATER) fuzz scenarios/campaign --for 5m
zoo: ## hunt for every planted bug, shrink what shows it, and write the report
	$(WHITEWATER) zoo --report-dir reports
samples: ## the pages and exports that the README shows
	-$(WHITEWATER) fuzz scenarios/campaign/default.json --seeds 30 --bug commits-older-term -q
	$(WHITEWATER) report reports -o reports/samples/campaign.html
	$(WHITEWATER) report $(FIGURE_8) -o reports/samples/figure-8.html
	$(WHITEWATER) export chrome-trace $(FIGURE_8) -o reports/samples/figure-8.trace.json
	$(WHITEWATER) export ndjson $(FIGURE_8) -o reports/samples/figure-8.ndjson
	$(WHITEWATER) export svg $(FIGURE_8) -o reports/samples/figure-8.svg
	$(WHITEWATER) export mermaid $(FIGURE_8) -o reports/samples/figure-8.mermaid
paper: ## draw the paper's figure 16 again, and write the report
	cargo run --release --package whitewater-cli --example paper
bench: ## measurements, beside a bare event loop, and the report of them
	cargo bench --package whitewater-systems --features raft-rs --bench speed -- --report-dir $(CURDIR)/reports \
		"$$(date +%F)" "$$(rustc --version)" "$$(nproc) x $$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
bench-instructions: ## instructions an event, against those that were committed; valgrind counts them
	cargo bench --package whitewater-systems --bench instructions
