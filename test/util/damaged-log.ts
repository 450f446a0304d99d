import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { seededRandom } from "./seeded-random.ts";

/** A row of the log that is spoilt, and what is to be said of it. */
interface Damage {
  readonly kind: string;
  readonly spoil: (row: GoodRow) => string | Buffer;
  readonly reason: string;
}

interface GoodRow {
  readonly user: number;
  readonly item: number;
  readonly time: number;
  readonly rating: number;
}

const header = "user,item,time,rating,note";
/** After the last good event, and before the day the log is read. */
const firstTime = 1_600_000_000;

const plain = ({ user, item, time, rating }: GoodRow): string =>
  `${user},${item},${time},${rating},`;
const cells = (row: GoodRow): string[] => plain(row).split(",");
/** The row with some of its cells replaced. */
const but =
  (changes: Readonly<Record<number, string>>) =>
  (row: GoodRow): string =>
    cells(row)
      .map((cell, place) => changes[place] ?? cell)
      .join(",");

const lacks = "the line lacks fields";
const tooMany = "the line has too many fields";
const badUser = "the user id is not an integer from 1 to 2147483647";
const badItem = "the item id is not an integer from 1 to 2147483647";
const badRating = "the rating is not a finite number below 2^53";
const badTime = "the time is not in seconds since 1970";
const future = "the time lies in the future";
const notUtf8 = "the line is not valid UTF-8";
const openQuote = "a quote is never closed";
export const tooLong = "the line is longer than 1 MiB";
export const repeated = "repeats the event of another row";

const withBytes = (row: GoodRow, ...bytes: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from(plain(row)), Buffer.from(bytes)]);

/** Ways to spoil a row; two more, a field of 10 MB and an event told twice, are made by the log itself. */
export const damages: readonly Damage[] = [
  { kind: "last cell cut off", spoil: (row) => cells(row).slice(0, 4).join(","), reason: lacks },
  { kind: "one cell", spoil: (row) => String(row.user), reason: lacks },
  { kind: "white space alone", spoil: () => "   ", reason: lacks },
  { kind: "semicolons", spoil: (row) => cells(row).join(";"), reason: lacks },
  { kind: "tabs", spoil: (row) => cells(row).join("\t"), reason: lacks },
  { kind: "a log message", spoil: () => "WARN writer restarted", reason: lacks },
  { kind: "a cell too many", spoil: (row) => `${plain(row)}x,y`, reason: tooMany },
  { kind: "two rows in one line", spoil: (row) => plain(row) + plain(row), reason: tooMany },
  { kind: "decimal comma", spoil: but({ 3: "4,5" }), reason: tooMany },
  { kind: "nothing but commas", spoil: () => ",,,,", reason: "the user id is missing" },
  { kind: "no user", spoil: but({ 0: "" }), reason: "the user id is missing" },
  { kind: "no item", spoil: but({ 1: "" }), reason: "the item id is missing" },
  { kind: "no time", spoil: but({ 2: "" }), reason: "the time is missing" },
  { kind: "no rating", spoil: but({ 3: "" }), reason: "the rating is missing" },
  { kind: "empty quotes", spoil: but({ 3: '""' }), reason: "the rating is missing" },
  { kind: "open quote at the start", spoil: (row) => `"${plain(row)}`, reason: openQuote },
  { kind: "open quote at the end", spoil: (row) => `${plain(row)}"`, reason: openQuote },
  {
    kind: "open quote between",
    spoil: (row) => but({ 1: `"${row.item}` })(row),
    reason: openQuote,
  },
  { kind: "text after a quote", spoil: but({ 0: '"1"x' }), reason: "text follows a closing quote" },
  { kind: "header again", spoil: () => header, reason: badUser },
  { kind: "words for ids", spoil: but({ 0: "alice" }), reason: badUser },
  { kind: "negative user", spoil: but({ 0: "-5" }), reason: badUser },
  { kind: "user 0", spoil: but({ 0: "0" }), reason: badUser },
  { kind: "fraction of a user", spoil: but({ 0: "1.5" }), reason: badUser },
  { kind: "exponent", spoil: but({ 0: "1e3" }), reason: badUser },
  { kind: "hexadecimal", spoil: but({ 0: "0x1F" }), reason: badUser },
  { kind: "user beyond 2^31", spoil: but({ 0: "99999999999" }), reason: badUser },
  { kind: "leading zeros", spoil: but({ 0: "007" }), reason: badUser },
  { kind: "a space between", spoil: but({ 0: "7 7" }), reason: badUser },
  { kind: "NULL in words", spoil: but({ 0: "NULL" }), reason: "the user id is missing" },
  { kind: "NaN user", spoil: but({ 0: "NaN" }), reason: "the user id is missing" },
  { kind: "NUL byte", spoil: but({ 0: "1\u0000" }), reason: badUser },
  { kind: "carriage return inside", spoil: but({ 0: "1\r" }), reason: badUser },
  { kind: "byte order mark inside", spoil: but({ 0: "\uFEFF1" }), reason: badUser },
  { kind: "zero-width space", spoil: but({ 0: "1\u200B" }), reason: badUser },
  { kind: "SQL", spoil: but({ 0: "1'); drop table interactions; --" }), reason: badUser },
  { kind: "spreadsheet formula", spoil: but({ 0: "=1+1" }), reason: badUser },
  { kind: "UTF-16", spoil: (row) => Buffer.from(plain(row), "utf16le"), reason: badUser },
  { kind: "item beyond 2^31", spoil: but({ 1: "2147483648" }), reason: badItem },
  { kind: "negative item", spoil: but({ 1: "-1" }), reason: badItem },
  { kind: "full-width digits", spoil: but({ 1: "１２" }), reason: badItem },
  { kind: "rating nan", spoil: but({ 3: "nan" }), reason: "the rating is missing" },
  { kind: "rating infinite", spoil: but({ 3: "-Infinity" }), reason: badRating },
  { kind: "rating beyond floats", spoil: but({ 3: "1e999" }), reason: badRating },
  { kind: "rating in words", spoil: but({ 3: "4 stars" }), reason: badRating },
  { kind: "negative time", spoil: but({ 2: "-1" }), reason: badTime },
  { kind: "milliseconds", spoil: but({ 2: "1600000000000" }), reason: badTime },
  { kind: "a date", spoil: but({ 2: "2020-01-01" }), reason: badTime },
  { kind: "next century", spoil: but({ 2: "4102444800" }), reason: future },
  { kind: "the year 3000", spoil: but({ 2: "32503680000" }), reason: future },
  { kind: "latin-1", spoil: (row) => withBytes(row, 0x63, 0xe9), reason: notUtf8 },
  { kind: "a character cut off", spoil: (row) => withBytes(row, 0xe2, 0x82), reason: notUtf8 },
  {
    kind: "random bytes",
    spoil: () => Buffer.from(Array.from({ length: 64 }, (_, k) => (k % 2 === 0 ? 0xff : 0x80 + k))),
    reason: notUtf8,
  },
];

