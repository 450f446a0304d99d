/** @file The kinds of encoders, and what `encode.encoder` names. */
import { FlowError } from "../../base/errors.ts";
import type { EncodeSettings } from "../encoder-settings.ts";
import type { Encoder } from "../model/encoder.ts";
import { bundledKind } from "./bundled-kind.ts";
import type { EncoderKind, EncoderPlace } from "../encoder-kind.ts";
import { folderKind } from "./folder-kind.ts";
import { openaiKind } from "./openai-kind.ts";
import { presetKind } from "./preset-kind.ts";

/** Every kind, in the order in which names are read: the first that knows a name counts. */
export const encoderKinds = {
  bundled: bundledKind,
  preset: presetKind,
  openai: openaiKind,
  folder: folderKind,
} as const;

type Kind = keyof typeof encoderKinds;
type SpecByKind = {
  readonly [K in Kind]: NonNullable<ReturnType<(typeof encoderKinds)[K]["parse"]>>;
};
type SpecOf<K extends Kind> = { readonly [P in K]: SpecByKind[P] & { kind: P } }[K];

/** What `encode.encoder` names. */
export type EncoderSpec = SpecByKind[Kind];

const byKind: { readonly [K in Kind]: EncoderKind<SpecOf<K>> } = encoderKinds;

/**
 * Reads an encoder's name.
 *
 * @throws FlowError `CONFIG_INVALID` saying what an encoder may be
 */
export function encoderSpec(name: string): EncoderSpec {
  const kinds = Object.values(encoderKinds);
  for (const { parse } of kinds) {
    const spec = parse(name);
    if (spec !== null) return spec;
  }
  const names = kinds.map((kind) => kind.names);
  const ways = `${names.slice(0, -1).join(", ")}, or ${names.at(-1) ?? ""}`;
  throw new FlowError("CONFIG_INVALID", `there is no encoder "${name}"; expected ${ways}`);
}

/** What tells an encoder from others in the names of variants: `bert-base`, a folder's or a model's name. */
export function encoderLabel(name: string): string {
  return labelOf(encoderSpec(name));
}

/** Threads of a task that encodes; see {@link EncoderKind.threads}. */
export function encoderThreads(name: string): EncoderKind<EncoderSpec>["threads"] {
  return encoderKinds[encoderSpec(name).kind].threads;
}

/** Hash of the encoder that the settings name; see {@link EncoderKind.identity}. */
export async function encoderIdentity(settings: EncodeSettings): Promise<string | null> {
  return identityOf(encoderSpec(settings.encoder), settings);
}

/** Numbers of the vectors of the encoder that the settings name; see {@link EncoderKind.width}. */
export async function encoderWidth(settings: EncodeSettings): Promise<number | null> {
  return widthOf(encoderSpec(settings.encoder), settings);
}

/** Opens the encoder that the settings name; see {@link EncoderKind.open}. */
export async function openNamedEncoder(
  settings: EncodeSettings,
  place: EncoderPlace,
): Promise<Encoder> {
  return openSpec(encoderSpec(settings.encoder), settings, place);
}

function labelOf<K extends Kind>(spec: SpecOf<K>): string {
  return byKind[spec.kind].label(spec);
}

function identityOf<K extends Kind>(
  spec: SpecOf<K>,
  settings: EncodeSettings,
): Promise<string | null> {
  return byKind[spec.kind].identity(spec, settings);
}

function widthOf<K extends Kind>(
  spec: SpecOf<K>,
  settings: EncodeSettings,
): Promise<number | null> {
  return byKind[spec.kind].width(spec, settings);
}

function openSpec<K extends Kind>(
  spec: SpecOf<K>,
  settings: EncodeSettings,
  place: EncoderPlace,
): Promise<Encoder> {
  return byKind[spec.kind].open(spec, settings, place);
}
