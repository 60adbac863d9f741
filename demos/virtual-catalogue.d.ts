/** Made by scripts/vite-catalogue.ts, as JSON: so without each setting's `check`. */
declare module 'virtual:catalogue' {
  type Catalogue = import('./app/catalogue.ts').Catalogue;
  type Details = import('./app/catalogue.ts').Details;
  export const cards: Readonly<Record<string, import('./app/catalogue.ts').MethodCard>>;
  export const datasets: Catalogue['datasets'];
  /** Each method's `virtual:catalogue/<id>`. */
  export const details: Readonly<Record<string, () => Promise<{ readonly default: Details }>>>;
}
