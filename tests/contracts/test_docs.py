"""What the documents promise: nothing is left out of them, and what they show works."""

import json
import re
import shlex
import socket
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import click
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from digest.audiences import Cadence
from digest.checks import check
from digest.cli import COMMANDS, Lazy
from digest.cli import digest as program
from digest.errors import Refused, SetupError, TryLater
from digest.faults import REASONS
from digest.model import Envelope, Tag
from digest.ports import Transport
from digest.settings import AUDIENCES, TABLES, AudienceSettings, Settings, load, variables

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "digest"
GUIDES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLE = (PACKAGE / "example.toml").read_text(encoding="utf-8")
SAMPLES = sorted(str(path) for path in (ROOT / "dumps").glob("*.txt"))


def guide(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands(group: click.Group = program, path: str = "digest") -> Iterator[tuple[str, Any]]:
    """Every command that can be called, by how it is called."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{path} {name}", command


ALL = dict(commands())
by_command = pytest.mark.parametrize("called", ALL)


def section(called: str) -> str:
    """What docs/cli.md says under the heading of a command."""
    found = re.search(rf"(?ms)^### {called}\n(.*?)(?=^##|\Z)", guide("cli.md"))
    assert found, f"docs/cli.md has no section {called}"
    return found[1]


def fences(text: str, language: str) -> list[str]:
    """The fenced blocks of a language, also those that stand in a list."""
    found = re.finditer(rf"(?ms)^( *)```{language}\n(.*?)^ *```$", text)
    return [re.sub(rf"(?m)^{each[1]}", "", each[2]) for each in found]


# --- commands -----------------------------------------------------------------------------------


def test_every_command_can_be_called():
    assert isinstance(program, Lazy)
    assert {called.split()[1] for called in ALL} == set(COMMANDS)


@by_command
def test_a_command_and_its_options_are_documented_and_no_others(called: str):
    names = (n for each in ALL[called].params for n in (*each.opts, *each.secondary_opts))
    options = {name for name in names if name.startswith("--")}
    usage = fences(section(called), "text")[0]
    assert usage.startswith(called)
    assert set(re.findall(r"--[a-z-]+", usage)) == options
    for argument in (each for each in ALL[called].params if isinstance(each, click.Argument)):
        assert (argument.metavar or argument.human_readable_name).rstrip(".") in usage


@by_command
def test_a_command_has_an_example_in_its_documentation(called: str):
    assert any(f"{called}" in block for block in fences(section(called), "sh"))


@by_command
def test_the_help_of_a_command_has_an_example_that_can_be_called(called: str):
    lines = (ALL[called].help or "").partition("Example:\n")[2].strip().splitlines()
    assert lines
    for line in lines:
        check_line(line)


def check_line(line: str) -> None:
    """Fail where a line of a shell calls `digest` in a way that it does not understand."""
    for call in re.split(r"[|>]", line):
        words = shlex.split(call, comments=True)
        while words and re.fullmatch(r"DIGEST_\w+=.*", words[0]):
            assert words.pop(0).partition("=")[0] in set(variables())
        if words and words[0] == "digest":
            check_call(program, words[1:])


def check_call(group: click.Command, words: list[str]) -> None:
    context = group.make_context(group.name, list(words))
    rest = [word for word in words if not word.startswith("-")]
    if isinstance(group, click.Group) and (rest or not group.invoke_without_command):
        name, command, rest = group.resolve_command(context, words)
        assert command, name
        check_call(command, rest)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_commands_in_a_document_can_be_called(path: Path):
    for block in fences(path.read_text(encoding="utf-8"), "sh"):
        for line in block.splitlines():
            check_line(line)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Calls a command in a folder where one daily job was done, and returns its JSON."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "strange.txt").write_text("nothing that a format knows")
    settings = folder / "digest.toml"
    settings.write_text(f"dumps = {json.dumps(str(ROOT / 'dumps'))}\n", encoding="utf-8")

    def call(called: str, *arguments: str) -> Any:
        words = [*called.split()[1:], "--config", str(settings), "--json", *arguments]
        result = CliRunner().invoke(program, words, catch_exceptions=False)
        return json.loads(result.stdout)

    call("digest run")
    call("digest ingest", str(folder / "strange.txt"))
    return call


def keys(document: Any) -> set[str]:
    """Every key at any depth, save for those that are data: days."""
    if isinstance(document, list):
        return set().union(*map(keys, document))
    if isinstance(document, dict):
        own = {key for key in document if not re.fullmatch(r"\d{4}-\d\d-\d\d", key)}
        return own.union(*map(keys, document.values()))
    return set()


@pytest.mark.parametrize(
    "called",
    [
        *("digest status", "digest ingest", "digest publish", "digest deliver", "digest archive"),
        *("digest run", "digest subscribers list", "digest dumps"),
    ],
)
def test_every_key_of_a_report_is_documented(lab: Callable[..., Any], called: str):
    assert_documented(keys(lab(called)), called)


def test_every_key_of_a_preview_is_documented(lab: Callable[..., Any]):
    assert_documented(keys(lab("digest preview", "--dumps", *SAMPLES)), "digest preview")
    changed = check(b"Subject: kites\r\n\r\n", b"List-Id: <all>\r\n\r\n").document()
    assert_documented(keys(changed), "digest preview")


def test_every_key_of_an_explanation_is_documented(lab: Callable[..., Any]):
    assert_documented(keys(lab("digest explain", "lanternfish")), "digest explain")


def test_every_key_about_readers_is_documented(lab: Callable[..., Any]):
    for verb in ("add", "remove"):
        called = f"digest subscribers {verb}"
        assert_documented(keys(lab(called, "ada@example.org")), called)


def assert_documented(found: set[str], called: str) -> None:
    stages = ("ingest", "publish", "deliver", "archive")
    said = section(called)
    if called == "digest run":
        said += "".join(section(f"digest {stage}") for stage in stages)
    if called in {"digest deliver", "digest status"}:  # the statuses are told once
        said += section("digest deliver")
    if called == "digest preview":  # as is what the linter tells
        said += section("digest lint")
    assert found
    assert {key for key in found if f"`{key}`" not in said} == set()


@pytest.mark.parametrize("name", ["dedupe", "summarise", "group"])
def test_every_key_that_a_filter_adds_is_documented(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)  # away from a settings file of one's own
    paper = {"title": "Counting Gulls by Ear", "abstract": "We count 94 % of all gulls in fog."}
    result = CliRunner().invoke(program, [name], input=json.dumps(paper), catch_exceptions=False)
    assert_documented(set(json.loads(result.stdout)) - set(paper), f"digest {name}")


def test_every_key_of_a_parsed_paper_is_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(program, ["parse", SAMPLES[0]], catch_exceptions=False)
    said = guide("formats.md")
    missing = {key for key in json.loads(result.stdout.splitlines()[0]) if f"`{key}`" not in said}
    assert missing == set()


# --- settings -----------------------------------------------------------------------------------


def defaults() -> dict[str, Any]:
    """The default of every setting by its key, as TOML has it; None where it is nothing."""
    whole = Settings.model_fields.items()
    fields = {name: each.default for name, each in whole if name not in {*TABLES, AUDIENCES}}
    inner = {
        f"{table}.{name}": each.default
        for table, settings in TABLES.items()
        for name, each in settings.model_fields.items()
    }
    return {key: plain(value) for key, value in (fields | inner).items()}


def plain(value: Any) -> Any:
    value = value.get_secret_value() if isinstance(value, SecretStr) else value
    value = list(value) if isinstance(value, tuple) else value
    return (str(value) if isinstance(value, Path | Cadence) else value) or None


AUDIENCE = f"{AUDIENCES}.robots"
OF_AUDIENCES = {
    f"{AUDIENCE}.{name}": plain(each.default)
    for name, each in AudienceSettings.model_fields.items()
}
WITH_VARIABLES = defaults()
DEFAULTS = WITH_VARIABLES | OF_AUDIENCES
by_setting = pytest.mark.parametrize("key", DEFAULTS)


def documented() -> dict[str, tuple[str, str]]:
    """Variable -> key and default, from the rows of docs/configuration.md."""
    rows = re.finditer(r"(?m)^\| `(\w+)` \| `(DIGEST_\w+)` \| (.*?) \|", guide("configuration.md"))
    return {row[2]: (row[1], row[3]) for row in rows}


def commented(part: str = EXAMPLE) -> list[str]:
    """The lines of the example that a `#` keeps from counting."""
    return re.findall(r"(?m)^# (\w+ = .*)$", part)


def variable(key: str) -> str:
    return "DIGEST_" + key.replace(".", "__").upper()


def value_of(line: str) -> Any:
    (value,) = tomllib.loads(line).values()
    return value


@pytest.mark.parametrize("key", WITH_VARIABLES)
def test_a_setting_is_documented_with_its_variable_and_its_default(key: str):
    name, default = documented()[variable(key)]
    assert name == key.rpartition(".")[2]
    if DEFAULTS[key] is None:
        assert default.startswith("none")
    else:
        assert value_of(f"x = {default.strip('`')}") == DEFAULTS[key]


def test_what_an_audience_sets_is_documented_with_its_default():
    (told,) = re.findall(r"(?ms)^## Audiences\n(.*?)^## ", guide("configuration.md"))
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| (.*?) \|", told))
    assert [f"{AUDIENCE}.{name}" for name in rows] == list(OF_AUDIENCES)
    for name, default in rows.items():
        value = OF_AUDIENCES[f"{AUDIENCE}.{name}"]
        assert default.startswith("as for all" if value is None else f'`"{value}"`')


def test_nothing_is_documented_that_is_no_setting():
    assert set(documented()) == set(variables())


@by_setting
def test_a_setting_stands_in_the_example_with_its_default(key: str):
    table, _, name = key.rpartition(".")
    found = re.findall(rf"(?m)^# ({name} = .*)$", example_parts()[table])
    assert len(found) == 1
    if DEFAULTS[key] is not None:  # else it shows what one might write
        assert value_of(found[0]) == DEFAULTS[key]


def example_parts() -> dict[str, str]:
    """The text of the example by its tables; what stands before them by ""."""
    head, *parts = re.split(r"(?m)^# \[([\w.]+)\]\n", EXAMPLE)
    return {"": head, **dict(zip(parts[::2], parts[1::2], strict=True))}


def test_the_example_holds_nothing_but_settings():
    assert len(commented()) == len(DEFAULTS)


def test_what_init_writes_changes_nothing(tmp_path: Path):
    assert load(written(tmp_path, EXAMPLE)) == load(written(tmp_path, ""))


@pytest.mark.parametrize(
    ("table", "line"),
    [(table, line) for table, part in example_parts().items() for line in commented(part)],
)
def test_each_setting_of_the_example_can_be_uncommented_alone(
    tmp_path: Path, table: str, line: str
):
    part = example_parts()[table].replace(f"# {line}\n", f"{line}\n")
    assert load(written(tmp_path, f"[{table}]\n{part}" if table else part))


def test_all_settings_of_the_example_can_be_uncommented_together(tmp_path: Path):
    text = re.sub(r"(?m)^# (\w+ = |\[[\w.]+\]$)", r"\1", EXAMPLE)
    settings = load(written(tmp_path, text))
    assert settings.owner == "editor@example.org"
    assert settings.smtp.port == DEFAULTS["smtp.port"]


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_settings_in_a_document_can_be_used(tmp_path: Path, path: Path):
    (tmp_path / "our-look" / "locales").mkdir(parents=True)  # a document had the reader write this
    (tmp_path / "our-look" / "locales" / "fr.po").touch()
    for block in fences(path.read_text(encoding="utf-8"), "toml"):
        if not re.match(r"\[(light|section|theme)\b", block):  # other files than digest.toml
            assert load(written(tmp_path, block))


def written(folder: Path, text: str) -> Path:
    (folder / "robots-look").mkdir(exist_ok=True)  # the look of an audience must be there
    file = folder / "digest.toml"
    file.write_text(text, encoding="utf-8")
    return file


# --- how to extend ------------------------------------------------------------------------------


def example(index: int) -> dict[str, Any]:
    """The names of a Python example in docs/extending.md."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(fences(guide("extending.md"), "python")[index], names)
    return names


def test_the_summariser_of_the_guide_keeps_the_contract():
    opening = example(0)
    assert opening["METHOD"]
    assert opening["rate"]("Gulls", ["One.", "Two.", "Three."]) == [0, -1, -2]
    assert opening["rate"]("Gulls", []) == []


ENVELOPE = Envelope("2026-06-12-00", "digest@news.example.org", "ada@readers.example.net")


class Taking(BaseHTTPRequestHandler):
    """A service that takes mails; the path of its address is what it answers."""

    def do_POST(self) -> None:
        mail = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.headers["Idempotency-Key"], self.headers["Mail-To"], mail))
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Taking)
    server.taken = []
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def guided(port: int, answer: int) -> Transport:
    return example(1)["Service"](f"http://127.0.0.1:{port}/{answer}")


