"""What networks publish about their interfaces: the documents, and the checker that holds channels and simulators to them."""

import json
import re
from datetime import date

import pytest
import yaml
from jsonschema import Draft202012Validator

from channels.contract import Adapts, Checks, Deletes, Edits, Finds, Measures, Receipt, Unavailable
from channels.discord import Discord
from channels.http import Door
from channels.registry import load
from channels.testing import samples
from channels.testing.conformance import Conformance
from channels.testing.documents import FOLDER, published
from channels.testing.documents.checker import Checker
from channels.testing.documents.document import Document
from channels.testing.http_simulator import Answer, HttpSimulator
from channels.testing.simulator import answers
from channels.testing.simulators.discord import DiscordSimulator

KINDS = sorted(path.stem for path in FOLDER.glob("*.yml"))

PINBOARD = """
openapi: 3.1.0
info: {title: Pinboard, version: "1"}
x-source:
  repository: example/pinboard
  files: {openapi.json: 0000000000000000000000000000000000000000}
  read_on: 2026-11-25
  licence: MIT
x-not-in-document: [GET /api/me]
servers: [{url: https://pinboard.example/api}]
paths:
  /pins:
    get:
      parameters:
        - {name: limit, in: query, required: true, schema: {type: integer, maximum: 50}}
        - {name: since, in: query, schema: {type: string, format: date-time}}
        - {name: tags, in: query, schema: {type: array, items: {type: string, enum: [a, b]}}}
        - {name: ids, in: query, explode: false, schema: {type: array, maxItems: 2, items: {type: integer}}}
      responses:
        "200":
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pin"}}}
    post:
      parameters:
        - {name: X-Board, in: header, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/NewPin"}}
          application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/NewPin"}}
          multipart/form-data:
            schema:
              type: object
              required: [pin]
              properties:
                pin: {$ref: "#/components/schemas/NewPin"}
                picture: {type: string, contentEncoding: binary}
          image/*: {schema: {}}
      responses:
        "201":
          content:
            application/json: {schema: {$ref: "#/components/schemas/Pin"}}
        4XX:
          content:
            application/json: {schema: {type: object, required: [error], properties: {error: {type: string}}}}
  /pins/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
    delete:
      responses:
        "204": {}
  /pins/newest:
    get:
      responses:
        default:
          content:
            application/json: {schema: {type: object}}
components:
  schemas:
    NewPin:
      type: object
      required: [text]
      properties:
        text: {type: string, maxLength: 20}
        order: {type: integer}
        loud: {type: boolean}
        about: {type: object, required: [author], properties: {author: {type: string}}}
    Pin:
      type: object
      required: [id, at]
      properties:
        id: {type: integer}
        at: {type: string, format: date-time}
        text: {type: [string, "null"]}
        more: {type: object, additionalProperties: true, properties: {colour: {type: string}}}
"""
GOOD_PIN = {"id": 7, "at": "2026-12-01T09:00:00Z"}


class Board(HttpSimulator):
    """Says what it is told to say."""

    says = Answer(201, GOOD_PIN)

    def answer(self, request):
        return self.says

    def is_publishing(self, request):
        return request.method == "POST"

    def settings(self, account="account"):
        return {}

    @property
    def posts(self):
        return ()


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "pinboard.yml"
    path.write_text(PINBOARD, encoding="utf-8")
    return Document.read(path)


@pytest.fixture
def checker(document):
    return Checker(document)


@pytest.fixture
def board(checker):
    with Board(Conformance().make_clock()) as board:
        board.watchers.append(checker)
        yield board


@pytest.fixture
def call(board):
    with Door(account="board", clock=board.clock, allow_private=True) as door:

        def call(method, path, says=None, **more):
            board.says = says or board.says
            overrides = dict.fromkeys((400, 404, 418, 500))
            door.ask(method, f"{board.url}{path}", expect=None, doing="testing", overrides=overrides, **more)

        yield call


# --- requests -----------------------------------------------------------------------------------------------


def pin(**fields):
    return {"headers": {"X-Board": "1"}, "json": {"text": "Un text", **fields}}


