import type { FactorProof } from '@andvari/proto/auth/v1/auth';

/** What somebody shows of a second factor: exactly one of the two, or it is none. */
export function factorProof(given: {
  code?: string | null | undefined;
  recoveryCode?: string | null | undefined;
}): FactorProof | undefined {
  const code = given.code ?? undefined;
  const recoveryCode = given.recoveryCode ?? undefined;
  if (code !== undefined && recoveryCode === undefined) return { proof: { $case: 'code', value: code } };
  if (recoveryCode !== undefined && code === undefined)
    return { proof: { $case: 'recoveryCode', value: recoveryCode } };
  return undefined;
}
