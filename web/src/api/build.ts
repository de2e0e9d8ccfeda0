/** The build that the gateway serves now; undefined while nobody answers, and where Vite serves the page. */
export async function servedBuild(): Promise<string | undefined> {
  try {
    const { headers } = await fetch('/', { method: 'HEAD', headers: { accept: 'text/html' }, cache: 'no-store' });
    return headers.get('x-build-id') ?? undefined;
  } catch {
    return undefined;
  }
}
