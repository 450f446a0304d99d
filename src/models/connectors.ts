import type { ConnectorWeights } from "./connectors/connector-weights.ts";
import { heaConnector } from "./connectors/hea-connector.ts";
import { mlpConnector } from "./connectors/mlp-connector.ts";
import { moeConnector } from "./connectors/moe-connector.ts";
import type { Connector } from "./model.ts";

/** Every connector by its name in a pipeline file, as a function of whether users and items share weights; `hea` shares some by design. */
export const connectors = {
  hea: () => heaConnector(),
  mlp: (weights) => mlpConnector({ weights }),
  moe: (weights) => moeConnector({ weights }),
} as const satisfies Record<string, (weights: ConnectorWeights) => Connector>;

export type ConnectorName = keyof typeof connectors;
