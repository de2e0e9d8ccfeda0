import { useEffect, useState } from 'react';

/** In development no letter leaves the machine, and whoever waits for one waits for ever. Elsewhere there is no mailbox, and no word of it. */
export function DevelopmentMailbox({ to }: { to: string }) {
  const [isThere, setThere] = useState(false);
  const path = `/auth/mailbox?to=${encodeURIComponent(to)}`;
  useEffect(() => {
    const asked = new AbortController();
    fetch(path, { headers: { accept: 'application/json' }, signal: asked.signal }).then(
      ({ ok }) => setThere(ok),
      () => undefined,
    );
    return () => asked.abort();
  }, [path]);
  if (!isThere) return null;
  return (
    <p>
      This system sends no mail. <a href={path}>The letter is here</a>.
    </p>
  );
}
