"""The behavior of every case must be a good word; further words may be given. Prints the failed cases' own files."""
import json
import os
import sys

path = sys.argv[1]
good = {"OK", "INFORMATIONAL", "NON-STRICT", *sys.argv[2:]}
with open(path, encoding="utf-8") as file:
    index = json.load(file)
failed = [case for cases in index.values() for case in cases.values() if case["behavior"] not in good]
for case in failed:
    with open(os.path.join(os.path.dirname(path), case["reportfile"]), encoding="utf-8") as file:
        detail = json.load(file)
    print(detail["id"], detail["description"], detail["result"], sep=": ")
sys.exit(1 if failed or not index else 0)
