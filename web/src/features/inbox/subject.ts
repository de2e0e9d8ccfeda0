/** Where the thing is that a letter is about; undefined where there is no page for it. */
export function subjectPath(ref: string | null): string | undefined {
  const [kind, id] = (ref ?? '').split('/');
  if (kind === undefined || id === undefined || id === '') return undefined;
  const paths: Record<string, string> = {
    order: '/orders',
    funding: '/funding',
    transfer: '/funding',
    account: '/funding',
    session: '/settings/security',
    api_key: '/settings/keys',
    instrument: `/trade/${encodeURIComponent(id)}`,
  };
  return paths[kind];
}
