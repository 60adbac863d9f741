import { createContext } from 'react';
import type { Embedding } from './embedding.ts';

/** The pictures over training time of the run that a page shows. */
export const EmbeddingContext = createContext<Embedding | null>(null);
