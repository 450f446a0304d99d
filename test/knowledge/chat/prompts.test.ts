import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { AnswerForm } from "../../../src/knowledge/chat/answer-form.ts";
import { promptHashes } from "../../../src/knowledge/chat/prompt-versions.ts";
import {
  askedAgain,
  itemPrompts,
  userPrompts,
  type Prompt,
} from "../../../src/knowledge/chat/prompts.ts";
import { readQuestion } from "../../util/scripted-model.ts";
import { domains, type Domain } from "./domains.ts";

const forms: readonly AnswerForm[] = ["tags", "schema"];
const text = "The text before.";
const reflection = "It names <nothing>\nof note.";

/** Every prompt about a domain by its name. */
function promptsOf(domain: Domain, form: AnswerForm): Readonly<Record<string, Prompt>> {
  const user = userPrompts(domain.nouns, form);
  const item = itemPrompts(domain.nouns, form);
  return {
    "user-reason": user.reason(domain.user),
    "user-reflect": user.reflect(domain.user, text),
    "user-refine": user.refine(domain.user, text, reflection),
    "user-kar": user.kar(domain.user),
    "user-construct-reason": user.constructReason(domain.userCase),
    "user-construct-reflect": user.constructReflect(domain.userCase, text),
    "user-construct-refine": user.constructRefine(domain.userCase, text, reflection),
    "item-reason": item.reason(domain.item),
    "item-reflect": item.reflect(domain.item, text),
    "item-refine": item.refine(domain.item, text, reflection),
    "item-kar": item.kar(domain.item),
    "item-construct-reason": item.constructReason(domain.itemCase),
    "item-construct-reflect": item.constructReflect(domain.itemCase, text),
    "item-construct-refine": item.constructRefine(domain.itemCase, text, reflection),
  };
}

function promptOf(domain: Domain, form: AnswerForm, name: string): Prompt {
  const prompt = promptsOf(domain, form)[name];
  if (prompt === undefined) throw new Error(`no prompt ${name}`);
  return prompt;
}

/** What a prompt says in the user's turn. */
function turnOf(domain: Domain, form: AnswerForm, name: string): string {
  return promptOf(domain, form, name).messages[1]?.content ?? "";
}

/** A prompt of every domain in both forms, as a person reads it. */
function rendered(name: string): string {
  const parts = domains.flatMap((domain) =>
    forms.map((form) => {
      const prompt = promptOf(domain, form, name);
      const messages = prompt.messages.map(({ role, content }) => `[${role}]\n${content}\n`);
      const schema = prompt.schema === null ? "none" : JSON.stringify(prompt.schema);
      const again = askedAgain(prompt).messages.at(-1)?.content.slice(-prompt.reminder.length);
      return `===== ${domain.name}, ${form}\n${messages.join("")}[schema]\n${schema}\n[asked again]\n${again ?? ""}\n`;
    }),
  );
  return parts.join("\n");
}

const hashes: Readonly<Record<string, readonly string[]>> = promptHashes;
const names = Object.keys(hashes);
const versionOf = (name: string): string => `${name}@${hashes[name]?.length ?? 0}`;

describe("every prompt", () => {
  test.each(names)("%s reads as its golden file and has the hash of its version", async (name) => {
    const now = rendered(name);
    const hash = createHash("sha256").update(now).digest("hex").slice(0, 16);
    expect(
      hashes[name]?.at(-1),
      `${name} no longer reads as ${versionOf(name)}. Add "${hash}" to the END of its list in ` +
        "src/knowledge/chat/prompt-versions.ts: the new wording is a new version, and answers to the old one stay apart",
    ).toBe(hash);
    await expect(now).toMatchFileSnapshot(`golden/${versionOf(name)}.txt`);
  });

  test.each(names)("%s carries its own name and version", (name) => {
    for (const domain of domains) {
      for (const form of forms) {
        expect(promptOf(domain, form, name).promptVersion).toBe(versionOf(name));
      }
    }
  });

  test.each(names)("%s speaks of books to a bookshop, and never of films", (name) => {
    const [, books] = domains;
    if (books === undefined) throw new Error("no books");
    const all = promptOf(books, "tags", name).messages.map(({ content }) => content);
    expect(all.join("\n")).toMatch(/\bbooks?\b/u);
    expect(all.join("\n")).not.toMatch(/\b(?:films?|viewers?|movies?|cast)\b/u);
  });

  test.each(names)("%s is one question: system and user, without a turn of the model", (name) => {
    for (const domain of domains) {
      for (const form of forms) {
        const { messages } = promptOf(domain, form, name);
        expect(messages.map(({ role }) => role)).toEqual(["system", "user"]);
      }
    }
  });

  test("enforces a schema where the answer has parts and the form is schema, and nowhere else", () => {
    const hasSchema = (form: AnswerForm): string[] =>
      domains.flatMap((domain) =>
        Object.entries(promptsOf(domain, form)).flatMap(([name, prompt]) =>
          prompt.schema === null ? [] : [name],
        ),
      );
    expect(hasSchema("tags")).toEqual([]);
    expect(new Set(hasSchema("schema"))).toEqual(
      new Set(names.filter((name) => /reflect|construct/u.test(name))),
    );
  });
});

