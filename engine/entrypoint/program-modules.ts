// What every evaluation of a program is given as `sluice`.

import { attachPreview, createApi } from '../api/create-api.ts';
import type { Modules } from '../program/evaluate.ts';

export const programModules: Modules = { createApi, preview: attachPreview };
