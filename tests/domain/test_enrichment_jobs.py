"""The job and the server action that an error is of, in the words of Odoo 12 to 19."""

import pytest

from app.domain.enrichment import Enrichment
from tests.domain.enriched_records import (
    CRON,
    CUSTOM,
    ENDS,
    FAILED,
    STARTS,
    TRACEBACK,
    enriched,
    error,
    line,
    request,
)


@pytest.mark.parametrize("name", FAILED)
def test_a_failed_job_names_itself_and_its_action(name: str) -> None:
    said, job, action = FAILED[name]
    found = enriched(error(f"{CRON}: {said}{TRACEBACK}"), after=request("/web"))
    assert (found.cron_job_name, found.server_action_id) == (job, action)
    assert found.http_url is None


def test_words_like_a_failed_jobs_elsewhere_name_none() -> None:
    said = "could not lock Job 'sync stock' (3) of server action #5"
    assert enriched(error(f"{CUSTOM}: {said}")) == Enrichment(database_name="live")


@pytest.mark.parametrize("name", STARTS)
def test_an_error_within_a_job_is_of_that_job(name: str) -> None:
    before = line(f"{CRON}: {STARTS[name]}") + line(f"{CUSTOM}: syncing A1") + line("odoo.x: y", pid=9) * 20
    found = enriched(error(f"{CUSTOM}: provider answered 503"), before, request("/web"))
    assert found == Enrichment(cron_job_name="Shop: nightly (v2)", database_name="live")


@pytest.mark.parametrize("end", ENDS)
def test_an_error_behind_a_job_is_not_of_it(end: str) -> None:
    before = line(f"{CRON}: {STARTS['13 to 17']}") + line(f"{CRON}: {ENDS[end]}")
    assert enriched(error(f"{CUSTOM}: provider answered 503"), before).cron_job_name is None


def test_the_job_of_another_process_or_writer_is_none_of_the_errors() -> None:
    starts = line(f"{CRON}: {STARTS['13 to 17']}", pid=9)
    assert enriched(error(f"{CUSTOM}: x"), starts).cron_job_name is None
    assert enriched(error(f"{CUSTOM}: x", pid=9), starts).cron_job_name == "Shop: nightly (v2)"
    assert (
        enriched(error(f"{CUSTOM}: x", pid=9), f"odoo-2  | {starts}", writer=b"odoo-1").cron_job_name is None
    )
    assert (
        enriched(error(f"{CUSTOM}: x", pid=9), f"odoo-1  | {starts}", writer=b"odoo-1").cron_job_name
        == "Shop: nightly (v2)"
    )


@pytest.mark.parametrize("logger", ["odoo.http", "werkzeug", "odoo.http.session"])
def test_an_error_of_a_request_is_of_no_job(logger: str) -> None:
    found = enriched(error(f"{logger}: x"), line(f"{CRON}: {STARTS['13 to 17']}"), request("/shop"))
    assert (found.cron_job_name, found.http_url) == (None, "/shop")


@pytest.mark.parametrize(
    ("frame", "action"),
    [
        ('File "ir.actions.server(85,)", line 1, in <module>', 85),
        ('File "ir.actions.server(1417,)", line 2', 1417),
        ('File "<ir.actions.server()>", line 2', None),
    ],
)
def test_a_server_action_is_named_by_its_frame(frame: str, action: int | None) -> None:
    text = error(f"odoo.http: x{TRACEBACK.replace('ValueError', f'  {frame}{chr(10)}ValueError')}")
    assert enriched(text).server_action_id == action
