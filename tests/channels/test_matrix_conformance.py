"""The ten points for Matrix, simulated."""

from pathlib import Path

from channels.matrix import Matrix, transaction_id
from channels.testing.conformance import Conformance
from channels.testing.documents import published


class TestMatrix(Conformance):
    channel = Matrix
    server = "Matrix, simulated"
    lost_change = "publish"
    golden = Path(__file__).parent / "golden" / "matrix"
    document = published("matrix")

    def wire_key(self, key):
        return transaction_id(key)
