import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { commandLine } from '@andvari/servers/running';

/** Who listens on a port, in words, as far as this user may know (Linux only); otherwise "another program". */
export function portHolder(port: number): string {
  try {
    const inode = listeningInode(port);
    const pid = inode === undefined ? undefined : ownerOfSocket(inode);
    if (pid !== undefined) return `pid ${pid} (${(commandLine(pid) ?? 'gone').slice(0, 100)})`;
  } catch {
    // Not Linux, or hidden from us.
  }
  return 'another program';
}

function listeningInode(port: number): string | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const listening = fields[3] === '0A';
      if (listening && fields[1]?.endsWith(`:${hex}`)) return fields[9];
    }
  }
  return undefined;
}

function ownerOfSocket(inode: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const fds = readdirSync(`/proc/${pid}/fd`);
      if (fds.some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`)) return Number(pid);
    } catch {
      // Another user's process, or one that ended while we looked.
    }
  }
  return undefined;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
