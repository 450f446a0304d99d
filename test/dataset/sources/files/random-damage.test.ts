import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createRandom } from "../../../../src/base/random.ts";
import { quote } from "../../../../src/tables/quote.ts";
import { makeFolder } from "../../../util/hand-made-task.ts";
import {
  loadedCounts,
  loadedEvents,
  loadedRejects,
  loadSource,
} from "../../../util/load-source.ts";
import { type MemoryDatabase, useMemoryDatabase } from "../../../util/memory-database.ts";

const memory = useMemoryDatabase();

interface Event {
  readonly user: number;
  readonly item: number;
  readonly time: number;
  readonly rating: number;
  readonly note: string;
}

/** A file of events, some of them spoilt, and the lines at which these start. */
interface Written {
  readonly content: string | Buffer;
  readonly badLines: readonly number[];
}

const notes = [
  "",
  "fine",
  "two words",
  "one, two",
  "tab\there",
  'say "hi"',
  '"',
  "first\nsecond",
  "first\n1,2,1600000000,3\nlast",
  "a\n\n\nb",
  "žluťoučký 日本 🙂",
];

type Draw = (choices: number) => number;

function drawer(seed: number): Draw {
  const random = createRandom(seed, "damage");
  return (choices) => Math.floor(random.uniform() * choices);
}

/** Events that differ in user, item and time. */
function drawEvents(draw: Draw): readonly Event[] {
  return Array.from({ length: 1 + draw(40) }, (_, k) => ({
    user: 1 + draw(9),
    item: 1 + draw(20),
    time: 1_600_000_000 + k,
    rating: 1 + draw(5),
    note: notes[draw(notes.length)] ?? "",
  }));
}

const columns = { user: "u", item: "i", time: "t", rating: "r" };

