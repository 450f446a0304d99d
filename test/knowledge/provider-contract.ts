import { describe, expect, test } from "vitest";
import type { Actor, Provider, Reflector } from "../../src/knowledge/roles.ts";
import { recordingAsk } from "./chat/scripted-client.ts";
import { randomItemContext, randomUser } from "./contexts/make-contexts.ts";

/** What every provider of the two roles must do, whoever it is. */
export function testProvider(name: string, open: () => Promise<Provider> | Provider): void {
  describe(`provider ${name}`, () => {
    test("wants at least one question open", async () => {
      expect((await open()).inFlight).toBeGreaterThanOrEqual(1);
    });

    describe.each(["user", "item"] as const)("about a %s", (subject) => {
      test("writes a text, judges it and refines it, and says each time who did", async () => {
        await (subject === "user"
          ? checkRoles(randomUser(7), await rolesOf(open, "user"))
          : checkRoles(randomItemContext(7), await rolesOf(open, "item")));
      });
    });
  });
}

async function rolesOf<S extends "user" | "item">(
  open: () => Promise<Provider> | Provider,
  subject: S,
) {
  const { actors, reflectors } = await open();
  return { actor: actors[subject], reflector: reflectors[subject] };
}

async function checkRoles<C>(
  context: C,
  { actor, reflector }: { readonly actor: Actor<C>; readonly reflector: Reflector<C> },
): Promise<void> {
  const { ask } = recordingAsk();
  const first = await actor.reason(context, ask);
  expect(first).toMatchObject({ provider: actor.origin.provider, model: actor.origin.model });
  expect(first.text).toMatch(/\S/);
  const judged = await reflector.reflect(context, first.text, ask);
  expect(judged).toMatchObject(reflector.origin);
  if (judged.judgement === "reasonable") expect(judged.reflection).toBeNull();
  else expect(judged.reflection).toMatch(/\S/);
  const refined = await actor.refine(context, first.text, judged.reflection ?? "Too vague.", ask);
  expect(refined).toMatchObject({ provider: actor.origin.provider, model: actor.origin.model });
  expect(refined.text).toMatch(/\S/);
  expect(await actor.reason(context, ask)).toEqual(first);
}
