"""What Facebook, Instagram and Threads tell has a meaning in the ledger's vocabulary, under the names it is stored by."""

import pytest

from channels import facebook, instagram, threads
from pipeline.reach.vocabulary import vocabulary


@pytest.mark.parametrize("module", [facebook, instagram, threads], ids=lambda module: module.__name__)
def test_every_figure_has_a_meaning_and_every_meaning_a_figure(module):
    kind = module.__name__.rpartition(".")[2]
    assert {figure.name for figure in module.FIGURES} == set(vocabulary()[kind])
