/** A generation as it is stored, for those who may not know the models. */
export type { GenerationDocument as Generation } from '../../models/generation.ts';
