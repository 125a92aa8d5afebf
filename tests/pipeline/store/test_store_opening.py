"""Opening the store: the tables it makes, and the one sentence for each way in which it cannot be used."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from outbox_rows import NOW, plan, sheet, states
from servers.postgresql import GUARDED
from side_by_side import in_processes
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import IntegrityError

from pipeline.store import Newcomer, Store, StoreError, engine, versions
from pipeline.store.tables import metadata


def refusal(url, root=Path()) -> str:
    with pytest.raises(StoreError) as caught:
        Store(str(url), root)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# --- tables ---


def test_the_migrations_give_exactly_the_tables_that_the_program_knows(empty_url):
    Store(empty_url, Path()).close()
    opened = engine.connect(empty_url, Path())
    with opened.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
    opened.dispose()


def test_the_newest_step_is_the_one_that_is_said():
    config = Config()
    config.set_main_option("script_location", str(Path(versions.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == versions.NEWEST


def test_the_migrated_indexes_cover_the_same_rows(empty_url):
    """What ``compare_metadata`` does not compare: indexes of some rows only."""
    migrated, made = engine.connect(empty_url, Path()), None
    versions.migrate(migrated)
    query = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "AND indexname NOT LIKE 'alembic%'",
    }[migrated.dialect.name]

    def indexes():
        with migrated.begin() as connection:
            return {name: " ".join(sql.replace('"', "").split()) for name, sql in connection.execute(text(query))}

    by_migration = indexes()
    with migrated.begin() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    made = indexes()
    migrated.dispose()
    assert by_migration == made
    assert "worker IS NOT NULL" in made["ix_deliveries_worker"]


def test_opening_again_keeps_everything(url):
    with Store(url, Path()) as store:
        plan(store, sheet())
    with Store(url, Path()) as store:
        assert states(store) == {sheet().key: "planned"}


def test_a_migration_that_breaks_off_leaves_nothing_behind(empty_url, monkeypatch):
    opened = engine.connect(empty_url, Path())

    @event.listens_for(opened, "before_cursor_execute")
    def fail(_connection, _cursor, statement, *_):
        if "CREATE TABLE receipts" in statement:
            raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError, match="power"):
        versions.migrate(opened)
    with opened.connect() as connection:
        assert inspect(connection).get_table_names() == []
    opened.dispose()
    Store(empty_url, Path()).close()


def test_programs_that_open_a_new_store_at_the_same_moment_all_succeed(empty_url):
    def opened() -> str:
        with Store(empty_url, Path()) as store:
            return store.name

    done = in_processes(opened, opened, opened)
    assert [code for code, _ in done] == [0, 0, 0]
    assert len({name for _, name in done}) == 1


def test_a_store_of_a_newer_version_is_left_as_it_is(empty_url):
    Store(empty_url, Path()).close()
    opened = engine.connect(empty_url, Path())
    with opened.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("CREATE TABLE of_the_future (x INTEGER)"))
    sentence = refusal(empty_url)
    assert "newer version of Outreach" in sentence
    assert "'9999'" in sentence
    assert "nothing was changed" in sentence
    with opened.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
        assert "of_the_future" in inspect(connection).get_table_names()
    opened.dispose()


# --- addresses of stores ---


def test_a_relative_path_is_taken_from_the_project_and_its_folder_is_made(tmp_path):
    with Store("sqlite:///state/deep/outreach.db", tmp_path):
        pass
    assert (tmp_path / "state/deep/outreach.db").is_file()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "outreach.db",
        "postgress://u:s3cret-word@host/x",
        "postgres://u:s3cret-word@host/x",
        "mysql://u:s3cret-word@host/x",
        "u:s3cret-word@host",
    ],
)
def test_an_address_of_no_known_database_is_refused_without_showing_it(url):
    sentence = refusal(url)
    assert "outreach.toml: [store] url" in sentence
    assert "sqlite:///state/outreach.db" in sentence
    assert "s3cret" not in sentence


def test_a_missing_driver_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "install campaign-outreach[postgresql]" in refusal("postgresql://someone@127.0.0.1/x")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    assert "the folder of the store cannot be made" in refusal("sqlite:///state/outreach.db", tmp_path)


def test_a_folder_in_place_of_the_file_is_one_sentence(tmp_path):
    (tmp_path / "outreach.db").mkdir()
    assert "cannot be opened" in refusal("sqlite:///outreach.db", tmp_path)


# --- files that are no good ---


def test_a_file_that_is_no_database_is_one_sentence_and_stays_as_it_is(tmp_path):
    path = tmp_path / "outreach.db"
    path.write_bytes(b"minutes of the meeting\n" * 500)
    before = path.read_bytes()
    assert "damaged or is no store; restore it from your backup" in refusal(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_damaged_file_is_one_sentence(sqlite_url):
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with Store(sqlite_url, Path()) as store:
        plan(store, *(sheet(f"m-{number}") for number in range(200)))
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged; restore it from your backup"), Store(sqlite_url, Path()) as store:
        store.desk.find()


@pytest.fixture
def as_a_user_without_rights():
    """Take root's rights away for the test; others do not have them anyway."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_a_file_that_may_not_be_written_is_one_sentence(sqlite_template, request):
    folder = Path(tempfile.mkdtemp())
    path = folder / "outreach.db"
    shutil.copyfile(sqlite_template, path)
    path.chmod(0o444)
    folder.chmod(0o555)
    request.getfixturevalue("as_a_user_without_rights")
    try:
        with pytest.raises(StoreError, match=r"may not be written by this user|cannot be opened") as caught:
            plan(Store(f"sqlite:///{path}", Path()), sheet())
        assert str(path) in str(caught.value)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_store_that_another_program_holds_is_one_sentence(sqlite_url, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    path = sqlite_url.removeprefix("sqlite:///")
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE'); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with Store(sqlite_url, Path()) as store:
        holder = subprocess.Popen(
            [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="another program has held the store for too long"):
            plan(store, sheet())
        assert states(store) == {}
        holder.communicate()
        plan(store, sheet())
        assert len(states(store)) == 1


def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(sqlite_url):
    with Store(sqlite_url, Path()) as store:
        plan(store, sheet("before"))

        @event.listens_for(store._engine, "checkout")
        def fill_the_disk(connection, *_):
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 4}")

        with pytest.raises(StoreError, match="the disk that holds the store is full; make room"):
            store.plans.apply(added=[sheet(f"m-{n}") for n in range(2000)], who="editor-ro", now=NOW)
        assert states(store) == {sheet("before").key: "planned"}
        store.subscribers.add("newsletter-ro", [Newcomer("a@mail.example", "form")], "x", NOW)


def test_a_write_that_fails_is_one_sentence(sqlite_url):
    """A real failing write: the system refuses to let the file grow."""

    def write_too_much() -> str:
        store = Store(sqlite_url, Path())
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        try:
            plan(store, *(sheet(f"m-{n}") for n in range(3000)))
        except StoreError as error:
            return str(error)
        return "it was written"

    [(_, sentence)] = in_processes(write_too_much)
    assert re.search(r"the disk that holds the store (cannot be read or written|is full)", sentence)
    with Store(sqlite_url, Path()) as store:
        assert states(store) == {}


# --- durability ---


def test_sqlite_writes_to_the_disk_at_every_commit_and_overwrites_what_is_deleted(sqlite_url):
    with Store(sqlite_url, Path()) as store, store._engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_what_is_unforeseen_stays_an_error_of_its_own(store):
    """A fault of the program must not be told as a fault of the disk, whatever words stand in the data."""
    with store.desk._in.writing() as connection:
        connection.execute(text("INSERT INTO facts (name, value) VALUES ('database is locked', 'malformed')"))
    with pytest.raises(IntegrityError), store.desk._in.writing() as connection:
        connection.execute(text("INSERT INTO facts (name, value) VALUES ('database is locked', 'malformed')"))


# --- PostgreSQL's own ---


@pytest.mark.servers
def test_a_server_that_does_not_answer_is_one_sentence(postgresql, unused_port):
    sentence = refusal(f"postgresql://someone:s3cret-word@127.0.0.1:{unused_port}/x")
    assert "does not answer; start it" in sentence
    assert "s3cret" not in sentence
    assert "someone:***@127.0.0.1" in sentence


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


@pytest.mark.servers
@pytest.mark.parametrize("form", ["{user}:wrong-word@{place}", "{user}@{place}?password=wrong-word"])
def test_a_wrong_password_is_one_sentence_and_is_not_shown(postgresql, form):
    url = "postgresql://" + form.format(user=GUARDED, place=f"127.0.0.1:{postgresql.port}/postgres")
    sentence = refusal(url)
    assert "refuses the user or password" in sentence
    assert "wrong-word" not in sentence


@pytest.mark.servers
def test_a_missing_password_is_one_sentence(postgresql):
    assert "asks for a password" in refusal(postgresql.url("postgres", GUARDED))


@pytest.mark.servers
def test_an_unknown_database_or_user_is_one_sentence(postgresql):
    assert "has no such database" in refusal(postgresql.url("nowhere"))
    assert "knows no such user" in refusal(postgresql.url("postgres", "nobody-such"))


@pytest.mark.servers
def test_a_user_without_rights_is_one_sentence(postgresql_url):
    url = postgresql_url.replace("outreach@", f"{GUARDED}:correct%20horse@")
    assert "give it the rights" in refusal(url)


@pytest.mark.servers
def test_a_connection_that_the_server_ended_is_one_sentence_and_the_next_one_works(postgresql_url):
    with Store(postgresql_url, Path()) as store:

        def end_it():
            with store.desk._in.writing() as connection:
                number = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
                connection.execute(text("SELECT 1"))

        with pytest.raises(StoreError, match="ended the connection"):
            end_it()
        assert states(store) == {}


def test_the_name_of_a_store_holds_no_password():
    class Closed(Store):
        def __init__(self, url):
            self._engine = engine.connect(url, Path())

    store = Closed("postgresql://someone:s3cret-word@127.0.0.1/x?password=s3cret-word")
    assert store.name == "postgresql+psycopg://someone:***@127.0.0.1/x"


def test_sqlite_is_new_enough_for_what_the_store_asks_of_it():
    """RETURNING came with SQLite 3.35 (https://www.sqlite.org/lang_returning.html)."""
    assert sqlite3.sqlite_version_info >= (3, 35)