/** What a damaged log holds. */
export interface DamagedLog {
  /** Rows of all kinds. */
  readonly rows: number;
  readonly goodRows: number;
  /** Line and reason of each row that is none, in order. */
  readonly rejects: readonly (readonly [number, string])[];
}

/**
 * Writes a CSV file of ratings of which about a fiftieth of the rows is spoilt, in every way there is, the others good though not all
 * plain: quotes, doubled quotes, line ends within quotes, blank lines between. The same for the same seed.
 */
export async function writeDamagedLog(
  path: string,
  rows: number,
  seed: number,
): Promise<DamagedLog> {
  const random = seededRandom(seed);
  const out = createWriteStream(path);
  const rejects: (readonly [number, string])[] = [];
  let line = 2;
  let pieces: Buffer[] = [Buffer.from(`${header}\n`)];
  const put = (row: string | Buffer, lines = 1): void => {
    pieces.push(Buffer.from(row), Buffer.from("\n"));
    line += lines;
  };
  const reject = (row: string | Buffer, reason: string): void => {
    rejects.push([line, reason]);
    put(row);
  };
  let goodRows = 0;
  let last: GoodRow = { user: 1, item: 1, time: firstTime, rating: 1 };
  for (let k = 0; k < rows; k++) {
    // No event is told twice by chance: each has a second of its own.
    const row = {
      user: 1 + random(5000),
      item: 1 + random(3000),
      time: firstTime + k,
      rating: 1 + random(5),
    };
    if (k === Math.floor(rows / 2)) reject(but({ 4: "x".repeat(10_000_000) })(row), tooLong);
    else if (k % 50 === 49) {
      // Each way in turn, the rows around it good.
      const turn = Math.floor(k / 50) % (damages.length + 1);
      const damage = damages[turn];
      if (damage === undefined) reject(plain(last), repeated);
      else reject(damage.spoil(row), damage.reason);
    } else {
      goodRows++;
      last = row;
      const choice = random(200);
      if (choice === 0) put(but({ 4: '"two\nlines, a ""quote"""' })(row), 2);
      else if (choice === 1) put(but({ 0: `"${row.user}"`, 4: '"žluťoučký, kůň"' })(row));
      else if (choice === 2) put(`${plain(row)}\n`, 2);
      else put(plain(row));
    }
    if (pieces.length > 10_000) {
      if (!out.write(Buffer.concat(pieces))) await once(out, "drain");
      pieces = [];
    }
  }
  out.end(Buffer.concat(pieces));
  await once(out, "close");
  return { rows, goodRows, rejects };
}
