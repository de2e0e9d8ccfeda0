export interface Subject {
  to: string;
  search?: Record<string, string>;
}

/** Where the thing is that a letter is about; undefined where there is no page for it. */
export function subjectOf(ref: string | null): Subject | undefined {
  const [kind, id] = (ref ?? '').split('/');
  if (kind === undefined || id === undefined || id === '') return undefined;
  const subjects: Record<string, Subject> = {
    order: { to: '/orders', search: { order: id } },
    funding: { to: '/funding' },
    transfer: { to: '/funding' },
    account: { to: '/funding' },
    session: { to: '/settings/security' },
    api_key: { to: '/settings/keys' },
    user: { to: '/welcome' },
    instrument: { to: `/trade/${encodeURIComponent(id)}` },
  };
  return subjects[kind];
}
