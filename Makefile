# Everything a developer does, from a bare machine with Node and make. `make help` lists it.

.DEFAULT_GOAL := help
.PHONY: help install up admin down reset status verify test gates images try-images chaos bench mutate lint typecheck fmt build gen check docs tools observe demo load web screenshots

SHELL := /bin/sh
run := npm run --silent
# npm writes this file last: what is half installed runs nothing either.
if-installed = [ -f node_modules/.package-lock.json ] || { echo 'Nothing is installed here, so nothing runs.'; exit 0; };

UP_OPTIONS := $(if $(DETACH),--detach) $(if $(TOPOLOGY),--topology $(TOPOLOGY)) $(if $(PORTS),--ports $(PORTS)) \
	$(if $(ONCE),--once) $(if $(VERBOSE),--verbose)

# A market whose days pass so many times as fast, one upon the other.
played = $(if $(SPEED),MARKET_SPEED='$(SPEED)' MARKET_SPEED_SINCE=$$(date +%s)000 MARKET_HOURS=nyse)

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: install gen-quiet web-dist ## Start everything and show its log; Ctrl-C stops it [DETACH=1 TOPOLOGY=single PORTS=free ONCE=1 INFRA=path|private|compose SPEED=60]
	@$(played) $(run) up -- $(UP_OPTIONS)

down: ## Stop what runs in the background
	@$(if-installed) $(run) down

admin: ## Give a role to somebody who has registered: EMAIL=ada@example.com [ROLE=admin]
	@$(if-installed) $(run) ready; $(run) admin -- --email '$(EMAIL)' $(if $(ROLE),--role '$(ROLE)')

reset: ## Stop it and remove its data: databases, streams, logs [YES=1 ALL=1]
	@$(if-installed) $(run) reset

# Days that are played are the system's to play, so it is started with them.
demo: gen-quiet ## People with money and bots that trade, beside a running system; SPEED=60 starts one that plays a day in seven minutes [SYMBOLS= SEED= ROUND_MS= ANDVARI_URL=]
	@$(if $(SPEED),$(MAKE) --no-print-directory up DETACH=1)
	@$(if $(SPEED),SPEED='$(SPEED)') $(run) demo

load: gen-quiet ## Locust against a running system, or a steady rate of requests [USERS=100 RATE= TIME=60s ACCOUNTS=20 MAX_P99_MS=500 ANDVARI_URL=]
	@$(run) load

verify: gen-quiet ## Hold orders, ledger, engine, streams and audit trail of a running system against each other
	@$(run) seedctl -- verify

status: ## Show each part: state, pid, port, version
	@$(if-installed) $(run) status || true

web: install gen-quiet ## Serve the web app with hot reload, in front of a running system [GATEWAY_URL=...]
	@$(run) dev -w @andvari/web

screenshots: install ## Picture the running app for the README, in both themes and on a phone [ANDVARI_URL=...]
	@$(run) screenshots -w @andvari/web

test: install ## Run every suite
	@$(run) test:all

chaos: gen-quiet ## Break a system of its own while people trade in it, and hold what they were told against it [SECONDS=60 SEED=]
	@cd tests && ANDVARI_LONG=1 ANDVARI_CHAOS_SECONDS='$(or $(SECONDS),60)' $(if $(SEED),ANDVARI_CHAOS_SEED='$(SEED)') npx --no-install vitest run chaos

bench: gen-quiet ## Run benchmarks: make bench SUITE=kit
	@$(run) bench -- $(SUITE)

mutate: gen-quiet ## Change the code of an area one place at a time and list what its tests do not notice [AREA=money FILE=]
	@$(run) mutate -- $(AREA) $(FILE)

lint: install ## Lint everything
	@npx --no-install turbo run lint

typecheck: install ## Check all types
	@npx --no-install turbo run typecheck

fmt: install ## Format everything
	@npx --no-install biome check --write .

build: gen-quiet ## Bundle every service into its dist/
	@npx --no-install turbo run build

images: install ## Build the image of every service and of seedctl, with docker, podman or buildah [SERVICE=order]
	@$(run) images -- $(SERVICE)

try-images: install ## Build each image without an engine, as root, and run it as a container would be [SERVICE=order]
	@$(run) try-images -- $(SERVICE)

gen: install ## Generate code from proto/
	@npx --no-install turbo run gen

docs: gen-quiet ## Make the documentation a site of plain files, and check that no link leads nowhere
	@$(run) site -w @andvari/docs

tools: install ## Get what operators' checks need: helm, promtool, locust and others as private copies, and Chromium
	@$(run) tools

observe: install ## Prometheus and Alertmanager beside a running system, as private copies [PORTS=free]
	@$(run) observe -- $(if $(PORTS),--ports $(PORTS))

gates: gen-quiet ## Licences, bill of materials and advisories of the packages of others; what cannot be had is skipped
	@$(run) gates

check: lint typecheck test ## All that CI checks

# Generated code is not in the repository. Silent when it takes no time.
# The app as the gateway serves it; nothing is done where nothing has changed.
.PHONY: web-dist
web-dist: install
	@[ -d web/dist ] || echo "Building the web app …"; \
	said=$$(npx --no-install turbo run build --filter=@andvari/web --output-logs=errors-only 2>&1) || { echo "$$said"; exit 1; }

.PHONY: gen-quiet
gen-quiet: install
	@[ -d packages/proto/gen ] || echo "Generating code from proto/ …"; \
	said=$$(npx --no-install turbo run gen --output-logs=errors-only 2>&1) || { echo "$$said"; exit 1; }

# node_modules belongs to one package-lock.json, whose hash is kept in it; another one is installed anew.
install:
	@want=$$(node -p "require('crypto').createHash('sha256').update(require('fs').readFileSync('package-lock.json')).digest('hex')") || \
		{ echo "Node.js 20 or newer is needed: https://nodejs.org, or: sudo apt-get install -y nodejs npm"; exit 1; }; \
	stamp=node_modules/.andvari-lock; \
	if [ "$$(cat $$stamp 2>/dev/null)" = "$$want" ]; then exit 0; fi; \
	if [ node_modules/.package-lock.json -nt package-lock.json ]; then echo "$$want" > $$stamp; exit 0; fi; \
	echo "Installing packages (npm ci); this takes a minute the first time …"; \
	npm ci --no-audit --no-fund --no-update-notifier --loglevel=error && echo "$$want" > $$stamp
