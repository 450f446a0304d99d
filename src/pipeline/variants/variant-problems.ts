/** @file What is wrong with a list of variants that the schema alone cannot find. */
import type { z } from "zod";
import { equalTextsFault } from "../../knowledge/filter-texts.ts";
import { asksModel } from "../../knowledge/providers.ts";
import { sideSettings } from "../../knowledge/settings.ts";
import { subjects } from "../../base/terms.ts";
import { cureFor, type Problem } from "../explain-issue.ts";
import { knowledgeOfVariant, type KnowledgeFault } from "./knowledge-of-variant.ts";
import {
  resolveVariants,
  sourcesByName,
  vectorsIdentity,
  type VariantBlocks,
} from "./resolve-variants.ts";
import {
  blockOf,
  isKnowledge,
  nameOf,
  reservedNames,
  type VariantSetting,
} from "./variant-setting.ts";
import { furtherEncoders, variantsByEncoder } from "./variants-by-encoder.ts";

/** Explains what is wrong with settings that were checked as those of a pipeline file. */
export type Explain = (issue: z.core.$ZodIssue, given: object) => readonly Problem[];

/** One problem for each fault, with the nearest known name where one is unknown. */
export function variantProblems(blocks: VariantBlocks, explain: Explain): readonly Problem[] {
  const added = variantsByEncoder(blocks.variants, blocks.encode).filter(
    (variant) => !blocks.variants.includes(variant),
  );
  const all = { ...blocks, variants: [...blocks.variants, ...added] };
  const problems = all.variants.flatMap((setting, place) =>
    problemsOf(setting, place, all, explain),
  );
  return problems.length > 0 ? problems : togetherProblems(all);
}

function problemsOf(
  setting: VariantSetting,
  place: number,
  blocks: VariantBlocks,
  explain: Explain,
): readonly Problem[] {
  const { variants, encode } = blocks;
  const problems: Problem[] = [];
  const at = ["train", "variants", String(place)];
  const add = (message: string, ...keys: readonly string[]): void => {
    const path = [...at, ...keys];
    problems.push({ path, message: `${path.join(".")}: ${message}` });
  };
  const names = variants.map(nameOf);
  const name = nameOf(setting);
  if (names.indexOf(name) < place) add(`"${name}" is listed twice`);
  if (typeof setting === "string") return problems;
  if (reservedNames.some((reserved) => reserved === name)) {
    add(`"${name}" is built in; choose another name, or list the name without a block`);
  }
  const { knowledge, encoder, permuted, random } = setting;
  const hasKnowledge = isKnowledge(setting);
  const kinds = [
    setting.items !== undefined || setting.users !== undefined,
    hasKnowledge,
    permuted !== undefined,
    random !== undefined,
  ];
  if (kinds.filter(Boolean).length !== 1) {
    add(
      `"${name}" needs one of knowledge or encode (or both), items or users (or both), permuted, and random`,
    );
    return problems;
  }
  if (encoder !== undefined && setting.encode !== undefined) {
    add("encoder names one of encode.encoder, and encode another; leave out one", "encoder");
  }
  const further = furtherEncoders(encode);
  if (encoder !== undefined && !further.includes(encoder)) {
    add(
      `encode.encoder has no further encoder "${encoder}"; ${cureFor(encoder, [], further)}`,
      "encoder",
    );
  }
  const sources = sourcesByName(variants);
  for (const key of ["permuted", "random"] as const) {
    const of = setting[key];
    if (of === undefined || sources.has(of)) continue;
    if (names.includes(of)) add(`"${of}" has no vectors of its own`, key);
    else add(`no variant "${of}"; ${cureFor(of, [], [...sources.keys()])}`, key);
  }
  if (!hasKnowledge) return problems;
  const found = knowledgeOfVariant(name, blocks);
  if (found.isOk) return problems;
  // What another variant's settings lack is said there.
  const isOwn = found.fault.kind !== "settings" || typeof knowledge === "object";
  return isOwn ? [...problems, ...faultProblems(found.fault, at, explain)] : problems;
}

function faultProblems(
  fault: KnowledgeFault,
  at: readonly string[],
  explain: Explain,
): readonly Problem[] {
  const path = [...at, "knowledge"];
  const where = path.join(".");
  switch (fault.kind) {
    case "unknown":
      return [
        {
          path,
          message: `${where}: no variant "${fault.name}" has knowledge; ${cureFor(fault.name, [], fault.known)}`,
        },
      ];
    case "circle":
      return [
        { path, message: `${where}: ${fault.names.join(" stands on ")}; name one that does not` },
      ];
    case "settings":
      return fault.issues
        .flatMap((issue) => profilerProblem(issue, fault.given) ?? explain(issue, fault.given))
        .map(({ path: inner, message }) => ({
          path: [...at, ...inner],
          message: message.replaceAll(/\bknowledge\./g, `${where}.`),
        }));
  }
}

/** Settings of a model for the built-in profiler; null for any other issue. */
function profilerProblem(issue: z.core.$ZodIssue, given: object): Problem | null {
  const role = issue.path.reduce<unknown>(
    (value, key) => (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key],
    given,
  );
  const isProfiler =
    issue.code === "unrecognized_keys" &&
    typeof role === "object" &&
    role !== null &&
    "provider" in role &&
    role.provider === "profiler";
  if (!isProfiler) return null;
  const path = ["knowledge", ...issue.path.map(String)];
  return {
    path,
    message: `${path.join(".")}: is played by the built-in profiler, which takes no ${issue.keys.join(" and ")}; name a provider as well, such as openai`,
  };
}

/** Of variants that are fine each on its own. */
function togetherProblems(blocks: VariantBlocks): readonly Problem[] {
  const { vectors } = resolveVariants(blocks);
  const listed = blocks.variants.map(nameOf);
  const problem = (name: string, message: string): readonly Problem[] => {
    const place = listed.indexOf(name);
    const path = ["train", "variants", ...(place < 0 ? [] : [String(place)])];
    return [{ path, message: `${path.join(".")}: ${message}` }];
  };
  return vectors.flatMap((own, place) => {
    const identity = vectorsIdentity(own);
    const twin = vectors.slice(0, place).find((other) => vectorsIdentity(other) === identity);
    if (twin !== undefined) {
      return problem(
        own.name,
        `"${own.name}" and "${twin.name}" are the same: the same texts by the same encoder; leave out one, or change a setting of knowledge or encode`,
      );
    }
    const { knowledge } = own.texts;
    const isProfiled = subjects.some((subject) => {
      const { strategy, actor } = sideSettings(knowledge, subject);
      return strategy === "kar" && !asksModel(actor);
    });
    if (isProfiled) {
      return problem(
        own.name,
        "kar asks for one chain of thought, and the built-in profiler is no language model; " +
          "name a chat model as knowledge.actor, or leave kar out",
      );
    }
    const equal = subjects.map((subject) => equalTextsFault(sideSettings(knowledge, subject)));
    return [...new Set(equal)].flatMap((fault) => {
      if (fault === null) return [];
      if (blockOf(blocks.variants, own.texts.name) !== undefined) return problem(own.name, fault);
      return [{ path: ["knowledge", "samples"], message: `knowledge.samples: ${fault}` }];
    });
  });
}
