"""Both verdicts of every case must be good words."""
import json
import sys

GOOD = {"OK", "INFORMATIONAL", "UNIMPLEMENTED"}
bad = 0
with open(sys.argv[1], encoding="utf-8") as file:
    index = json.load(file)
for agent, cases in index.items():
    for number, case in cases.items():
        if case["behavior"] not in GOOD or case["behaviorClose"] not in GOOD:
            print(agent, number, case["behavior"], case["behaviorClose"])
            bad += 1
sys.exit(1 if bad or not index else 0)
