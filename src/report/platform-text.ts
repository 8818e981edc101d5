import type { Platform } from '../model/image.js';
import { visible } from './escape.js';

/** `linux/arm/v7`, `windows/amd64:10.0.20348.2582`. */
export function platformText({ os, architecture, variant, osVersion }: Platform): string {
  const words = [os, architecture, variant].filter((word) => word !== null && word !== '').join('/');
  return visible(osVersion === null ? words : `${words}:${osVersion}`) || 'platform not stated';
}
