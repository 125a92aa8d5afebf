def test_x(store):
    assert store.deliveries.accounts_with_work
def test_y(store):
    assert store.name
