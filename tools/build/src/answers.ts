/**
 * Whether the process in this container answers: a health check for where nobody else asks, in an image without a shell. Run
 * as it is, by the image's own Node.
 */
const answer = await fetch(`http://127.0.0.1:${process.env['ADMIN_PORT'] ?? ''}/livez`).catch(() => undefined);
process.exitCode = answer?.ok === true ? 0 : 1;
