"""What the README promises, each promise with the tests that prove it: they exist, and the README names them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FAILING, WRITING = "test_rounds_failing.py", "test_hostile_writing.py"
CASES, FUZZ, INJECTION = "test_hostile_cases.py", "test_hostile_fuzz.py", "test_hostile_injection.py"
BOOKS = "test_hostile_books.py"
PRIVACY, PACKAGE = "test_hostile_privacy.py", "test_workbook_package.py"

# Promise -> tests.
PROMISES: dict[str, tuple[str, ...]] = {
    "what was acknowledged is stored, hashed and listed, whatever fails or dies": (
        f"{FAILING}::test_failing_at_every_operation_of_collect",
        f"{FAILING}::test_dying_at_every_operation_of_collect",
        f"{FAILING}::test_killed_at_random_moments_also_inside_the_database",
        f"{FAILING}::test_everything_is_flushed_before_it_is_acknowledged",
        f"{FUZZ}::test_mutants_of_a_mail",
        f"{FUZZ}::test_a_torn_mail_is_kept_whole",
    ),
    "an output is the old one or the new one": (
        "test_files.py::test_written_flushed_put_in_place_and_the_folder_flushed",
        f"{FAILING}::test_failing_at_every_operation_of_consolidate",
        f"{FAILING}::test_dying_at_every_operation_of_consolidate",
        f"{WRITING}::test_failing_at_every_operation",
        f"{WRITING}::test_the_order_for_every_output",
        f"{WRITING}::test_a_real_full_disk",
        f"{WRITING}::test_a_command_on_a_full_disk",
    ),
    "an output that a person edited, or has open, is never replaced": (
        "test_files.py::test_an_output_that_a_person_edited_stays",
        f"{WRITING}::test_an_output_open_in_excel_is_written_beside",
        f"{WRITING}::test_a_full_disk_between_an_output_and_the_record_of_it",
    ),
    "any file whatever gives a sentence, in bounded time and memory": (
        f"{CASES}::test_each_crafted_file_gives_its_finding_in_bounded_time_and_memory",
        f"{CASES}::test_two_seconds_and_two_hundred_megabytes",
        f"{CASES}::test_every_refusal_is_a_sentence",
        f"{PACKAGE}::test_no_bytes_raise",
        "test_hostile_tables.py::test_a_pipe_or_a_device_is_a_sentence_and_nobody_waits",
    ),
    "one bad file never stops the others": (f"{CASES}::test_one_bad_file_never_stops_the_batch",),
    "no number is silently wrong": (
        f"{FUZZ}::test_mutants_of_a_filled_workbook",
        f"{FUZZ}::test_mutants_of_an_old_report",
        f"{FUZZ}::test_mutants_of_a_narrative",
        f"{FUZZ}::test_mutants_of_a_master",
        f"{PACKAGE}::test_no_flipped_byte_is_read_wrong",
        "test_workbook_corpus.py::test_damage_that_is_said",
    ),
    "nothing a commune writes is executed": (
        f"{INJECTION}::test_no_text_is_live_in_the_master",
        f"{INJECTION}::test_no_text_is_live_in_the_feedback",
        f"{INJECTION}::test_no_text_is_live_in_the_page",
        f"{INJECTION}::test_no_cell_of_the_csv_starts_a_formula_and_names_are_equal",
        f"{INJECTION}::test_letters_keep_their_headers",
        f"{BOOKS}::test_no_text_is_live_in_the_status_workbook",
        f"{BOOKS}::test_no_text_is_live_in_the_settings_workbook",
        f"{BOOKS}::test_no_text_is_live_in_the_sheet_for_the_portal",
        f"{BOOKS}::test_no_text_is_live_in_the_chiefs_page",
        f"{BOOKS}::test_a_buttons_result_has_the_records_it_would_have_of_harmless_texts",
        f"{BOOKS}::test_a_draft_goes_to_its_unit_only_and_names_it_in_its_body",
        f"{CASES}::test_active_content_is_listed",
        f"{CASES}::test_nothing_active_is_in_what_we_write",
        f"{PRIVACY}::test_every_template_environment_is_a_sandbox",
    ),
    "text comes back as it was typed": (
        f"{INJECTION}::test_every_text_is_read_as_it_was_typed",
        f"{INJECTION}::test_notes_come_back_from_the_master_as_they_were",
        f"{INJECTION}::test_words_in_a_report_text_by_text",
    ),
    "readers that may abort run in a process of their own, killed when their time is over": (
        f"{PRIVACY}::test_readers_that_may_abort_run_in_a_child_only",
        f"{PRIVACY}::test_a_child_that_dies_hangs_grows_or_talks_nonsense",
    ),
    "people's data stay in the round folder, passwords in the keyring": (
        f"{PRIVACY}::test_what_leaves_the_house_names_no_person_and_no_telephone",
        f"{PRIVACY}::test_a_password_never_shows_itself",
        f"{PRIVACY}::test_there_is_no_log",
    ),
}


def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("promise", PROMISES)
def test_each_promise_has_its_tests(promise):
    for test in PROMISES[promise]:
        file, _, name = test.partition("::")
        assert name in functions(file), test


def test_the_readme_names_them():
    """Every promise's first test, and no test that does not exist."""
    readme = (ROOT / "README.md").read_text("utf-8")
    if "## Security" not in readme:
        pytest.skip("README.md has no section Security")
    section = readme.partition("## Security")[2].partition("\n## ")[0]
    for promise, tests in PROMISES.items():
        assert tests[0].partition("::")[2] in section, promise
