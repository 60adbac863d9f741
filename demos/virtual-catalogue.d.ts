/** Made by scripts/vite-catalogue.ts: the catalogue as JSON, so without each setting's `check`. */
declare module 'virtual:catalogue' {
  const packed: import('./app/catalogue.ts').Catalogue;
  export default packed;
}
