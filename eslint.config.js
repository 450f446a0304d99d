import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * The rooms of src/ and what each may import besides itself and `errors.ts`.
 * Domain rooms (dataset … inspect) never import one another: tables join them.
 */
const mayImport = {
  onnx: [],
  flow: [],
  llm: [],
  models: [],
  page: [],
  tables: ["flow"],
  dataset: ["flow", "tables"],
  knowledge: ["flow", "tables", "llm"],
  encode: ["flow", "tables", "llm", "onnx"],
  train: ["flow", "tables", "models", "onnx"],
  report: ["flow", "tables", "page"],
  inspect: ["flow", "tables", "page"],
  pipeline: ["flow", "tables", "llm", "dataset", "knowledge", "encode", "train", "report"],
  cli: ["flow", "tables", "dataset", "report", "inspect", "pipeline", "encode", "train"],
};

/** Rooms may have one level of folders inside; what leaves the room starts with one `../` more there. */
const layers = Object.entries(mayImport).flatMap(([room, allowed]) =>
  [
    { files: [`src/${room}/*.ts`], up: "\\.\\./" },
    { files: [`src/${room}/*/*.ts`], up: "\\.\\./\\.\\./" },
  ].map(({ files, up }) => ({
    files,
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: `^${up}(?!errors\\.ts$|${[room, ...allowed].map((name) => `${name}/`).join("|")})`,
              message: `src/${room} may import only ${[...allowed, "errors.ts"].join(", ")}.`,
            },
          ],
        },
      ],
    },
  })),
);

export default defineConfig(
  { ignores: ["dist/", "runs/", "coverage/", "node_modules/", "test/golden/*.mjs", "data/*.mjs"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js"] },
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
);
