import type { Manifest, ManifestRequest } from '../../domain/agents/manifest.ts';

/** PORT: makes manifests. */
export interface ManifestGenerator {
  /** Throws manifest_generation_failed when it never will for this request, TRY_AGAIN or RATE_LIMITED when it may later. */
  generate(request: ManifestRequest): Promise<Manifest>;
}

/** PORT: where agents find their manifests. */
export interface ManifestFolder {
  /** Writes the manifest of a session as a whole, and returns its absolute path. */
  write(sessionId: string, manifest: Manifest): Promise<string>;
  /** Removes it, if it is there. */
  remove(sessionId: string): Promise<void>;
}