def test_what_fits_is_not_told(call, checker):
    call("POST", "/api/pins", **pin(order=1, about={"author": "Ana Exemplu"}))
    call("GET", "/api/pins?limit=50&tags=a&tags=b&ids=1,2&since=2026-12-01T09:00:00Z", Answer(200, [GOOD_PIN]))
    call("DELETE", "/api/pins/7", Answer(204, b""))
    assert checker.differences == []
    assert checker.used == {"POST /pins", "GET /pins", "DELETE /pins/{id}"}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": None}, "text does not fit: None is not of type 'string'"),
        ({"text": "x" * 21}, "text does not fit"),
        ({"order": "1"}, "order does not fit: '1' is not of type 'integer'"),
        ({"about": {}}, "about does not fit: 'author' is a required property"),
        ({"colour": "red"}, "'colour' was unexpected"),
    ],
)
def test_a_field_that_does_not_fit_is_found(call, checker, fields, told):
    call("POST", "/api/pins", **pin(**fields))
    (difference,) = checker.differences
    assert difference.startswith("POST /pins: the body")
    assert told in difference


def test_a_request_without_a_required_field_is_found(call, checker):
    call("POST", "/api/pins", headers={"X-Board": "1"}, json={"order": 1})
    assert checker.differences == ["POST /pins: the body does not fit: 'text' is a required property."]


@pytest.mark.parametrize("path", ["/api/boards", "/pins", "/api/pins/7/more"])
def test_an_unknown_path_is_found(call, checker, path):
    call("GET", path, Answer(404, {}))
    assert checker.differences == [f"GET {path} is not in the document."]


def test_an_unknown_method_is_found(call, checker):
    call("PATCH", "/api/pins/7")
    assert checker.differences == ["PATCH /api/pins/7 is not in the document."]


def test_an_operation_that_is_told_to_be_elsewhere_is_not(call, checker):
    call("GET", "/api/me", Answer(200, {"anything": 1}))
    assert checker.differences == []


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "the parameter 'limit' is required"),
        ("?limit=51", "the parameter 'limit' does not fit"),
        ("?limit=all", "the parameter 'limit' does not fit"),
        ("?limit=5&page=2", "the document knows no parameter 'page'"),
        ("?limit=5&tags=c", "the parameter 'tags' at 0 does not fit"),
        ("?limit=5&ids=1,2,3", "the parameter 'ids' does not fit"),
        ("?limit=5&since=2026-12-01", "the parameter 'since' does not fit"),
    ],
)
def test_a_parameter_that_does_not_fit_is_found(call, checker, query, told):
    call("GET", f"/api/pins{query}", Answer(200, []))
    (difference,) = checker.differences
    assert told in difference


def test_a_value_in_the_path_has_its_type(call, checker):
    call("DELETE", "/api/pins/seven", Answer(204, b""))
    assert "'id' in the path does not fit" in checker.differences[0]


def test_a_literal_path_goes_before_a_template(call, checker):
    call("GET", "/api/pins/newest", Answer(200, {}))
    assert checker.used == {"GET /pins/newest"}
    assert checker.differences == []


def test_a_header_a_body_and_its_type_are_asked_for(call, checker):
    call("POST", "/api/pins", json={"text": "x"})
    call("POST", "/api/pins", headers={"X-Board": "1"})
    call("POST", "/api/pins", headers={"X-Board": "1", "Content-Type": "text/plain"}, data=b"x")
    call("POST", "/api/pins", headers={"X-Board": "1", "Content-Type": "application/json"}, data=b"{")
    call("DELETE", "/api/pins/7", Answer(204, b""), json={})
    told = [
        "the header 'X-Board' is required",
        "a body is required",
        "a body of the type 'text/plain' is not one of",
        "the body cannot be read",
        "the document knows no body",
    ]
    assert len(checker.differences) == len(told)
    assert all(one in difference for one, difference in zip(told, checker.differences, strict=True))


def test_a_form_has_types_although_it_is_text(call, checker):
    header = {"X-Board": "1"}
    call("POST", "/api/pins", headers=header, data={"text": "17", "order": "17", "loud": "true"})
    assert checker.differences == []
    call("POST", "/api/pins", headers=header, data={"text": "17", "order": "many", "loud": "yes"})
    assert ["order" in one or "loud" in one for one in checker.differences] == [True, True]