describe("for the server's prefix cache", () => {
  test.each(["user-", "item-", "user-construct-", "item-construct-"])(
    "%sreason, reflect and refine begin alike: up to the end of the data, then up to the text",
    (stem) => {
      for (const domain of domains) {
        for (const form of forms) {
          const [reason = "", reflect = "", refine = ""] = ["reason", "reflect", "refine"].map(
            (task) => turnOf(domain, form, `${stem}${task}`),
          );
          const evidence = `${reason.split("</data>")[0] ?? ""}</data>\n\n`;
          expect(reflect.startsWith(evidence)).toBe(true);
          expect(refine.startsWith(evidence)).toBe(true);
          const [untilText] = reflect.split('The text before."');
          expect(untilText?.length).toBeGreaterThan(evidence.length);
          expect(refine.startsWith(`${untilText ?? ""}The text before."`)).toBe(true);
        }
      }
    },
  );

  test.each(names)("%s says before its data only what holds for every subject", (name) => {
    for (const domain of domains) {
      const before = turnOf(domain, "tags", name).split("<data>\n")[0];
      const other = { ...domain, user: { userId: 9, history: [] }, item: otherItem(domain) };
      const emptied: Domain = {
        ...other,
        userCase: { context: other.user, target: other.item.item },
        itemCase: { context: other.item, targetHistory: [] },
      };
      expect(turnOf(emptied, "tags", name).split("<data>\n")[0]).toBe(before);
    }
  });

  test("asking again keeps all that was sent and adds to its end", () => {
    for (const domain of domains) {
      for (const prompt of Object.values(promptsOf(domain, "tags"))) {
        const again = askedAgain(prompt).messages;
        expect(again.slice(0, -1)).toEqual(prompt.messages.slice(0, -1));
        const [before, after] = [prompt.messages.at(-1)?.content, again.at(-1)?.content];
        expect(after).toBe(`${before ?? ""}\n\n${prompt.reminder}`);
      }
    }
  });
});

describe("what a prompt gives away", () => {
  test("inference shows neither target nor a word of one; construction shows the target without its rating", () => {
    for (const domain of domains) {
      const { title } = domain.userCase.target;
      for (const [name, prompt] of Object.entries(promptsOf(domain, "tags"))) {
        const all = prompt.messages.map(({ content }) => content).join("\n");
        const isConstruction = name.includes("construct");
        expect(all.includes(title), `${name} names the target`).toBe(isConstruction);
        expect(/\btarget\b|<verdict>/u.test(all), `${name} speaks of a target`).toBe(
          isConstruction,
        );
      }
      const user = readQuestion(userPrompts(domain.nouns, "tags").constructReason(domain.userCase));
      const shown = user.subject === "user" ? (user.data.target ?? {}) : {};
      expect(Object.keys(shown)).toContain("title");
      expect(Object.keys(shown)).not.toContain("rating");
      expect(Object.keys(shown)).not.toContain("verdict");
      expect(Object.keys(shown).some((name) => name.startsWith("was "))).toBe(false);
    }
  });

  test("one chain of thought about an item shows the item alone, and about a user what is known of them", () => {
    for (const domain of domains) {
      const film = readQuestion(itemPrompts(domain.nouns, "tags").kar(domain.item));
      expect(film).toMatchObject({ subject: "item", data: { liker: null, disliker: null } });
      const all = itemPrompts(domain.nouns, "tags").kar(domain.item).messages;
      const [first] = domain.user.history;
      expect(all.map(({ content }) => content).join("\n")).not.toContain(first?.item.title);
      const user = readQuestion(userPrompts(domain.nouns, "tags").kar(domain.user));
      expect(user.data).toMatchObject({ attributes: { age: ["25-34"] } });
      const reason = readQuestion(userPrompts(domain.nouns, "tags").reason(domain.user));
      expect(reason.data).not.toHaveProperty("attributes");
    }
  });

  test("a log of purchases is spoken of as one, and never of ratings, stars or likes", () => {
    const kitchen = domains.find(({ name }) => name === "kitchen products");
    if (kitchen === undefined) throw new Error("no kitchen products");
    for (const [name, prompt] of Object.entries(promptsOf(kitchen, "tags"))) {
      const all = prompt.messages.map(({ content }) => content).join("\n");
      expect(all, name).not.toMatch(/\b(?:ratings?|rated|stars?|liker|dislikers?|liked|likes)\b/u);
      if (name !== "item-kar") expect(all, name).toContain("bought");
    }
  });

  test("the best rating and what counts as liked are stated, where they are known", () => {
    const [films, , games] = domains;
    const entry = (domain: Domain | undefined): string =>
      domain === undefined
        ? ""
        : (promptOf(domain, "tags", "user-reason").messages[1]?.content ?? "");
    expect(entry(films)).toContain(
      'the rating it got, of 5 at most, and whether that counts as "like" (above 3) or "dislike"',
    );
    expect(entry(games)).toContain(
      'the rating it got, and whether that counts as "like" (above 3)',
    );
  });

  test("titles are shown as people read them", () => {
    const [films] = domains;
    const data =
      films === undefined ? "" : promptOf(films, "tags", "user-reason").messages[1]?.content;
    expect(data).toContain('"title":"The Lamp Street"');
    expect(data).toContain('\\u003cHour\\u003e & After"');
  });

  test("texts about items are asked not to name what the two people rated", () => {
    for (const domain of domains) {
      const { items } = domain.nouns;
      for (const [name, prompt] of Object.entries(promptsOf(domain, "tags"))) {
        if (!name.startsWith("item-") || /reflect|kar/u.test(name)) continue;
        expect(prompt.messages.at(-1)?.content).toContain(
          `name none of the ${items} in the histories`,
        );
      }
    }
  });
});

function otherItem({ item }: Domain): Domain["item"] {
  const other = { itemId: 77, title: "Another", year: null, attributes: { colour: ["red"] } };
  return { ...item, itemId: 77, item: other, liker: null };
}
