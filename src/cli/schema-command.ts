import { pipelineJsonSchema } from "../pipeline/load-pipeline.ts";

export function schemaCommand(): void {
  process.stdout.write(`${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
}
