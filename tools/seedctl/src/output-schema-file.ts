import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const schemaFile = fileURLToPath(new URL('../output.schema.json', import.meta.url));

const kept = z.object({
  version: z.number(),
  $defs: z
    .record(
      z.string(),
      z.object({
        anyOf: z.array(
          z.object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()).default([]) }),
        ),
      }),
    )
    .default({}),
});
type Described = z.infer<typeof kept>;
type Line = Described['$defs'][string]['anyOf'][number];

/** What one version promised and another of the same number does not: lines, fields, and fields that are of another kind. */
export function lostFields(before: unknown, now: unknown): string[] {
  const [old, young] = [kept.parse(before), kept.parse(now)];
  if (old.version !== young.version) return [];
  return Object.entries(old.$defs).flatMap(([command, { anyOf }]) => {
    const lines = young.$defs[command]?.anyOf ?? [];
    return anyOf.flatMap((line, at) => missing(line, lines[at]).map((field) => `${command}: ${field}`));
  });
}

function missing(old: Line, young: Line | undefined): string[] {
  if (young === undefined) return [`the line of ${Object.keys(old.properties).join(', ')}`];
  return Object.entries(old.properties).flatMap(([field, kind]) => {
    if (JSON.stringify(young.properties[field]) !== JSON.stringify(kind)) return [field];
    return old.required.includes(field) && !young.required.includes(field) ? [`${field}, which was always there`] : [];
  });
}
