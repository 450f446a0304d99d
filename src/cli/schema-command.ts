import { pipelineJsonSchema } from "../pipeline/json-schema.ts";

export function schemaCommand(): void {
  process.stdout.write(`${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
}