def test_the_transport_of_the_guide_hands_mails_over(service: HTTPServer):
    with guided(service.server_port, 202).connect() as connection:
        receipt = connection.send(ENVELOPE, b"Subject: Tides\r\n\r\n", lambda: True)
    assert receipt.detail.endswith("answered 202")
    assert service.taken == [(ENVELOPE.name, ENVELOPE.recipient, b"Subject: Tides\r\n\r\n")]


@pytest.mark.parametrize(
    ("answer", "error"),
    [(401, SetupError), (403, SetupError), (422, Refused), (429, TryLater), (503, TryLater)],
)
def test_the_transport_of_the_guide_says_what_is_known(
    service: HTTPServer, answer: int, error: type[Exception]
):
    transport = guided(service.server_port, answer)
    with transport.connect() as connection, pytest.raises(error, match=f"answered {answer}"):
        connection.send(ENVELOPE, b"\r\n", lambda: True)


def test_the_transport_of_the_guide_holds_back_what_must_not_go(service: HTTPServer):
    transport = guided(service.server_port, 202)
    with transport.connect() as connection, pytest.raises(TryLater, match="held back"):
        connection.send(ENVELOPE, b"\r\n", lambda: False)
    assert service.taken == []


def test_the_transport_of_the_guide_asks_again_where_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with guided(port, 202).connect() as connection, pytest.raises(TryLater, match="be reached"):
        connection.send(ENVELOPE, b"\r\n", lambda: True)


