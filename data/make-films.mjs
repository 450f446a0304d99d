/**
 * @file How films.csv was made: facts from the movie table of the npm package vega-datasets, cleaned.
 * Not part of the build. To repeat it, in any scratch folder:
 *
 *   npm i vega-datasets@3.2.1
 *   node <checkout>/data/make-films.mjs node_modules/vega-datasets/data/movies.json <checkout>/data/films.csv
 *
 * README.md beside this file says what is kept, what is left out and why.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { TextDecoder } from "node:util";

/** The table was compiled in 2010; a later year is a two-digit year read as 20xx instead of 19xx. */
const LAST_YEAR = 2012;

/**
 * Films known only by their year stand as 1 January, shifted to 31 December of the year before by a time zone
 * ("Casablanca", Dec 31 1941). These few did open in the last days of the year that stands there.
 */
const REALLY_DECEMBER = new Set([
  "The Deer Hunter",
  "Witchboard",
  "Oscar and Lucinda",
  "Confessions of a Dangerous Mind",
  "Defiance",
  "Good",
]);

const COLUMNS = [
  "item_id",
  "title",
  "year",
  "genre",
  "director",
  "source",
  "style",
  "audience",
];

const [inputPath, outputPath] = process.argv.slice(2);
if (inputPath === undefined || outputPath === undefined) {
  throw new Error("usage: node make-films.mjs MOVIES_JSON FILMS_CSV");
}

const seen = new Set();
const lines = [COLUMNS.join(",")];
for (const movie of JSON.parse(readFileSync(inputPath, "utf8"))) {
  const title = titleOf(movie.Title);
  const genre = movie["Major Genre"] ?? "";
  const year = yearOf(movie["Release Date"], title);
  const key = `${title.toLowerCase()} ${year}`;
  if (title === "" || genre === "" || seen.has(key)) continue;
  seen.add(key);
  const style = movie["Creative Type"] ?? "";
  const audience = movie["MPAA Rating"] ?? "";
  const fields = [
    String(lines.length),
    title,
    year,
    genre,
    clean(movie.Director ?? ""),
    clean(movie.Source ?? ""),
    style === "Multiple Creative Types" ? "" : style,
    audience === "Open" ? "" : audience,
  ];
  lines.push(fields.map(quoted).join(","));
}
writeFileSync(outputPath, `${lines.join("\n")}\n`);

/** "Secret, The" -> "The Secret"; "Lolita (1962)" -> "Lolita"; a numeric title such as 300 becomes text. */
function titleOf(value) {
  const text = clean(String(value ?? "")).replace(/ \((?:19|20)\d\d\)$/, "");
  const article = /^(.*), (The|A|An)$/.exec(text);
  return article === null ? text : `${article[2]} ${article[1]}`;
}

function yearOf(releaseDate, title) {
  const [month, day, year] = releaseDate.split(" ");
  // The epoch itself, seen through a time zone: the date is unknown.
  if (releaseDate === "Dec 31 1969") return "";
  const written = Number(year);
  const shifted =
    month === "Dec" && day === "31" && !REALLY_DECEMBER.has(title) ? written + 1 : written;
  return String(shifted > LAST_YEAR ? shifted - 100 : shifted);
}

/** Undoes the source's broken accents: Windows-1252 bytes that were once read as Mac Roman ("CachÈ" for "Caché"). */
function clean(text) {
  const mended = /^[\u0000-\u007f³]*$/.test(text)
    ? text
    : new TextDecoder("windows-1252").decode(Uint8Array.from(text, macRomanByte));
  return mended.replaceAll(`""`, `"`).replace(/\s+/g, " ").trim();
}

function macRomanByte(character) {
  const decoder = new TextDecoder("macintosh");
  for (let byte = 0; byte < 256; byte++) {
    if (decoder.decode(Uint8Array.of(byte)) === character) return byte;
  }
  throw new Error(`no Mac Roman byte for ${JSON.stringify(character)}`);
}

function quoted(field) {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