def test_a_form_with_files_knows_what_is_a_file(call, checker):
    header, field = {"X-Board": "1"}, json.dumps({"text": "17"})
    call("POST", "/api/pins", headers=header, data={"pin": field}, files={"picture": ("a.png", b"x", "image/png")})
    call("POST", "/api/pins", headers={**header, "Content-Type": "image/png"}, data=b"x")
    assert checker.differences == []
    call("POST", "/api/pins", headers=header, files={"pin": ("a.png", b"x", "image/png")})
    assert "'pin' is a file, against the document" in checker.differences[0]


# --- answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "told"),
    [
        (Answer(201, {**GOOD_PIN, "id": "7"}), "id does not fit: '7' is not of type 'integer'"),
        (Answer(201, {"id": 7}), "'at' is a required property"),
        (Answer(201, {**GOOD_PIN, "at": "2026-12-01T09:00:00"}), "is not a 'date-time'"),
        (Answer(201, {**GOOD_PIN, "at": "soon"}), "is not a 'date-time'"),
        (Answer(201, {**GOOD_PIN, "colour": "red"}), "'colour' was unexpected"),
        (Answer(201, b"<p>", {"Content-Type": "text/html"}), "is of the type 'text/html'"),
        (Answer(201, b"{", {"Content-Type": "application/json"}), "cannot be read"),
        (Answer(500, {}), "the document knows no answer 500"),
        (Answer(418, {"errors": 1}), "'error' is a required property"),
    ],
)
def test_an_answer_that_does_not_fit_is_found(call, checker, says, told):
    call("POST", "/api/pins", says, **pin())
    assert any(told in one and one.startswith("POST /pins: the") for one in checker.differences)


def test_an_answer_without_a_body_has_none(call, checker):
    call("DELETE", "/api/pins/7", Answer(204, b"gone"))
    assert checker.differences == ["DELETE /pins/{id}: the answer 204 has a body, against the document."]


def test_an_object_may_be_open(call, checker):
    call("POST", "/api/pins", Answer(201, {**GOOD_PIN, "more": {"size": 3}}), **pin())
    assert checker.differences == []


def test_what_a_test_orders_is_not_judged(call, checker, board):
    with board.failing(answers(400, "not what the document says")):
        call("POST", "/api/pins", **pin())
    assert checker.differences == []
    with board.failing(answers(400, "not what the document says")):
        call("POST", "/api/pins", headers={"X-Board": "1"}, json={})
    assert len(checker.differences) == 1, "the request is judged all the same"


def test_an_answer_behind_a_fault_is_judged_when_the_request_was_taken(call, checker, board):
    board.says = Answer(201, {})
    with board.failing(answers(400, accepts=True)):
        call("POST", "/api/pins", **pin())
    assert len(checker.differences) == 2


# --- the suite ----------------------------------------------------------------------------------------------


class Suite(Conformance):
    __test__ = False


class WritesNumbers(DiscordSimulator):
    """Answers with a number where Discord answers with a text of digits."""

    def _shown(self, message):
        return {**super()._shown(message), "channel_id": int(message.webhook)}


def test_the_suite_fails_where_they_differ(tmp_path):
    suite = Suite()
    suite.channel, suite.document = Discord, published("discord")
    clock = suite.make_clock()
    with WritesNumbers(clock) as network:
        looking_on = suite._held_to_document(network)
        looking_on.__enter__()
        with suite.make_channel(network, clock).door:
            suite.make_channel(network, clock).send(samples.part("ro"), "key")
        with pytest.raises(AssertionError, match=r"channel_id does not fit: .* is not of type 'string'"):
            looking_on.__exit__(None, None, None)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


def test_channel_and_simulator_use_the_whole_document_and_no_more(kind, tmp_path):
    suite = Suite()
    suite.channel = load(kind)
    clock, checker = suite.make_clock(), Checker(Document.read(published(kind)))
    (tmp_path / "network").mkdir()
    with suite.make_simulator(clock, tmp_path / "network") as network:
        network.watchers.append(checker)
        account = suite.make_channel(network, clock, **CHANGED.get(kind, {}))
        try:
            BEFORE.get(kind, lambda *_: None)(suite, network, account)
            _everything(suite, account, tmp_path)
        finally:
            account.close()
            account.door.close()
    assert checker.differences == []
    assert checker.used == {operation.name for operation in checker.document.operations}


