import { posix } from 'node:path';
import { type SimulatedDisk, SimulatedFile, SimulatedFolder, type SimulatedNode } from './simulated-disk.ts';

/** The names that a path is made of. */
export function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** What has this path, undefined when nothing does. */
export function findNode(disk: SimulatedDisk, path: string): SimulatedNode | undefined {
  let node: SimulatedNode | undefined = disk.root;
  for (const name of splitPath(path)) {
    node = node instanceof SimulatedFolder ? node.entries.get(name) : undefined;
  }
  return node;
}

/** What has this path. Throws ENOENT. */
export function requireNode(disk: SimulatedDisk, path: string): SimulatedNode {
  const node = findNode(disk, path);
  if (node === undefined) throw createSystemError('ENOENT', path);
  return node;
}

/** The folder in which the path is a name. Throws ENOENT. */
export function parentFolderOf(disk: SimulatedDisk, path: string): SimulatedFolder {
  return asFolder(requireNode(disk, posix.dirname(path)), path);
}

/** The node as a file. Throws EISDIR. */
export function asFile(node: SimulatedNode, path: string): SimulatedFile {
  if (node instanceof SimulatedFile) return node;
  throw createSystemError('EISDIR', path);
}

/** The node as a folder. Throws ENOTDIR. */
export function asFolder(node: SimulatedNode, path: string): SimulatedFolder {
  if (node instanceof SimulatedFolder) return node;
  throw createSystemError('ENOTDIR', path);
}

/** An error of the operating system. */
export function createSystemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}
