"""Scripts that make their client from the words of a command line."""

from __future__ import annotations

import pytest
from kinto_http import KintoException, cli_utils

from tests.compatibility.server import PASSWORD, Kinto


def test_a_script_reads_records_with_the_options_that_all_scripts_have(kinto: Kinto) -> None:
    user = kinto.somebody()
    parser = cli_utils.add_parser_options()
    options = ["--server", kinto.url, "--auth", f"{user}:{PASSWORD}", "--bucket", "default", "--collection", "diary"]
    client = cli_utils.create_client_from_args(parser.parse_args(options))
    client.create_record(id="r1", data={"n": 1})
    assert [record["id"] for record in client.get_records()] == ["r1"]


def test_a_script_with_a_token_that_nobody_gave_out_is_refused(kinto: Kinto) -> None:
    parser = cli_utils.add_parser_options()
    options = ["--server", kinto.url, "--auth", "Bearer abc", "--bucket", "default", "--collection", "diary"]
    client = cli_utils.create_client_from_args(parser.parse_args(options))
    with pytest.raises(KintoException) as refused:
        client.get_records()
    assert refused.value.response.status_code == 401