/** CSV with quotes; the note stands between other fields or last. */
function writeCsv(events: readonly Event[], isBad: readonly boolean[], draw: Draw): Written {
  const isNoteLast = draw(2) === 0;
  const end = draw(3) === 0 ? "\r\n" : "\n";
  const quoted = (text: string): string =>
    /[",\n]/.test(text) || draw(4) === 0 ? `"${text.replaceAll('"', '""')}"` : text;
  const join4 = (first: string, note: string, last: string): string =>
    isNoteLast ? `${first},${last},${note}` : `${first},${note},${last}`;
  const damaged = (event: Event): Buffer => {
    const { user, item, time, rating } = event;
    const whole = join4(`${user},${item},${time}`, "x", `${rating}`);
    const spoilt = [
      join4(`${user},${item},${time}`, "x", "many"),
      join4(`,${item},${time}`, "x", `${rating}`),
      `${user},${item}`,
      `${whole},more`,
      join4(`${user},${item},${time}`, '"x"y', `${rating}`),
      join4(`${user},${item},${time}`, '"never closed', `${rating}`),
      "???",
    ][draw(8)];
    return spoilt === undefined
      ? Buffer.from(join4(`${user},${item},${time}`, "\xff", `${rating}`), "latin1")
      : Buffer.from(spoilt);
  };
  const header = join4("u,i,t", "note", "r");
  return lay(header, events, isBad, draw, end, damaged, ({ user, item, time, rating, note }) =>
    join4(`${user},${item},${time}`, quoted(note), `${rating}`),
  );
}

/** Tab-separated, without quoting. */
function writeTsv(events: readonly Event[], isBad: readonly boolean[], draw: Draw): Written {
  const plain = (note: string): string => note.replaceAll(/[\t\n]/g, " ");
  const damaged = ({ user, item, time }: Event): Buffer =>
    Buffer.from(
      [`${user}\t${item}\t${time}\t\t"x`, `${user}\t${item}\tsoon\t3\t"`, `"${user}\t${item}`][
        draw(3)
      ] ?? "",
    );
  return lay("u\ti\tt\tr\tnote", events, isBad, draw, "\n", damaged, (event) =>
    [event.user, event.item, event.time, event.rating, plain(event.note)].join("\t"),
  );
}

/** One JSON object per line. */
function writeJson(events: readonly Event[], isBad: readonly boolean[], draw: Draw): Written {
  const text = ({ user: u, item: i, time: t, rating: r, note }: Event): string =>
    JSON.stringify({ u, i, t, r, note });
  const damaged = (event: Event): Buffer => {
    const whole = text(event);
    const spoilt = [
      whole.slice(0, -3),
      `${whole}${whole}`,
      "[1, 2]",
      "null",
      whole.replace('"r":', '"R":'),
      whole.replace(/"t":\d+/, '"t":"later"'),
    ][draw(7)];
    return spoilt === undefined ? Buffer.from(`{"u":"\xff"}`, "latin1") : Buffer.from(spoilt);
  };
  return lay(null, events, isBad, draw, "\n", damaged, text);
}

/** Puts records together, with a blank line here and there, and remembers where the bad ones start. */
function lay(
  header: string | null,
  events: readonly Event[],
  isBad: readonly boolean[],
  draw: Draw,
  end: string,
  damaged: (event: Event) => Buffer,
  written: (event: Event) => string,
): Written {
  const pieces: Buffer[] = header === null ? [] : [Buffer.from(`${header}${end}`)];
  const badLines: number[] = [];
  let line = 1 + pieces.length;
  const hasBlanks = draw(3) === 0;
  for (const [k, event] of events.entries()) {
    if (hasBlanks && draw(4) === 0) {
      pieces.push(Buffer.from(end));
      line++;
    }
    if (isBad[k] === true) badLines.push(line);
    const record = isBad[k] === true ? damaged(event) : Buffer.from(written(event));
    const isLast = k === events.length - 1 && draw(2) === 0;
    pieces.push(record, Buffer.from(isLast ? "" : end));
    line += 1 + record.filter((byte) => byte === 0x0a).length;
  }
  return { content: Buffer.concat(pieces), badLines };
}

const formats = {
  csv: { source: "csv", write: writeCsv, csv: {} },
  tsv: { source: "csv", write: writeTsv, csv: { quote: "none" } },
  jsonl: { source: "json", write: writeJson, csv: {} },
} as const;

/** Loads a file, bad rows skipped. */
async function load(
  { dir }: MemoryDatabase,
  name: string,
  { source, csv }: { readonly source: string; readonly csv: object },
  content: string | Buffer,
): Promise<readonly (readonly unknown[])[]> {
  const path = join(await makeFolder(join(dir, "in"), { [name]: content }), name);
  const policy = { onBadRow: "skip", maxBadShare: 1, ids: "integer", duplicates: "first" };
  const dataset = { source, columns, ...policy, interactions: path, csv };
  await loadSource(memory, source === "json" ? { ...dataset, csv: undefined } : dataset);
  return loadedEvents(memory);
}

describe.each(Object.entries(formats))("random damage in %s", (format, form) => {
  test(
    "rows are kept or told by their lines, and those kept are as in the file without the others",
    { timeout: 300_000 },
    async () => {
      for (let seed = 0; seed < 60; seed++) {
        const draw = drawer(seed);
        const events = drawEvents(draw);
        const isBad = events.map((_, k) => k > 0 && draw(6) === 0);
        const { content, badLines } = form.write(events, isBad, draw);
        const name = draw(3) === 0 ? `log.${format}.gz` : `log.${format}`;
        const bytes = name.endsWith(".gz") ? gzipSync(content) : content;
        const kept = await load(memory, name, form, bytes);
        const rejects = await loadedRejects(memory);
        const [read] = await loadedCounts(memory);
        const context = `seed ${seed}: ${String(content)}`;
        expect([read?.[2], kept.length], context).toEqual([
          events.length,
          events.length - badLines.length,
        ]);
        expect(
          rejects.map(([line]) => line),
          context,
        ).toEqual(badLines);
        expect(kept, context).toEqual(
          events
            .filter((_, k) => isBad[k] !== true)
            .map(({ user, item, time, rating }) => [
              ...[user, item, rating],
              new Date(1000 * time).toISOString(),
            ]),
        );
      }
    },
  );
});

describe("random damage in Parquet", () => {
  test("rows are kept or told by their lines", { timeout: 120_000 }, async () => {
    for (let seed = 0; seed < 20; seed++) {
      const draw = drawer(seed);
      const events = drawEvents(draw);
      const damages = ["", "u = null", "r = 'nan'", "t = -1", "i = null"];
      const chosen = events.map((_, k) => (k > 0 ? draw(15) : 0));
      const values = events.map(({ user, item, time, rating }, k) => {
        const damage = damages[chosen[k] ?? 0] ?? "";
        const cell = (name: string, value: number): string =>
          damage.startsWith(`${name} =`) ? damage.slice(4) : String(value);
        return `(${cell("u", user)}, ${cell("i", item)}, ${cell("t", time)}, ${cell("r", rating)}::double)`;
      });
      const path = join(await makeFolder(join(memory.dir, "in"), {}), "log.parquet");
      await memory.db.run(
        `copy (select * from (values ${values.join(", ")}) as e(u, i, t, r)) to ${quote(path)} (format parquet)`,
      );
      await loadSource(memory, {
        ...{ source: "parquet", interactions: path, columns, ids: "integer" },
        ...{ onBadRow: "skip", maxBadShare: 1, duplicates: "first" },
      });
      const isBad = chosen.map((choice) => choice > 0 && choice < damages.length);
      const rejects = await loadedRejects(memory);
      expect(rejects.map(([line]) => line)).toEqual(
        isBad.flatMap((bad, k) => (bad ? [k + 1] : [])),
      );
      expect((await loadedEvents(memory)).map((event) => event[3])).toEqual(
        events
          .filter((_, k) => isBad[k] !== true)
          .map(({ time }) => new Date(1000 * time).toISOString()),
      );
    }
  });
});
