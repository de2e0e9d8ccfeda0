"""Load as a trading page makes it. Started by `make load`, which makes the people first; the figures of a page that
somebody looks at, trades on and leaves open are in the waits and weights below."""

import itertools
import json
import os
import random
import time
import uuid

from locust import between, task
from locust.contrib.fasthttp import FastHttpUser

PEOPLE = json.load(open(os.environ["PEOPLE"]))
SYMBOLS = os.environ.get("SYMBOLS", "AAPL,MSFT,NVDA,AMZN,GOOGL,TSLA,JPM,KO").split(",")

QUOTE = "query Quote($s: String!) { quote(symbol: $s) { last bid ask change volume asOf } }"
INSTRUMENT = "query Instrument($s: String!) { instrument(symbol: $s) { name exchange tick lot halted } }"
QUOTES = "query Quotes($s: [String!]!) { quotes(symbols: $s) { symbol last change } }"
BARS = "query Bars($s: String!) { bars(symbol: $s, period: MONTH) { times open high low close volume } }"
ME = "query Me { me { id email givenName } }"
PORTFOLIO = """query Portfolio($a: ID!) { account(id: $a) { cashAvailable summary { equity dayPnl }
  holdings(first: 20) { nodes { symbol quantity marketValue unrealizedPnl } } } }"""
ORDERS = "query Orders($a: ID!) { orders(accountId: $a, first: 20) { nodes { id symbol status filledQuantity } } }"
PLACE = """mutation Place($i: PlaceOrderInput!) { placeOrder(input: $i) {
  __typename ... on Order { id status } ... on Refusal { code message } } }"""
CANCEL = "mutation Cancel($o: ID!) { cancelOrder(orderId: $o) { __typename ... on Refusal { code } } }"
MARKET = "subscription Market($s: [String!]!) { market(quotes: $s) { ... on QuotesMoved { quotes { symbol last } } } }"

# What the market may say to anybody, and what a race between a fill and a cancel leaves: answers, not failures.
MARKET_SAYS_NO = {"TooLate", "InsufficientBuyingPower", "InsufficientShares", "NoPrice", "MarketClosed", "SymbolHalted"}

# One account after the other, and an address for each who looks: nobody shares a limit with people elsewhere. The gateway
# believes the address where it trusts this machine as its proxy.
NUMBERS = itertools.count()


class Person(FastHttpUser):
    abstract = True

    def on_start(self):
        number = next(NUMBERS)
        person = PEOPLE[number % len(PEOPLE)]
        self.account = person["accountId"]
        self.client.auth_header = None
        self.headers = {
            "x-api-key-id": person["keyId"],
            "x-api-key-secret": person["secret"],
            "x-forwarded-for": f"198.18.{number // 250}.{number % 250 + 1}",
        }

    def ask(self, name, query, variables=None):
        body = {"query": query, "variables": variables or {}}
        with self.client.post("/graphql", json=body, headers=self.headers, name=name, catch_response=True) as answer:
            if answer.status_code != 200:
                answer.failure(f"HTTP {answer.status_code}")
                return None
            parsed = answer.json()
            if parsed.get("errors"):
                answer.failure(parsed["errors"][0]["message"][:120])
                return None
            answer.success()
            return parsed["data"]

    def symbol(self):
        return random.choice(SYMBOLS)


class Browser(Person):
    """Looks around: the read mix of a page."""

    weight = 6
    wait_time = between(1, 3)

    @task(3)
    def quote(self):
        self.ask("quote", QUOTE, {"s": self.symbol()})

    @task(2)
    def instrument(self):
        self.ask("instrument", INSTRUMENT, {"s": self.symbol()})

    @task(1)
    def quotes(self):
        self.ask("quotes of three", QUOTES, {"s": random.sample(SYMBOLS, 3)})

    @task(1)
    def bars(self):
        self.ask("bars", BARS, {"s": self.symbol()})

    @task(1)
    def me(self):
        self.ask("me", ME)

    @task(1)
    def portfolio(self):
        self.ask("portfolio", PORTFOLIO, {"a": self.account})


class Trader(Person):
    """Looks, decides, orders, and takes back some of what rests."""

    weight = 3
    wait_time = between(2, 5)

    def place(self, order):
        order["symbol"] = order.get("symbol", self.symbol())
        data = self.ask(
            f"place {order['type'].lower()}",
            PLACE,
            {"i": {"accountId": self.account, "clientOrderId": str(uuid.uuid4()), "order": order}},
        )
        result = (data or {}).get("placeOrder") or {}
        if result.get("__typename") not in MARKET_SAYS_NO | {"Order"}:
            self.environment.events.request.fire(
                request_type="order", name="refused", response_time=0, response_length=0,
                exception=Exception(f"{result.get('__typename')} {result.get('code')}"), context={},
            )
        return result.get("id")

    @task(5)
    def market(self):
        self.place({"side": "BUY", "type": "MARKET", "quantity": str(random.randint(1, 5))})

    @task(2)
    def sell(self):
        data = self.ask("portfolio", PORTFOLIO, {"a": self.account})
        held = (((data or {}).get("account") or {}).get("holdings") or {}).get("nodes") or []
        whole = [h for h in held if float(h["quantity"]) >= 1]
        if whole:
            self.place({"side": "SELL", "type": "MARKET", "quantity": "1", "symbol": random.choice(whole)["symbol"]})

    @task(3)
    def rest_and_cancel(self):
        symbol = self.symbol()
        data = self.ask("quote", QUOTE, {"s": symbol})
        quote = (data or {}).get("quote")
        if not quote:
            return
        price = f"{float(quote['bid']) * 0.97:.2f}"
        order = self.place({"side": "BUY", "type": "LIMIT", "quantity": "1", "limitPrice": price, "symbol": symbol})
        if order:
            self.ask("cancel", CANCEL, {"o": order})

    @task(2)
    def orders(self):
        self.ask("orders", ORDERS, {"a": self.account})


class Streamer(Person):
    """Leaves the page open: one stream of the market, counted by what arrives."""

    weight = 1
    wait_time = between(1, 2)

    @task
    def watch(self):
        body = {"query": MARKET, "variables": {"s": SYMBOLS}}
        headers = {**self.headers, "accept": "text/event-stream"}
        begun = time.monotonic()
        events = 0
        try:
            with self.client.post("/graphql", json=body, headers=headers, name="market stream", stream=True,
                                  catch_response=True) as stream:
                if stream.status_code != 200:
                    stream.failure(f"HTTP {stream.status_code}")
                    return
                while time.monotonic() - begun < 20:
                    events += bytes(stream.stream.readline(b"\n")).startswith(b"data")
                stream.success() if events else stream.failure("nothing came in 20 s")
        except Exception as error:  # a stream cut off is a failure of the system, not of the script
            self.environment.events.request.fire(
                request_type="SSE", name="market stream", response_time=0, response_length=0, exception=error, context={}
            )
