import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectDetails } from "../../src/report/collect/collect-details.ts";
import { collectResults } from "../../src/report/collect/collect-results.ts";
import { renderReport } from "../../src/report/render-report.ts";
import type { RunFacts } from "../../src/report/run-facts.ts";
import type { Database } from "../../src/tables/database.ts";
import { addEveryPair, sampleExperiment } from "./sample-experiment.ts";
import { makeRunTable } from "../util/hand-made-table.ts";
import { sampleDatabase, sampleFacts, simulatedFacts } from "./sample-run.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-report-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function pageOf(db: Database, facts: RunFacts = sampleFacts): Promise<string> {
  const results = await collectResults(db, facts);
  return renderReport(results, await collectDetails(db, results));
}

describe("renderReport of a whole run", () => {
  let db: Database;
  let page: string;
  beforeAll(async () => {
    db = await sampleDatabase(folder, "train");
    page = await pageOf(db);
  });
  afterAll(() => {
    db.close();
  });

  test("escapes titles and texts of the data", () => {
    expect(page).not.toMatch(/<script/i);
    expect(page).toContain("&#60;script&#62;alert(1)&#60;/script&#62;");
    expect(page).not.toContain("<b>westerns</b>");
  });

  test("escapes names, labels and settings, in figures too", async () => {
    const evil = `"><img src=x onerror=alert(1)>`;
    const other = await sampleDatabase(folder, "train");
    for (const table of ["results", "training_log", "slices", "selections", "comparisons"]) {
      await other.run(`update ${table} set backbone = $evil`, { evil });
    }
    const evilPage = await pageOf(other, {
      ...sampleFacts,
      name: evil,
      dataset: { ...sampleFacts.dataset, label: evil },
      settings: { [evil]: evil },
      cpuModel: evil,
      stages: [{ name: evil, seconds: 1, tasks: 1 }],
    });
    other.close();
    expect(evilPage).not.toContain("<img");
  });

  test("lists the rows that were left out, by step and reason", () => {
    const table = page.split("Source rows that did not become interactions").at(-1) ?? "";
    const [body = ""] = table.split("</table>");
    const cells = [...body.matchAll(/<td[^>]*>([^<]*)</g)];
    expect(cells.map(([, cell]) => cell)).toEqual([
      ...["bad row", "the time is missing", "2"],
      ...["duplicate", "repeats the event of another row", "1"],
    ]);
  });

  test("loads nothing: no script, no link, no address outside the page", () => {
    const targets = [...page.matchAll(/(?:src|href)\s*=\s*"([^"]*)"/g)].map((match) => match[1]);
    expect(targets.every((target) => target?.startsWith("#"))).toBe(true);
    expect(page).not.toMatch(/https?:\/\/|<script|<link|@import|url\(/i);
    expect(page).toContain("default-src 'none'");
  });

  test("shows the headline, the means and the interval with its resamples", () => {
    expect(page).toContain("R4ec ranks better than Base.");
    expect(page).toContain("0.7400 ± 0.0141");
    expect(page).toContain("+0.0300 [+0.0100, +0.0500]");
    expect(page).toContain("95 %, paired bootstrap over users, 1,000 resamples");
  });

  test("draws lift, curves and distributions with a title and a description each", () => {
    const figures = [
      ...page.matchAll(
        /<svg[^>]*role="img"[^>]*>\s*<title>([^<]+)<\/title>\s*<desc>([^<]+)<\/desc>/g,
      ),
    ];
    expect(figures.map((match) => match[1])).toEqual([
      "Lift in AUC over Base on the same test rows",
      "AutoInt: lift in AUC over Base by bucket",
      "AutoInt: Validation AUC, by epoch",
      "AutoInt: Training loss in nats, by epoch",
      "Texts judged reasonable by the end of each round",
      "Length of the texts at the end of each round",
      "Ratings given",
      "Interactions over time by role",
    ]);
    expect(figures[0]?.[2]).toBe("AutoInt: +0.0300 [+0.0100, +0.0500]");
    expect(page).toContain("valid starts on 2000-01-03, test starts on 2000-01-04");
  });

  test("marks what a refinement dropped and added", () => {
    expect(page).toContain("<del>Avoids &#60;b&#62;westerns&#60;/b&#62;.</del>");
    expect(page).toContain("<ins>Rated one western.</ins>");
  });

  test("never calls the profiler an LLM", () => {
    expect(page).toContain("statistics written out as sentences, not an LLM");
    expect(page.replaceAll("not an LLM", "")).not.toMatch(/LLM/);
  });

  test("warns of simulated viewers only where they are", async () => {
    const warning = "The viewers are simulated";
    expect(page).not.toContain(warning);
    const simulated = await pageOf(db, simulatedFacts);
    expect(simulated).toContain(warning);
    const how = "built so that first ratings reveal taste";
    expect(simulated).toContain(how);
    expect(page).not.toContain(how);
  });

  test("is the same page for the same tables and facts", async () => {
    expect(await pageOf(db)).toBe(page);
  });

  test("says when test rows chose the epoch and there is no validation", async () => {
    const other = await sampleDatabase(folder, "train");
    await other.run("update results set selected_on = 'test'");
    await other.run("update training_log set valid_auc = null");
    const otherPage = await pageOf(other, { ...sampleFacts, protocol: "reference" });
    other.close();
    expect(otherPage).toContain("selected on test, which flatters every score");
    expect(otherPage).toContain('<span class="tag">selected on test</span>');
    expect(otherPage).toContain("Test results, selected on test:");
    expect(page).not.toContain("selected on test");
    expect(otherPage).toContain("no validation split");
    expect(otherPage).not.toContain("Validation AUC");
  });

  test("shows failed audits as failed", async () => {
    const other = await sampleDatabase(folder, "contexts");
    await other.run("update audits set violations = 3");
    expect(await pageOf(other)).toContain("3 rows break a rule.");
    other.close();
  });
});

describe("renderReport of an experiment", () => {
  let db: Database;
  let page: string;
  beforeAll(async () => {
    db = await sampleExperiment(folder);
    page = await pageOf(db);
  });
  afterAll(() => {
    db.close();
  });

  test("has a sentence for each knowledge variant against Base, and none for controls", () => {
    const leads = [...page.matchAll(/<p class="lead">\s*([^<]*?)\s*<\/p>/g)].map(
      (match) => match[1],
    );
    expect(leads).toEqual([
      "KAR ranks better than Base on both backbones.",
      "R4ec ranks better than Base on both backbones.",
      "KAR against the controls: worse than Base + statistics; better than Permuted.",
      "R4ec against the controls: no measurable difference from Base + statistics; better than Permuted.",
    ]);
  });

  test("draws knowledge against the controls, and the lift by bucket, for each backbone", () => {
    const titles = [...page.matchAll(/<title>([^<]+)<\/title>/g)].map((match) => match[1]);
    expect(titles.slice(1, 6)).toEqual([
      "Lift in AUC over Base on the same test rows",
      "AutoInt: lift in AUC over each control",
      "DCN: lift in AUC over each control",
      "AutoInt: lift in AUC over Base by bucket",
      "DCN: lift in AUC over Base by bucket",
    ]);
    expect(page).toContain("KAR − Base + statistics: −0.0100 [−0.0150, −0.0050]");
    expect(page).toContain("R4ec, cold items: +0.0930"); // 0.031 higher and (0.032 − 0.001) × 2 more
  });

  test("shows every trial with what it sets, by the split that chose and by no other", () => {
    expect(page).toContain("One trial per backbone and variant was selected on valid");
    expect(page).toContain("learningRate");
    expect(page).toContain("0.7110"); // Base's on valid
    expect(page.match(/<strong>selected<\/strong>/g)).toHaveLength(10);
    expect(page).not.toContain("0.6510 ±"); // what the other trial reached on test
    expect(page).toContain(
      "selected on valid; the test split was scored once; the trial (one of 2",
    );
  });

  test("says that trials were selected on test where they were", async () => {
    const other = await sampleExperiment(folder);
    await other.run("update results set selected_on = 'test'");
    await other.run("update selections set split = 'test'");
    const otherPage = await pageOf(other);
    other.close();
    expect(otherPage).toContain("One trial per backbone and variant was selected on test");
    expect(otherPage.match(/<span class="tag">selected on test<\/span>/g)).toHaveLength(4);
  });

  test("leaves the controls out of the curves, and says so", () => {
    expect(page).toContain("Controls are not shown.");
    expect(page).toContain("The 20 trained\n        models of the selected trials");
  });

  test("escapes variants, settings and buckets, in figures too", async () => {
    const evil = `"><img src=x onerror=alert(1)>`;
    const other = await sampleExperiment(folder);
    for (const table of ["results", "training_log", "slices", "selections", "comparisons"]) {
      await other.run(`update ${table} set variant = $evil where variant = 'r4ec'`, { evil });
    }
    await other.run("update comparisons set baseline = $evil || 'c' where baseline = 'permuted'", {
      evil,
    });
    await other.run("update results set variant = $evil || 'c' where variant = 'permuted'", {
      evil,
    });
    await other.run("update selections set variant = $evil || 'c' where variant = 'permuted'", {
      evil,
    });
    await other.run("update slices set bucket = $evil where bucket = 'cold'", { evil });
    await other.run("update results set settings = $settings", {
      settings: JSON.stringify({ [evil]: evil }),
    });
    const evilPage = await pageOf(other);
    other.close();
    expect(evilPage).toContain("onerror");
    expect(evilPage).not.toContain("<img");
  });
});

describe("renderReport of an experiment with every pair", () => {
  let page: string;
  beforeAll(async () => {
    const db = await sampleExperiment(folder);
    await addEveryPair(db);
    page = await pageOf(db);
    db.close();
  });
  const marked = (part: string) =>
    [...part.matchAll(/class="difference (\w+)" title="([^"]+)"\s*>([^<]+)</g)].map(
      ([, ...parts]) => parts,
    );
  const text = (): string => page.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

  test("says how knowledge variants compare with each other, and what p-values are corrected for", () => {
    expect(text()).toContain("R4ec against other knowledge: better than KAR.");
    expect(text()).toContain("all pairs of variants on a backbone (10)");
    expect(page).toContain('<a href="#pairs">');
    expect(page).toContain("R4ec − KAR: +0.0110 [+0.0105, +0.0115]");
  });

  test("has a matrix of all pairs, with the interval and both p-values of each cell", () => {
    const cells = marked(page.slice(page.indexOf('id="pairs"'), page.indexOf('id="slices"')));
    expect(cells).toHaveLength(20); // ten pairs on each backbone
    expect(cells).toContainEqual([
      ...["unclear", "+0.0010 [+0.0005, +0.0015]; p alone 0.030, by Holm 0.060", "+0.0010"],
    ]);
    expect(cells.filter(([verdict]) => verdict === "lower")).toHaveLength(4); // Permuted and KAR under Base + statistics
  });

  test("draws an interval for each bucket, and claims only what the correction leaves", () => {
    expect(page).toContain("R4ec, cold items: +0.0930 [+0.0210, +0.0410]");
    expect(text()).toContain("Whisker: 95 %, paired bootstrap over users, 500 resamples");
    const cells = marked(page.slice(page.indexOf('id="slices"')));
    const interval = "+0.0930 [+0.0210, +0.0410]";
    expect(cells).toContainEqual([
      ...["unclear", `${interval}; p alone 0.010, by Holm 0.400`, interval],
    ]);
    expect(cells.map(([verdict, , text]) => [verdict, text])).toContainEqual([
      ...["higher", "+0.0900 [+0.0200, +0.0400]"],
    ]);
  });
});

