import { readdirSync } from "node:fs";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * The rooms of src/ and what each may import besides itself and base.
 * Domain rooms (dataset … inspect) never import one another: tables join them.
 */
const mayImport = {
  base: [],
  autodiff: [],
  onnx: ["autodiff"],
  optim: ["autodiff"],
  metrics: [],
  flow: [],
  hub: [],
  llm: [],
  models: ["autodiff"],
  page: [],
  tables: ["flow"],
  dataset: ["flow", "tables"],
  knowledge: ["flow", "tables", "llm"],
  encode: ["flow", "tables", "llm", "hub", "onnx", "optim"],
  train: ["flow", "tables", "autodiff", "models", "onnx", "optim", "metrics"],
  finetune: ["flow", "tables", "llm", "hub", "autodiff", "models", "onnx", "optim"],
  experiments: ["flow", "tables", "metrics"],
  report: ["flow", "tables", "page"],
  inspect: ["flow", "tables", "page"],
  pipeline: [
    "flow",
    "tables",
    "llm",
    "dataset",
    "knowledge",
    "encode",
    "train",
    "finetune",
    "experiments",
    "report",
  ],
  cli: [
    "flow",
    "tables",
    "dataset",
    "report",
    "inspect",
    "pipeline",
    "encode",
    "train",
    "finetune",
  ],
};

/**
 * The folders inside the rooms and what each may import of its siblings; a folder without a line may import none.
 * The files directly in a room stand outside this order: they are its common words and its front door. That no two
 * of them need each other is for `npm run circles`.
 */
const mayImportInside = {
  "cli/models": ["place", "progress"],
  "dataset/ingest": ["sources"],
  "dataset/split": ["audits"],
  "encode/cache": ["model"],
  "encode/encoders": ["cache", "folder", "hub", "model", "remote"],
  "encode/hub": ["folder"],
  "encode/model": ["folder", "text"],
  "encode/remote": ["cache", "folder", "model", "text"],
  "encode/text": ["folder"],
  "encode/vectors": ["model"],
  "finetune/adapter": ["decoder", "weights"],
  "finetune/base": ["decoder", "text", "weights"],
  "finetune/data": ["text"],
  "finetune/elsewhere": ["adapter", "base", "decoder", "export", "weights"],
  "finetune/loop": ["adapter", "base", "decoder", "text", "weights"],
  "finetune/export": ["text"],
  "finetune/fetch": ["base", "weights"],
  "finetune/text": ["weights"],
  "finetune/weights": ["decoder"],
  "flow/executors": ["store"],
  "inspect/profile": ["sql"],
  "inspect/shell": ["sql"],
  "knowledge/chat": ["answers", "contexts"],
  "knowledge/construct": ["answers", "chat", "contexts"],
  "knowledge/profiler": ["contexts"],
  "knowledge/strategies": ["answers"],
  "knowledge/tuned": ["chat", "construct", "contexts"],
  "llm/ask": ["cache"],
  "llm/batch": ["cache", "openai"],
  "llm/embeddings": ["ask", "cache", "openai"],
  "llm/openai": ["ask"],
  "models/backbones": ["layers"],
  "models/connectors": ["layers"],
  "onnx/emit": ["format"],
  "onnx/quantize": ["format"],
  "onnx/session": ["emit"],
  "pipeline/plan": ["elsewhere", "executor", "variants"],
  "report/compare": ["collect", "figures", "latex", "wording"],
  "report/figures": ["wording"],
  "report/latex": ["wording"],
  "report/paper": ["figures", "wording"],
  "report/sections": ["figures", "wording"],
  "tables/files": ["schemas"],
  "train/data": ["engine"],
  "train/engine": ["data", "tfjs"],
  "train/export": ["data", "engine", "loop"],
  "train/loop": ["data", "engine", "export"],
  "train/score": ["data", "engine", "export"],
  "train/tfjs": ["engine"],
};

const foldersOf = (folder) =>
  readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** How deep files lie in src/ at most: room/folder/a/b/c/file.ts. */
const deepest = 5;

/** Imports of a room that lead to another room which is not below it. */
function leavesRoom(room, depth) {
  const allowed = [room, "base", ...mayImport[room]];
  return {
    regex: `^(\\.\\./){${depth}}(?!\\.\\.|(${allowed.join("|")})/)`,
    message: `src/${room} may import only ${allowed.slice(1).join(", ")}.`,
  };
}

/** Imports of a folder in a room that lead to a sibling which is not below it; none where the folder has no siblings. */
function leavesFolder(room, folder, depth) {
  const allowed = mayImportInside[`${room}/${folder}`] ?? [];
  const refused = foldersOf(`src/${room}`).filter(
    (name) => name !== folder && !allowed.includes(name),
  );
  return refused.map((name) => ({
    regex: `^(\\.\\./){${depth - 1}}${name}/`,
    message: `src/${room}/${folder} may import only ${allowed.join(", ") || "none"} of the folders beside it.`,
  }));
}

/** @returns A rule for the import statements and one for `import()`, which the former does not look at */
function refuse(patterns) {
  return {
    "no-restricted-imports": ["error", { patterns }],
    "no-restricted-syntax": [
      "error",
      ...patterns.map(({ regex, message }) => ({
        selector: `ImportExpression > Literal[value=/${regex.replaceAll("/", "\\u002F")}/]`,
        message,
      })),
    ],
  };
}

/** An import that leaves a folder starts with one `../` for each level that the file lies below it. */
const layers = Object.keys(mayImport).flatMap((room) => {
  const depths = Array.from({ length: deepest }, (_, index) => index + 1);
  return depths.flatMap((depth) => {
    const inRoom = {
      files: [`src/${room}/${"*/".repeat(depth - 1)}*.ts`],
      rules: refuse([leavesRoom(room, depth)]),
    };
    if (depth === 1) return [inRoom];
    const inFolders = foldersOf(`src/${room}`).map((folder) => ({
      files: [`src/${room}/${folder}/${"*/".repeat(depth - 2)}*.ts`],
      rules: refuse([leavesRoom(room, depth), ...leavesFolder(room, folder, depth)]),
    }));
    return [inRoom, ...inFolders];
  });
});

export default defineConfig(
  {
    ignores: [
      "dist/",
      "runs/",
      "coverage/",
      "node_modules/",
      "test/golden/*.mjs",
      "data/*.mjs",
      "test/fixtures/**/*.mjs",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/cli/**"],
    rules: {
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        { object: "process", property: "exit", message: "Only src/cli ends the process." },
        { object: "process", property: "env", message: "Only src/cli reads the environment." },
      ],
    },
  },
  ...layers,
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
