import { pipelineJsonSchema } from "../pipeline/json-schema.ts";
import { printJson } from "./terminal.ts";

export function schemaCommand(): void {
  printJson(pipelineJsonSchema());
}
