"""Exports of an archive, judged by frictionless, openpyxl and py-wacz.

usage: check_export.py XIANZHI ARCHIVE FOLDER
"""
import csv
import json
import pathlib
import subprocess
import sys

import frictionless
import openpyxl

xianzhi, archive, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
bad = 0


def complain(text):
    global bad
    bad += 1
    print("export:", text)


def export(name, *options):
    subprocess.run([xianzhi, "export", archive, "-o", folder / name, *options], check=True, stderr=subprocess.DEVNULL)
    return folder / name


csv.field_size_limit(1 << 30)
table = export("documents.csv", "--all-versions")
with open(table, newline="", encoding="utf-8") as f:
    rows = list(csv.DictReader(f))
excel = export("excel.csv", "--excel", "--all-versions")
with open(excel, newline="", encoding="utf-8-sig") as f:
    if sum(1 for _ in csv.DictReader(f)) != len(rows):
        complain("excel.csv has another number of rows")

report = frictionless.Package(folder / "datapackage.json").get_resource("documents.csv").validate()
if not report.valid:
    complain(f"frictionless: {report.flatten(['rowNumber', 'fieldName', 'type', 'note'])[:5]}")

book = openpyxl.load_workbook(export("documents.xlsx", "--format", "xlsx", "--all-versions"), read_only=True)
sheet = book["documents"]
cells = list(sheet.iter_rows(values_only=True))
if len(cells) != len(rows) + 1:
    complain(f"openpyxl: {len(cells) - 1} rows, the CSV has {len(rows)}")
for i, name in enumerate(cells[0]):
    if name == "url" and [c[i] for c in cells[1:]] != [r["url"] for r in rows]:
        complain("openpyxl: other URLs than the CSV's")
    if name == "captured_at" and any(not hasattr(c[i], "year") for c in cells[1:]):
        complain("openpyxl: captured_at is no date")

lines = [json.loads(x) for x in open(export("documents.jsonl", "--format", "jsonl", "--all-versions"), encoding="utf-8")]
if [x["url"] for x in lines] != [r["url"] for r in rows]:
    complain("other URLs in the JSON lines than in the CSV")

for name, options in (("whole.wacz", []), ("part.wacz", ["--from", "2018", "--to", "2100"])):
    wacz = export(name, "--format", "wacz", *options)
    out = subprocess.run(["wacz", "validate", "-f", wacz], capture_output=True, text=True)
    if out.returncode or "passed WACZ is valid" not in out.stdout:
        complain(f"py-wacz on {name}: {out.stdout} {out.stderr}")

print(f"export: {len(rows)} rows read by frictionless, openpyxl and py-wacz, {bad} problems")
sys.exit(bad != 0)
