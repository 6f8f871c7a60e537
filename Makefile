# Every target sets up what it needs first; set-up is remembered under build/ and .venv/.

PYTHON ?= python3
BIN := .venv/bin
JOBS := $(shell nproc 2>/dev/null || echo 2)
# Many tests wait, for the network or for a deadline: half as many processes again keep the cores busy.
WORKERS := $(shell expr $(JOBS) + \( $(JOBS) + 1 \) / 2)
# Where its crates cannot be had, native/webrtc is left out.
CRATES := cargo fetch --locked --quiet 2>/dev/null

# What was compiled once stays with the checkout.
export GEN_BINDINGS_CACHE ?= $(CURDIR)/build

# What of these is given is an option of the run.
SOAK = $(if $(CYCLES),--cycles $(CYCLES)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
  $(if $(LANE),--lane $(LANE)) $(if $(FIRST),--first $(FIRST)) $(if $(LEAK),--leak $(LEAK))

# All of one name, so mypy takes each in a run of its own.
CONFTESTS := $(wildcard tests/*/conftest.py tests/*/*/conftest.py)

UPDATE := UPDATE_GOLDEN=1 UPDATE_EXPECTED=1 UPDATE_MATRIX=1
# The tests that compare what is kept, and with UPDATE write it.
KEPT := $(addprefix tests/,render/test_golden.py render/test_sample_package.py render/test_api.py validate/test_planted.py \
  validate/test_corpus.py faults/test_matrix.py)

.DEFAULT_GOAL := help
.PHONY: help setup demo test webrtc livekit bench soak schemas explore unity quick quick-all coverage golden lint clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## everything the other targets need: system packages, Python, .NET, the reference server
	@$(PYTHON) tools/setup.py

demo: setup ## LiveKit's protocol turned into C#, run against a native library, with the handles counted
	@$(BIN)/python examples/demo/run.py

test: setup lint ## lint and every test: the reference server's own, then all of Python's on every lane
	@cd native && cargo test --release --quiet
	@$(PYTHON) tools/setup.py webrtc
	@$(PYTHON) tools/setup.py network livekit-server || echo "The tests in LiveKit rooms are left out; the reason is above."
	@$(PYTHON) tools/setup.py livekit-wheels || echo "The tests of LiveKit's older releases are left out; the reason is above."
	@$(PYTHON) tools/setup.py unity || echo "The test that unloads domains is left out; the reason is above."
	@$(PYTHON) tools/setup.py conformance || echo "Protobuf's conformance suite is left out; the reason is above."
	@$(PYTHON) tools/setup.py schemas || echo "The sample of other people's schemas is left out; the reason is above."
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 10

webrtc: setup ## every test of the webrtc crate in two versions, with hundreds of sessions
	@$(PYTHON) tools/setup.py webrtc
	@cd native/webrtc && if $(CRATES); then cargo test --release --quiet -p webrtc-ffi-header; fi
	@GEN_BINDINGS_SLOW=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -rs tests/runtime/webrtc

livekit: setup ## generated C# in rooms of a LiveKit server, and on releases with defects: takes some ten minutes
	@$(PYTHON) tools/setup.py network livekit-server livekit-wheels
	@rm -f build/livekit/results.json
	@GEN_BINDINGS_SLOW=1 exec $(BIN)/python -m pytest -v -n $(JOBS) tests/room

bench: setup ## what the generated layer costs, against the same without it
	@$(BIN)/python bench/run.py

soak: setup ## random scripts under random faults: CYCLES=n or SECONDS=n, SEED=n, LANE=mono, coreclr or all
	@$(BIN)/python tests/soak/soak_run.py $(SOAK)

schemas: setup ## other people's schemas, over a thousand files: generated, compiled, sent there and back
	@$(PYTHON) tools/setup.py schemas
	@$(BIN)/python tests/schemas/schemas_run.py

explore: setup ## the schedules of the examples' bindings, searched; goes on where it was ended
	@$(BIN)/python tools/explore_table.py

unity: setup ## the native library that unity_sample needs; LIBRARY=livekit adds LiveKit's package
	@$(BIN)/python tools/unity_sample.py $(or $(LIBRARY),reference)

quick: ## the inner loop: tests of under half a minute in all, in one process
	@$(PYTHON) tools/setup.py python
	@$(BIN)/python -m pytest -m inner

quick-all: ## all tests that start no C# runtime
	@$(PYTHON) tools/setup.py python
	@$(BIN)/python -m pytest -m quick -n $(JOBS)

coverage: ## which branches of the package the inner loop takes; fails under the floor in pyproject.toml
	@$(PYTHON) tools/setup.py python
	@$(BIN)/coverage run -m pytest -q -m inner
	@$(BIN)/coverage report

golden: ## all output that is kept in the repository, made anew; look at the difference
	@$(PYTHON) tools/setup.py python livekit-wheels
	@cd native && UPDATE_HEADER=1 cargo test --release --quiet --test header
	@cd native/webrtc && if $(CRATES); then UPDATE_HEADER=1 cargo test --release --quiet --locked -p webrtc-ffi-header; \
	else echo "The crates of native/webrtc cannot be had: its header is left as it was"; fi
	@$(BIN)/python tools/config_reference.py
	@$(BIN)/python tools/livekit_pages.py
	@$(UPDATE) $(BIN)/python -m pytest -q $(KEPT)

lint: ## ruff, mypy, rustfmt and clippy
	@$(PYTHON) tools/setup.py python
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@for file in $(CONFTESTS); do $(BIN)/mypy --no-error-summary $$file || exit 1; done
	@if cargo fmt --version >/dev/null 2>&1; then (cd native && cargo fmt --check) && cd native/webrtc && cargo fmt --check; \
	else echo "rustfmt is not installed: the Rust format was not checked"; fi
	@if cargo clippy --version >/dev/null 2>&1; then (cd native && cargo clippy --release --quiet -- -D warnings) && \
	cd native/webrtc && if $(CRATES); then cargo clippy --release --quiet --locked -p webrtc-ffi --lib --examples -- -D warnings; \
	else echo "The crates of native/webrtc cannot be had: it was not linted"; fi; \
	else echo "clippy is not installed: the Rust code was not linted"; fi

clean: ## remove everything that set-up and tests made
	rm -rf build dist .venv native/target .mypy_cache .ruff_cache .pytest_cache .hypothesis
