import { dataFiles } from "./export-format.ts";

/** A program for Node 20 without packages: uploads the rows, creates the job of `job.json`, and prints its id. */
export const openaiStart = `// Uploads the rows and starts the fine-tuning that job.json describes.
// Needs OPENAI_API_KEY. OPENAI_BASE_URL names another service (default: https://api.openai.com/v1).
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";

const base = (process.env.OPENAI_BASE_URL ?? "https://api.openai.com/v1").replace(/\\/$/, "");
const key = process.env.OPENAI_API_KEY;
if (!key) {
  console.error("Set OPENAI_API_KEY to the key of the service.");
  process.exit(1);
}

async function post(path, init) {
  const response = await fetch(base + path, {
    method: "POST",
    ...init,
    headers: { authorization: "Bearer " + key, ...init.headers },
  });
  const text = await response.text();
  if (!response.ok) {
    console.error(path + ": the service answered " + response.status + ": " + text);
    process.exit(1);
  }
  return JSON.parse(text);
}

async function upload(path) {
  const form = new FormData();
  form.append("purpose", "fine-tune");
  form.append("file", new Blob([readFileSync(path)]), basename(path));
  const { id } = await post("/files", { body: form });
  console.log(path + " is " + id);
  return id;
}

process.chdir(import.meta.dirname ?? ".");
const job = JSON.parse(readFileSync("job.json", "utf8"));
job.training_file = await upload("${dataFiles.train}");
if (existsSync("${dataFiles.valid}")) job.validation_file = await upload("${dataFiles.valid}");
const started = await post("/fine_tuning/jobs", {
  body: JSON.stringify(job),
  headers: { "content-type": "application/json" },
});
console.log("job " + started.id + ", " + started.status + ": its state is at " + base + "/fine_tuning/jobs/" + started.id);
`;
