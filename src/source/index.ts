import type { ImageSource } from '../model/load.js';
import { loadArchive } from './archive.js';
import { loadLayout } from './directory.js';
import { loadFile } from './file.js';
import { statOf } from './file-view.js';
import { loadDirectory } from './rootfs.js';

/** Every source, in the order in which help lists them. */
export const sources: readonly ImageSource[] = [
  {
    transport: 'docker-archive',
    load: (path, reference, options) =>
      statOf(path).isDirectory()
        ? loadLayout(path, reference, options, 'docker-archive')
        : loadArchive(path, reference, options, 'docker-archive'),
  },
  { transport: 'oci', load: (path, reference, options) => loadLayout(path, reference, options, 'oci') },
  {
    transport: 'oci-archive',
    load: (path, reference, options) => loadArchive(path, reference, options, 'oci-archive'),
  },
  { transport: 'dir', load: (path, reference, options) => loadLayout(path, reference, options, 'dir') },
  {
    transport: 'rootfs',
    load: (path, reference, options) =>
      statOf(path).isDirectory()
        ? loadDirectory(path, reference, options)
        : loadArchive(path, reference, options, 'rootfs'),
  },
  { transport: 'file', load: loadFile },
];
