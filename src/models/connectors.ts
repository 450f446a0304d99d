import { heaConnector } from "./connectors/hea-connector.ts";
import { mlpConnector } from "./connectors/mlp-connector.ts";
import { moeConnector } from "./connectors/moe-connector.ts";
import type { Connector } from "./model.ts";

/** Every connector by its name in a pipeline file. */
export const connectors = {
  hea: () => heaConnector(),
  mlp: () => mlpConnector(),
  moe: () => moeConnector(),
} as const satisfies Record<string, () => Connector>;

export type ConnectorName = keyof typeof connectors;
