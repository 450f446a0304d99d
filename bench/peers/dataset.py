"""A plain Python version of the dataset stage under protocol `reference`: ratings.dat to train and test rows with histories.

The way such preprocessing is usually written: one pass over the file, a list a user, a JSON line a row.
Baseline of bench/dataset.ts. Usage: python3 dataset.py RATINGS_DAT OUT_DIR HISTORY
"""

import json
import sys
from collections import defaultdict
from datetime import datetime, timezone


def main(ratings_path, out_dir, history):
    users = defaultdict(list)
    with open(ratings_path, encoding="latin-1") as lines:
        for line in lines:
            user, item, rating, epoch_s = line.rstrip().split("::")
            day = datetime.fromtimestamp(int(epoch_s), timezone.utc).date()
            users[int(user)].append((int(item), int(rating), day))
    counts = {"train": 0, "test": 0}
    with open(f"{out_dir}/train.jsonl", "w") as train, open(f"{out_dir}/test.jsonl", "w") as test:
        for user, events in users.items():
            events.sort(key=lambda event: event[2])
            last_train = int(0.8 * len(events))
            for place in range(11, len(events)):
                item, rating, _ = events[place]
                past = events[max(0, place - history) : place]
                row = [user, item, int(rating > 3), [e[0] for e in past], [e[1] for e in past]]
                split, file = ("train", train) if place <= last_train else ("test", test)
                file.write(json.dumps(row) + "\n")
                counts[split] += 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
