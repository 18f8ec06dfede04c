"""Commands on the official forms as data: the catalogue of rules, an edition as a workbook."""

from pathlib import Path
from typing import Annotated

import typer

from cchc_xl.cli.frame import DONE, HELP, Command, Commands, EditionName, say_written, show
from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition


def rules(
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help=HELP["rules_out"])] = None,
    edition: EditionName = None,
) -> int:
    from cchc_xl.editions.load import DEFAULT, load
    from cchc_xl.files import write_output
    from cchc_xl.rounds.editing import rule_lines, rules_workbook

    forms = load(edition or DEFAULT)
    if output:
        say_written(write_output(output, rules_workbook(forms)), output)
    else:
        from cchc_xl.console import rule_table

        show([rule_table(rule_lines(forms))])
    return DONE


app = typer.Typer(cls=Commands, help=HELP["edition_group"], rich_markup_mode=None)
EditionFile = Annotated[Path, typer.Argument(metavar="FILE", help=HELP["edition_file"], show_default=False)]


@app.command("export", cls=Command, help=HELP["edition_export"])
def edition_export(file: EditionFile, edition: EditionName = None) -> int:
    from cchc_xl.editions.load import DEFAULT
    from cchc_xl.rounds.editing import export_edition

    forms, path = export_edition(file, edition or DEFAULT)
    say_written(path, file)
    print(words("cli")["summary"]["edition_exported"].format(id=forms.id, path=path))
    return DONE


@app.command("import", cls=Command, help=HELP["edition_import"])
def edition_import(file: EditionFile) -> int:
    from cchc_xl.rounds.editing import import_edition

    forms, _ = import_edition(file)
    print(words("cli")["summary"]["edition_imported"].format(**_size(forms)))
    return DONE


@app.command("check", cls=Command, help=HELP["edition_check"])
def edition_check(file: EditionFile) -> int:
    from cchc_xl.rounds.editing import check_edition

    print(words("cli")["summary"]["edition_right"].format(**_size(check_edition(file))))
    return DONE


def _size(edition: Edition) -> dict[str, object]:
    return {
        "id": edition.id,
        "forms": len(edition.forms),
        "rows": len(edition.indicators),
        "relations": len(edition.relations),
    }


COMMANDS = {"rules": rules}
