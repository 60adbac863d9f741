import { byol } from './byol.ts';
import { deepcluster } from './deepcluster.ts';
import { gnm } from './gnm.ts';
import { localContrastive } from './local-contrastive.ts';
import type { Method } from './method.ts';
import { notears } from './notears.ts';
import { psa } from './psa.ts';
import { realnvp } from './realnvp.ts';
import { relational } from './relational.ts';
import { simclr } from './simclr.ts';
import { slotAttention } from './slot-attention.ts';
import { slotPrediction } from './slot-prediction.ts';
import { snf } from './snf.ts';
import { survae } from './survae.ts';
import { tre } from './tre.ts';
import { treImages } from './tre-images.ts';
import { vae } from './vae.ts';
import { wmi } from './wmi.ts';

/** Every method of the lab, under its id. */
export const methods = {
  simclr,
  byol,
  relational,
  vae,
  realnvp,
  survae,
  deepcluster,
  tre,
  'tre-images': treImages,
  snf,
  notears,
  psa,
  wmi,
  'slot-attention': slotAttention,
  'slot-prediction': slotPrediction,
  'local-contrastive': localContrastive,
  gnm,
} satisfies Record<string, Method>;
