"""The whole report must be the expected one, durations apart."""
import json
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        index = json.load(file)
    for cases in index.values():
        for case in cases.values():
            del case["duration"]
    return index


sys.exit(0 if read(sys.argv[1]) == read(sys.argv[2]) else 64)
