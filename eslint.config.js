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
  llm: [],
  models: ["autodiff"],
  page: [],
  tables: ["flow"],
  dataset: ["flow", "tables"],
  knowledge: ["flow", "tables", "llm"],
  encode: ["flow", "tables", "llm", "onnx"],
  train: ["flow", "tables", "autodiff", "models", "onnx", "optim", "metrics"],
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
    "experiments",
    "report",
  ],
  cli: ["flow", "tables", "dataset", "report", "inspect", "pipeline", "encode", "train"],
};

/** What leaves a room starts with one `../` for each folder that the file lies deep in it. */
const layers = Object.entries(mayImport).flatMap(([room, allowed]) =>
  [
    { files: [`src/${room}/*.ts`], up: "\\.\\./" },
    { files: [`src/${room}/*/*.ts`], up: "(\\.\\./){2}" },
    { files: [`src/${room}/*/*/*.ts`], up: "(\\.\\./){3}" },
    { files: [`src/${room}/*/*/*/*.ts`], up: "(\\.\\./){4}" },
  ].map(({ files, up }) => ({
    files,
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: `^${up}(?!\\.\\./|${[room, "base", ...allowed].map((name) => `${name}/`).join("|")})`,
              message: `src/${room} may import only ${["base", ...allowed].join(", ")}.`,
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
