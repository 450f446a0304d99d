/** @file Strategy filter is about several texts of one subject: they must differ. */
import { asksModel, type RoleSettings } from "./providers.ts";

/** The temperature of an actor that writes several texts, where its settings name none. */
const filterTemperature = 0.7;

/** What decides the first texts about users or items. */
interface Side {
  readonly strategy: string;
  readonly samples: number;
  readonly actor: RoleSettings;
}

/** The actor; one that writes several texts, and whose temperature nobody set, with a temperature at which they differ. */
export function withOwnTemperature({ strategy, samples, actor }: Side): RoleSettings {
  if (strategy !== "filter" || samples === 1 || !asksModel(actor)) return actor;
  const { sampling } = actor;
  return {
    ...actor,
    sampling: { ...sampling, temperature: sampling.temperature ?? filterTemperature },
  };
}

/** Why the texts that filter asks for would all be the same, and the cure; null where they may differ. */
export function equalTextsFault({ strategy, samples, actor }: Side): string | null {
  if (strategy !== "filter" || samples === 1) return null;
  const many = `strategy filter keeps the reasonable ones of ${samples} texts`;
  const fewer = "set knowledge.samples to 1, or choose another strategy";
  if (!asksModel(actor)) {
    return `${many}, and the built-in profiler always writes the same one; name a chat model as knowledge.actor, ${fewer}`;
  }
  const { temperature, extra } = actor.sampling;
  // What a server is sent in `extra` comes before our own field; null is left out, and the server has its own default.
  const sent = "temperature" in extra ? extra["temperature"] : temperature;
  if (sent !== 0) return null;
  return (
    `${many}, and at temperature 0 they are all the same; leave the actor's sampling.temperature out (then it is ${filterTemperature}) ` +
    `or raise it, ${fewer}`
  );
}
