import type { FaultKind } from "../../base/retry-policy.ts";

/** Why a prompt has no usable answer. */
export class NoAnswer extends Error {
  override readonly name: string = "NoAnswer";
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
