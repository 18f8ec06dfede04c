"""Runs macros of a workbook in headless LibreOffice and says what the cells hold afterwards.

Started by the tests with a Python that has LibreOffice's own module ``uno``::

    python3 macro_runner.py PROFILE BOOK.xlsm < [[{"Sheet": {"A1": "text"}}, "Module.Macro"], …]

Each step types into cells, then runs its macro. What the watched cells hold after each step comes first in the answer.

A macro that does not compile or stops in the middle looks like one that ran: only the cells tell.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

SCRIPT = "vnd.sun.star.script:VBAProject.{}?language=Basic&location=document"
ALWAYS_RUN_MACROS = 4
NO_QUESTION = (  # whether to keep the format of Excel when saving: nobody is there to answer
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    '<item oor:path="/org.openoffice.Office.Common/Save/Document"><prop oor:name="WarnAlienFormat" oor:op="fuse">'
    "<value>false</value></prop></item></oor:items>"
)


def main(profile: str, book: str, steps: list, watched: list) -> dict:
    pipe = f"cchc{os.getpid()}"
    settings = Path(profile) / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(NO_QUESTION, "utf-8")
    options = ["--headless", "--norestore", "--nologo", f"-env:UserInstallation={Path(profile).as_uri()}"]
    office = subprocess.Popen(["soffice", *options, f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL)
    desktop = None
    try:
        desktop = connected(pipe, office)
        document = desktop.loadComponentFromURL(Path(book).as_uri(), "_blank", 0, tuple(load_options()))
        provider, seen = document.getScriptProvider(), []
        for typed, macro in steps:
            for sheet, cells in typed.items():
                for cell, text in cells.items():
                    document.Sheets.getByName(sheet).getCellRangeByName(cell).setString(text)
            provider.getScript(SCRIPT.format(macro)).invoke((), (), ())
            seen.append([document.Sheets.getByName(sheet).getCellRangeByName(cell).String for sheet, cell in watched])
        shown = {"cells": cells_of(document), "buttons": buttons_of(document), "books": open_books(desktop)}
        return shown | {"seen": seen}
    finally:
        ended(desktop, office)


def load_options():
    for name, value in (("Hidden", True), ("MacroExecutionMode", ALWAYS_RUN_MACROS)):
        option = PropertyValue()
        option.Name, option.Value = name, value
        yield option


def connected(pipe: str, office: subprocess.Popen):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except NoConnectException:
            if office.poll() is not None:
                break
            time.sleep(0.2)
    raise SystemExit("soffice did not start")


def cells_of(document) -> dict:
    found = {}
    for sheet in document.Sheets:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        last = cursor.RangeAddress
        texts = {}
        for row in range(min(last.EndRow + 1, 400)):
            for column in range(min(last.EndColumn + 1, 26)):
                cell = sheet.getCellByPosition(column, row)
                if cell.String:
                    links = [field.URL for field in cell.TextFields if hasattr(field, "URL")]
                    formula = cell.Formula if cell.Type.value == "FORMULA" else ""
                    texts[f"{chr(65 + column)}{row + 1}"] = [cell.String, formula, links[0] if links else ""]
        found[sheet.Name] = texts
    return found


def buttons_of(document) -> dict:
    """Caption -> macro of every button on the first sheet."""
    page, found = document.Sheets.getByIndex(0).DrawPage, {}
    for form in page.Forms:
        for number in range(form.Count):
            control = form.getByIndex(number)
            scripts = [event.ScriptCode for event in form.getScriptEvents(number)]
            found[control.Label] = scripts[0] if scripts else ""
    return found


def open_books(desktop) -> list:
    names = []
    parts = desktop.Components.createEnumeration()
    while parts.hasMoreElements():
        names.append(getattr(parts.nextElement(), "URL", ""))
    return names


def ended(desktop, office: subprocess.Popen) -> None:
    try:
        if desktop is not None:
            desktop.terminate()
        office.wait(20)
    except Exception:  # the bridge breaks when the office goes first
        pass
    finally:
        if office.poll() is None:
            office.kill()
            office.wait()


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], **json.load(sys.stdin))))