def _campaign_that_goes_on(suite, network, account):
    """Leave a campaign unsent, take it back, and let the next one go on, so that it can be stopped."""
    network.finishes = False
    with network.failing(answers(503)), pytest.raises(Unavailable):
        account.send(suite.sample("pt"), "unsent")
    account.delete(Receipt("1", None, account.door.clock()))


CHANGED = {"listmonk": {"count_clicks": True}}
"""Settings with which a channel uses more of its document."""
BEFORE = {"listmonk": _campaign_that_goes_on}
"""What else a channel does, and how its network has to be for what follows."""


def _everything(suite, account, folder):
    """Do all that a channel can do, once."""
    if isinstance(account, Checks):
        assert account.check() == []
    if isinstance(account, Adapts):
        account.learn()
    started = account.door.clock()
    pictures = [
        suite.make_picture(folder, "Un desen", shade) for shade in range(min(account.traits.media.max_count, 2))
    ]
    receipt = account.send(suite.sample("ro", *pictures), "one")
    if account.traits.max_parts > 1:
        account.send(suite.sample("en"), "two", after=receipt)
    if isinstance(account, Finds):
        assert account.find(suite.sample("ro", *pictures), "one", since=started)
        assert account.find(suite.sample("uk"), "three", since=started, after=receipt) is None
    if isinstance(account, Measures):
        account.measure([receipt])
    if isinstance(account, Edits):
        receipt = account.edit(receipt, suite.sample("en"), "correction")
        account.edit(receipt, suite.sample("en", *pictures), "second correction")
    if isinstance(account, Deletes):
        account.delete(receipt)


# --- the documents ------------------------------------------------------------------------------------------


def test_a_document_says_where_it_comes_from(kind):
    document = Document.read(published(kind))
    assert all(re.fullmatch("[0-9a-f]{40}", commit) for commit in document.source.files.values())
    assert isinstance(document.source.read_on, date)
    assert document.source.licence
    assert document.source.url.startswith(f"https://github.com/{document.source.repository}")
    raw = yaml.safe_load(published(kind).read_text(encoding="utf-8"))
    assert raw["x-left-out"]
    for one in raw.get("x-corrections") or ():
        assert set(one) == {"at", "published", "here", "because"}


def test_a_document_holds_facts_and_no_texts(kind):
    def names(part):
        if isinstance(part, dict):
            return set(part) | set().union(*map(names, part.values()))
        return set().union(*map(names, part)) if isinstance(part, list) else set()

    raw = yaml.safe_load(published(kind).read_text(encoding="utf-8"))
    assert not {"example", "examples", "summary"} & (names(raw["paths"]) | names(raw.get("components", {})))
    words = re.findall(r"^\s+description: +[^{].{40,}", published(kind).read_text(encoding="utf-8"), re.MULTILINE)
    assert not words


def test_every_schema_is_one(kind):
    document = Document.read(published(kind))
    for operation in document.operations:
        schemas = [parameter.schema for parameter in operation.parameters]
        schemas += operation.body.values()
        schemas += [schema for content in operation.responses.values() for schema in content.values()]
        for schema in schemas:
            Draft202012Validator.check_schema(schema)
            document.resolved(schema)


def test_a_document_that_does_not_say_where_it_comes_from_is_refused(tmp_path):
    path = tmp_path / "none.yml"
    path.write_text("openapi: 3.1.0\npaths: {/a: {}}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"none\.yml needs 'x-source' and 'paths'\."):
        Document.read(path)


def test_everything_that_is_wrong_with_a_document_is_told_at_once(tmp_path):
    path = tmp_path / "wrong.yml"
    wrong = PINBOARD.replace("licence: MIT", "license: MIT").replace("{name: id, in: path", "{name: ident, in: path")
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(ValueError, match="licence") as caught:
        Document.read(path)
    assert str(caught.value).splitlines() == [
        "wrong.yml: 'x-source' has no 'licence'.",
        "wrong.yml: 'x-source' has 'license', which is unknown.",
        "wrong.yml: DELETE /pins/{id} does not describe 'id'.",
        "wrong.yml: DELETE /pins/{id} describes 'ident', which is not in the path.",
    ]


def test_a_name_that_is_not_there_is_told(tmp_path):
    path = tmp_path / "wrong.yml"
    path.write_text(PINBOARD.replace("    NewPin:", "    OldPin:"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^wrong\.yml: '#/components/schemas/NewPin' is not in it\.$"):
        Document.read(path)