def test_the_grouper_of_the_guide_gives_each_paper_a_tag():
    shelf = example(2)["OneShelf"]()
    papers = [("Gulls", "We count gulls."), ("Tides", "")]
    assert shelf.tags(papers) == [Tag("papers", "Papers", "Papers", keywords=())] * 2


# --- the documents themselves -------------------------------------------------------------------


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings_that_exist(path: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"https?://", target):
            continue
        name, _, place = target.partition("#")
        file = (path.parent / name) if name else path
        assert file.exists(), target
        if place:
            assert place in anchors(file.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """The ids that a page gives to its headings."""
    headings = re.findall(r"(?m)^#+ (.*)$", text)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_module_has_its_line_in_the_architecture():
    modules = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.stat().st_size and path.parent.name != "versions"
    }
    named = re.findall(r"(?m)^([\w/]+\.py) {2,}\S", guide("architecture.md"))
    assert sorted(named) == sorted(modules)


@pytest.mark.parametrize(
    "path", [*GUIDES, ROOT / "docs" / "screenshot.py"], ids=lambda path: path.name
)
def test_no_document_holds_an_absolute_path_of_a_machine(path: Path):
    text = path.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert re.findall(r"(?<![\w.])/(?:home|Users|root|tmp|work)\b", text) == []


def test_the_screenshot_is_a_small_picture():
    picture = (ROOT / "docs" / "images" / "mail.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000


def test_every_word_about_a_sentence_is_told_the_lesser_fault_first():
    rows = re.findall(r"^\| ([^|]+) \|", guide("summaries.md"), re.MULTILINE)
    told = [row for row in rows if row in REASONS.values()]
    assert told == list(REASONS.values())
