"""The operators' page names every setting that there is."""

import pytest
from docs.pages import HANDBOOK

from channels import registry
from pipeline import settings
from pipeline.store.engine import _SENTENCES

PAGE = (HANDBOOK / "operators.md").read_text(encoding="utf-8")
TABLES = [
    settings.Programme,
    settings.StoreSettings,
    settings.Person,
    settings.Partner,
    settings.Notices,
    settings.PrivacySettings,
    settings.AccountTable,
]


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_setting_of_a_channel_is_told(kind: str) -> None:
    section = PAGE.split(f'**`kind = "{kind}"`**')[1].split("**`kind")[0].split("\n## ")[0]
    missing = [name for name in registry.load(kind).Settings.model_fields if f"`{name}`" not in section]
    assert not missing


def test_every_other_setting_is_told() -> None:
    missing = [f"{table.__name__}.{name}" for table in TABLES for name in table.model_fields if f"`{name}`" not in PAGE]
    assert not missing


@pytest.mark.parametrize("sign", ["disk is full", "locked", "malformed"])
def test_the_sentences_about_the_store_are_the_programs(sign: str) -> None:
    sentence = next(sentence for known, sentence in _SENTENCES if sign in known)
    assert sentence.split(";")[0] in PAGE
