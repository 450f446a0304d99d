import type { ChatRun, Closable } from "./chat-provider.ts";

/** Things that are opened once per key and closed together. */
export function sharedThings(): {
  readonly open: ChatRun["sharedUntilClose"];
  readonly close: () => Promise<void>;
} {
  const opened = new Map<string, Promise<Closable>>();
  return {
    open: async (key, open) => {
      const known = opened.get(key);
      // Each key belongs to one kind of thing: its name is part of it.
      if (known !== undefined) return known as ReturnType<typeof open>;
      const thing = open();
      opened.set(key, thing);
      return thing;
    },
    close: async () => {
      for (const thing of opened.values()) {
        await (await thing.catch(() => null))?.close(); // who asked has received the error
      }
    },
  };
}
