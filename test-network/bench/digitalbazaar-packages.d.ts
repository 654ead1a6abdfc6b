/** Types of what `digitalbazaar.ts` takes from packages that come without any. */

declare module '@digitalbazaar/vc' {
  export function verifyCredential(options: {
    readonly credential: object
    readonly suite: object
    readonly documentLoader: (url: string) => Promise<object>
    readonly checkStatus: () => Promise<{ readonly verified: boolean }>
  }): Promise<{ readonly verified: boolean; readonly error?: { readonly message?: string; readonly errors?: readonly Error[] } }>
}

declare module '@digitalbazaar/data-integrity' {
  export const DataIntegrityProof: new (options: { readonly cryptosuite: object }) => object
}

declare module '@digitalbazaar/eddsa-rdfc-2022-cryptosuite' {
  export const cryptosuite: object
}

declare module '@digitalbazaar/ed25519-multikey' {
  export function from(key: object): Promise<{ export(options: { readonly publicKey: true; readonly includeContext: true }): Promise<object> }>
}
