"""Fixtures that run the local Hub as a process of its own, one per test session (and per xdist worker).

`local_hub` is the door of the running process; `hub` is the same with everything reset for the test. The root conftest
takes them in with `pytest_plugins = ["tests.hubfixtures"]`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubgate.localhub.door import ControlDoor
from hubgate.localhub.process import running


@pytest.fixture(scope="session")
def local_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlDoor]:
    with running(tmp_path_factory.mktemp("localhub")) as door:
        yield door


@pytest.fixture
def hub(local_hub: ControlDoor) -> Iterator[ControlDoor]:
    local_hub.reset()
    yield local_hub
    # A call that hangs on purpose must not hold up the next test.
    local_hub.clear_faults()
