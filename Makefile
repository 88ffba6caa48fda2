# Thin on purpose: every target calls a command that can also be called by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SCORES_STAMP := .venv-scores/.installed
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Container images tend to set it; without bytecode every process compiles its libraries again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: browser demo test check lint requirements clean conformance conformance-page parity expressions proven synth diff preflight \
	audit sbom scores contract pages histories crashtest meetings deploy destroy smoke-aws

demo: $(STAMP)  ## the main job, on this machine, with no AWS account
	@medlaunch demo

test: $(STAMP) lint browser  ## every test; CI checks the scores and the deployment in separate jobs
	pytest -n 2 --dist loadgroup

check: $(STAMP) lint  ## the fast part
	pytest -n 2 --dist loadgroup -m "not slow"

browser:  ## Chromium for the tests of the report, from the distribution
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome; do command -v "$$name" > /dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; \
	else \
		echo "The tests of the report need Chromium: sudo apt-get install chromium, or CHROMIUM=/path/to/chrome make test" >&2; exit 1; \
	fi

lint: $(STAMP)
	ruff check .
	ruff format --check .
	lint-imports
	pyright
	sqlfluff lint --processes 2 .

# uv installs in seconds what pip installs in minutes; pip stays as the way behind a private mirror.
$(STAMP): requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "MedLaunch ELT needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

requirements: $(VENV)  ## resolve the .in files; the .txt files hold versions and hashes, never addresses
	for name in bootstrap dev runtime trino audit scores; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links requirements/$$name.in $$([ $$name = runtime -o $$name = trino ] && echo --constraint requirements/dev.txt) --output-file requirements/$$name.txt || exit 1; \
	done
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links infra/requirements.in --constraint requirements/dev.txt --output-file infra/requirements.txt

# A separate environment, so that tests and runs do not need these tools.
AUDIT_STAMP := .venv-audit/.installed

audit: $(STAMP) $(AUDIT_STAMP)  ## cfn-lint, checkov, cdk-nag, zizmor, actionlint, hadolint, asl-validator
	python -m infra.audit

SBOM ?= sbom.json

sbom: $(AUDIT_STAMP)  ## the image's bill of materials, in CycloneDX
	.venv-audit/bin/cyclonedx-py requirements requirements/runtime.txt --output-format JSON --outfile $(SBOM)

$(AUDIT_STAMP): $(STAMP) requirements/audit.txt
	$(PYTHON) -m venv .venv-audit
	$(BIN)/uv pip install --quiet --python .venv-audit/bin/python --require-hashes -r requirements/audit.txt
	touch $@

# A separate environment, because the pins of these tools conflict with dbt's.
scores: $(STAMP) $(SCORES_STAMP)  ## dbt-score, dbt-bouncer, and the data contract checked against a built lake
	python -m sandbox.scores

contract: $(STAMP) $(SCORES_STAMP)  ## write the data contract (ODCS) from the dbt project
	python -m sandbox.scores contract

pages: $(STAMP) $(SCORES_STAMP)  ## the dbt docs, the lineage of columns and a report as static pages, in site/
	python -m sandbox.pages

$(SCORES_STAMP): $(STAMP) requirements/scores.txt
	$(PYTHON) -m venv .venv-scores
	$(BIN)/uv pip install --quiet --python .venv-scores/bin/python --require-hashes -r requirements/scores.txt
	touch $@

# The simulator (docs/simulator.md). `make test` plays a part of each.
N ?= 1000
START ?= 0
STRIDE ?= 200

histories: $(STAMP)  ## play N histories of a lake with faults, from seed START on; N=100000 takes hours
	python -m tests.simulator.histories --start $(START) --count $(N)

crashtest: $(STAMP)  ## spoil every request of every program in every way, and write down the counts; KEPT=file goes on from there
	python -m tests.simulator.crashes --report docs/crashtest.md $(if $(KEPT),--kept $(KEPT))

meetings: $(STAMP)  ## two runs that meet at each STRIDE-th of all pairs of moments
	python -m tests.simulator.explore --stride $(STRIDE)

conformance: $(STAMP)  ## the dbt project on a real Trino and on DuckDB: all tables equal (needs Java 24, or requirements/trino.txt)
	python -m sandbox.conformance
	LOCAL_ATHENA_ENGINE=trino pytest -m truth tests/local_athena

parity: $(STAMP)  ## SQL and Python on 200,000 odd lines; ENGINE=trino for a real Trino
	python -m tests.cases.parity --lines $(or $(LINES_TO_JUDGE),200000) --engine $(or $(ENGINE),duckdb)

expressions: $(STAMP)  ## record Trino's answers to the table of expressions, and the allow-list that they prove
	python -m tests.local_athena.expression_table
	python -m tests.local_athena.formatted_queries
	python -m tests.local_athena.proof

proven: $(STAMP)  ## the allow-list from the answers as they are recorded, without Java
	python -m tests.local_athena.proof

conformance-page: $(STAMP)  ## docs/athena-conformance.md from the recorded answers, without Java
	python -m tests.local_athena.conformance_page

# On AWS: credentials and Docker are needed; CONTEXT="-c alarm_email=me@example.org" overrides infra/cdk.json.
CONTEXT ?=
CDK := python -m infra.cdk

synth: $(STAMP)  ## the CloudFormation templates, without an AWS account
	python -m infra.app

# ADOPT=1 takes over bucket and database that an earlier deployment left (docs/operations.md, "Deploying").
# BOOTSTRAPPED=1 leaves out what needs an administrator and is needed once an account and region.
deploy: $(STAMP) preflight
	$(if $(BOOTSTRAPPED),,$(CDK) bootstrap)
	$(CDK) deploy --all --require-approval never $(if $(ADOPT),--import-existing-resources) $(CONTEXT)

diff: $(STAMP)  ## what a deployment would change in this account
	$(CDK) diff --all $(CONTEXT)

preflight: $(STAMP)  ## what this account would refuse, before anything is deployed
	python -m infra.preflight $(CONTEXT)

# The lake's stack stays, so that the next `make deploy` finds it.
destroy: $(STAMP)  ## the pipeline; the lake and its data stay
	$(CDK) destroy '*Money' '*Pipeline' --force $(CONTEXT)

# A separate deployment: deploy, put, verify, remove.
SMOKE := -c stack_prefix=MedLaunchSmoke -c removal_policy=destroy

smoke-aws: $(STAMP)
	$(CDK) bootstrap
	$(CDK) deploy --all --require-approval never $(SMOKE) $(CONTEXT)
	python -m infra.smoke verify --stack-prefix MedLaunchSmoke; status=$$?; \
		python -m infra.smoke remove --stack-prefix MedLaunchSmoke && exit $$status

clean:
	rm -rf $(VENV) .venv-audit .venv-scores site target logs demo-lake cdk.out
