"""What campaigns have counted, as tables for docs/reliability.md.

python -m tests.campaigns.counts counts.txt

Every line of the file is a trial that went well; one that does not ends its campaign with a failing test.
"""

import collections
import json
import sys
from pathlib import Path


def table(rows, campaign, columns):
    """Return the sums of some counts of a campaign by command, the largest of ``slowest``, as a Markdown table."""
    found = [row for row in rows if row["campaign"] == campaign]
    sums = collections.defaultdict(lambda: dict.fromkeys(columns, 0) | {"trials": 0})
    for row in found:
        here = sums[row["command"]]
        here["trials"] += 1
        for name in columns:
            here[name] = max(here[name], row[name]) if name in ("slowest", "of") else here[name] + row.get(name, 0)
    lines = [f"| {campaign} | trials | {' | '.join(columns)} |", "|---|" + "---:|" * (1 + len(columns))]
    lines += [f"| `{name}` | {n['trials']} | {' | '.join(str(n[c]) for c in columns)} |" for name, n in sums.items()]
    return "\n".join(lines) + "\n" if found else ""


def main():
    """Print the tables of a file."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    columns = {
        "kills": ["kills", "ended", "slowest"],
        "kills of ranks": ["kills"],
        "events": ["kills", "of"],
        "full disk": ["points", "refused"],
        "unfinished": ["told", "made_again", "kept", "silently_accepted", "traceback"],
    }
    print("\n".join(filter(None, (table(rows, name, of) for name, of in columns.items()))))


if __name__ == "__main__":
    main()
