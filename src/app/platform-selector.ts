import { XosError } from '../model/error.js';
import type { PlatformSelector } from '../model/load.js';

/** `os/arch[/variant][:osversion]` (containerd's platform format). */
export function parsePlatform(text: string): PlatformSelector {
  const match = /^([a-z0-9_]+)\/([a-z0-9_]+)(?:\/([a-z0-9_.]+))?(?::([0-9.]+))?$/i.exec(text);
  const [, os, architecture, variant, osVersion] = match ?? [];
  if (os === undefined || architecture === undefined) {
    throw new XosError(
      'XOS_USAGE',
      `\`${text}\` is not a platform: os/architecture[/variant][:osversion] was expected.`,
      {
        suggestions: [
          'For example: --platform linux/arm64, --platform linux/arm/v7, --platform windows/amd64:10.0.20348',
        ],
      },
    );
  }
  return { os, architecture, variant: variant ?? null, osVersion: osVersion ?? null };
}