describe("renderReport of an unfinished run", () => {
  test("says of each empty section which stage fills it", async () => {
    const db = await sampleDatabase(folder, "samples");
    const page = (await pageOf(db)).replace(/\s+/g, " ");
    db.close();
    expect(page).toContain("once the stage <code>train</code> has run");
    expect(page).toContain("once the stage <code>knowledge</code> has run");
    expect(page).toContain("60.0 %");
  });

  test("shows the data before it is split", async () => {
    const db = await sampleDatabase(folder, "ingest");
    const page = await pageOf(db);
    db.close();
    expect(page).toContain("once the stage <code>samples</code> has run");
    expect(page).toContain("<desc>interaction: 5</desc>");
  });

  test("says that a run of Base alone needs no knowledge and compares nothing", async () => {
    const db = await sampleDatabase(folder, "train");
    for (const table of ["user", "item"]) {
      await db.run(`delete from ${table}_knowledge`);
      await db.run(`delete from ${table}_embeddings`);
    }
    await db.run("delete from results where variant = 'r4ec'");
    for (const table of ["comparisons", "slices"]) await db.run(`delete from ${table}`);
    const page = await pageOf(db);
    db.close();
    expect(page).toContain("Only one variant was trained");
    expect(page).toContain("No variant of this run reads knowledge");
  });

  test("names the teacher's errors, also where no knowledge was written", async () => {
    const db = await sampleDatabase(folder, "contexts");
    await db.run(`create table construction as select 'user' as subject, 1 as subject_id, 0 as sample,
      'length' as drop_reason, 'reason: the answer was cut off' as error`);
    const page = await pageOf(db);
    db.close();
    expect(page).toContain("1 of 1 by the teacher about users (length 1)");
    expect(page).toContain("--retry length");
  });

  test("shows how many rows actor and reflector can be fine-tuned on, and how long they are", async () => {
    const db = await sampleDatabase(folder, "contexts");
    expect(await pageOf(db)).not.toContain("Fine-tuning data");
    const lesson = (tokens: number, split: string, counted: string) => ({
      ...{ subject: "user", subject_id: tokens, sample: 0, split, tokens, counted },
    });
    const actor = [lesson(1000, "train", "exact"), lesson(2049, "valid", "exact")];
    await makeRunTable(db, "sft_reason", actor);
    await makeRunTable(db, "sft_refine", []);
    await makeRunTable(db, "sft_reflect", [lesson(512, "train", "estimated")]);
    const page = await pageOf(db);
    expect(page).toContain("Fine-tuning data");
    expect(cellsAfter(page, "actor about users")).toEqual([
      "2",
      "1",
      "2",
      "1,525",
      "2,049",
      "2,049",
      "1",
    ]);
    expect(cellsAfter(page, "reflector about users")).toEqual([
      "1",
      "0",
      "1",
      "512",
      "512",
      "512",
      "0",
    ]);
    expect(page).toContain("Tokens are estimated as one per four characters.");
    // A run of a version that counted no tokens.
    await db.run("alter table sft_reason drop column tokens");
    expect(await pageOf(db)).not.toContain("Fine-tuning data");
    db.close();
  });

  test("stands without any table", async () => {
    const db = await sampleDatabase(folder, "ingest");
    for (const table of ["interactions", "items", "users"]) await db.run(`drop table ${table}`);
    const page = await pageOf(db);
    db.close();
    expect(page).toContain("once the stage <code>ingest</code> has run");
  });
});

/** The other cells of the table row that begins with a text. */
function cellsAfter(page: string, first: string): readonly string[] {
  const row = page.slice(page.indexOf(`>${first}</td>`)).split("</tr>")[0] ?? "";
  return [...row.matchAll(/<td[^>]*>([^<]*)<\/td>/gu)].map(([, cell = ""]) => cell.trim());
}
