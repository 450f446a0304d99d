import { z } from "zod";

type Overrides<Shape extends z.core.$ZodShape> = {
  readonly [Key in keyof Shape]: z.ZodOptional<z.ZodType<z.output<Shape[Key]>>>;
};

/** What may override settings of a block: each is optional, and what is left out has no default. */
export function overridesOf<Shape extends z.core.$ZodShape>(
  shape: Shape,
): z.ZodObject<Overrides<Shape>, z.core.$strict> {
  const settings = Object.entries(shape).map(([key, setting]) => {
    const { description } = z.globalRegistry.get(setting) ?? {};
    const optional = z.optional(withoutDefault(setting));
    return [key, description === undefined ? optional : optional.describe(description)];
  });
  return z.strictObject(Object.fromEntries(settings) as Overrides<Shape>);
}

function withoutDefault(setting: z.core.$ZodType): z.core.$ZodType {
  return setting instanceof z.ZodDefault ||
    setting instanceof z.ZodPrefault ||
    setting instanceof z.ZodOptional
    ? withoutDefault(setting.unwrap())
    : setting;
}
